import { describe, expect, it } from 'vitest';
import type { Completion } from '#core/completion.ts';
import type { ExampleResult } from '#core/evaluation.ts';
import type { CallKey } from '#core/id.ts';
import { answerProbabilities, readOnce } from '#state/probabilities.ts';

const usage = { inputTokens: 1, outputTokens: 1 };
const answered = (call: string, outcome: 'right' | 'wrong' | 'refused', nats: number): ExampleResult => ({
  ...{ type: 'answered', outcome, answer: '', crossEntropy: { type: 'scored', value: nats, bound: 'exact' }, usage },
  ...{ latencyMs: 1, attempts: 1, call: call as CallKey },
});
const came = (probability: number): Completion => ({
  ...{ text: 'yes', finishReason: 'stop', usage, latencyMs: 1 },
  tokens: [{ token: 'yes', logprob: Math.log(probability), alternatives: [] }],
});
const results = [
  answered('a', 'right', Math.log(2)),
  answered('b', 'wrong', Math.log(4)),
  answered('c', 'refused', 1),
  { type: 'failed', code: 'row-too-long', message: '', attempts: 1 } as const,
];

describe('the probabilities of the answers to a prompt', () => {
  it('are those of the answers that were given, as far as they are kept here', async () => {
    const kept = new Map([['a', came(0.75)]]);
    const found = await answerProbabilities(results, (call) => Promise.resolve(kept.get(call)));
    expect(found).toMatchObject({ of: 'given', unknown: 1 });
    expect(found.answers).toHaveLength(1);
    expect(found.answers[0]?.right).toBe(true);
    expect(found.answers[0]?.probability).toBeCloseTo(0.75, 9);
  });

  it('are those of the right answers where none is kept: the two kinds are never mixed', async () => {
    const found = await answerProbabilities(results, () => Promise.resolve(undefined));
    expect(found).toMatchObject({ of: 'right', unknown: 0 });
    expect(found.answers.map(({ right }) => right)).toEqual([true, false]);
    expect(found.answers[1]?.probability).toBeCloseTo(0.25, 9);
  });
});

it('an answer is read once, and again only where that failed', async () => {
  const asked: string[] = [];
  const read = readOnce((call) => {
    asked.push(call);
    return asked.length === 1 ? Promise.reject(new Error('The disk is busy')) : Promise.resolve(came(0.5));
  });
  const call = 'a' as CallKey;
  await expect(read(call)).rejects.toThrow('busy');
  await Promise.all([read(call), read(call)]);
  await read(call);
  expect(asked).toEqual(['a', 'a']);
});
