import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import type { ExampleResult } from '#core/evaluation.ts';
import { givenProbability, reliabilityOf, rightAnswerProbabilities } from '#core/reliability.ts';

describe('the reliability of probabilities', () => {
  it('has a bin for each tenth that holds answers, with the share that is right', () => {
    const found = reliabilityOf([
      { probability: 0.95, right: true },
      { probability: 0.91, right: true },
      { probability: 1, right: false },
      { probability: 0.3, right: false },
      { probability: 0, right: false },
    ]);
    expect(found?.n).toBe(5);
    expect(found?.bins.map(({ from, n, right }) => [from, n, right])).toEqual([
      [0, 1, 0],
      [0.3, 1, 0],
      [0.9, 3, 2],
    ]);
    expect(found?.bins[2]?.probability).toBeCloseTo((0.95 + 0.91 + 1) / 3, 12);
    expect(found?.bins[2]?.share.value).toBeCloseTo(2 / 3, 12);
    // (0 + 0.3 + 3 · |2/3 − 0.9533|) / 5
    expect(found?.calibrationError).toBeCloseTo((0.3 + (3 * (0.95 + 0.91 + 1 - 2)) / 3) / 5, 9);
  });

  it('is unknown of nothing', () => {
    expect(reliabilityOf([])).toBeUndefined();
  });

  it('is near zero for a model that is right as often as it is sure, and large for one that is always sure', () => {
    const random = createRandom('calibration');
    const honest = Array.from({ length: 4000 }, () => {
      const probability = random.next();
      return { probability, right: random.next() < probability };
    });
    const boastful = honest.map(({ right }) => ({ probability: 0.99, right }));
    expect(reliabilityOf(honest)?.calibrationError).toBeLessThan(0.03);
    expect(reliabilityOf(boastful)?.calibrationError).toBeGreaterThan(0.4);
    const bins = reliabilityOf(honest)?.bins ?? [];
    expect(
      bins.filter(({ share, probability }) => share.lo <= probability && probability <= share.hi).length,
    ).toBeGreaterThan(7);
  });

  it('does not mind the order, and loses no answer', () => {
    const random = createRandom('order');
    for (let i = 0; i < 30; i++) {
      const answers = Array.from({ length: 50 }, () => ({ probability: random.next(), right: random.next() < 0.5 }));
      const found = reliabilityOf(answers);
      expect(found?.bins.reduce((sum, { n }) => sum + n, 0)).toBe(50);
      expect(reliabilityOf(random.shuffle(answers))?.calibrationError).toBeCloseTo(found?.calibrationError ?? -1, 12);
      for (const { from, to, probability } of found?.bins ?? [])
        expect(probability >= from - 1e-12 && probability <= to + 1e-12).toBe(true);
    }
  });
});

const token = (text: string, probability: number) => ({
  token: text,
  logprob: Math.log(probability),
  alternatives: [],
});

describe('the probability of the answer that was given', () => {
  it('is that of the first token that carries an answer', () => {
    expect(
      givenProbability({ text: ' **yes**', tokens: [token(' **', 0.9), token('yes', 0.4), token('**', 1)] }),
    ).toBeCloseTo(0.4, 9);
  });

  it('is looked for where the answer is read', () => {
    const tokens = [token('I', 0.5), token(' think. Answer:', 0.6), token(' no', 0.7)];
    const completion = { text: 'I think. Answer: no', tokens };
    expect(givenProbability(completion, { type: 'after', mark: 'Answer:' })).toBeCloseTo(0.7, 9);
  });

  it('is unknown without log-probabilities, without an answer, and for odd numbers', () => {
    expect(givenProbability({ text: 'yes' })).toBeUndefined();
    expect(givenProbability({ text: '?', tokens: [token('?', 1)] })).toBeUndefined();
    expect(givenProbability({ text: 'yes', tokens: [{ ...token('yes', 1), logprob: -Infinity }] })).toBeUndefined();
  });
});

it('the probabilities of right answers are those that are known exactly', () => {
  const answered = (
    outcome: 'right' | 'wrong' | 'unparsable',
    bound: 'exact' | 'at-least' | 'estimated',
  ): ExampleResult => ({
    ...{ type: 'answered', outcome, answer: '', crossEntropy: { type: 'scored', value: Math.log(4), bound } },
    ...{ usage: { inputTokens: 1, outputTokens: 1 }, latencyMs: 1, attempts: 1, call: 'c' as never },
  });
  const found = rightAnswerProbabilities([
    answered('right', 'exact'),
    answered('wrong', 'exact'),
    answered('wrong', 'at-least'),
    answered('right', 'estimated'),
    answered('unparsable', 'exact'),
    { type: 'failed', code: 'row-too-long', message: '', attempts: 1 },
  ]);
  expect(found.map(({ right }) => right)).toEqual([true, false]);
  for (const { probability } of found) expect(probability).toBeCloseTo(0.25, 12);
});
