import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import { outcomeOf, summarize, type ExampleResult, type Outcome } from '#core/evaluation.ts';
import type { CallKey, ExampleId } from '#core/id.ts';
import { compareOn } from '#core/report.ts';
import type { Score } from '#core/score.ts';

const none: Score = { type: 'unscored', reason: 'no-logprobs' };
const answered = (
  outcome: Exclude<Outcome, 'failed'>,
  crossEntropy: Score = none,
  more: Partial<Extract<ExampleResult, { type: 'answered' }>> = {},
): ExampleResult => ({
  type: 'answered',
  outcome,
  answer: 'x',
  crossEntropy,
  usage: { inputTokens: 10, outputTokens: 2 },
  latencyMs: 100,
  attempts: 1,
  call: 'call' as CallKey,
  ...more,
});
const failed: ExampleResult = { type: 'failed', code: 'row-too-long', message: 'too long', attempts: 1 };
const nats = (value: number, bound: 'exact' | 'at-least' | 'estimated' = 'exact'): Score => ({
  type: 'scored',
  value,
  bound,
});

describe('a summary', () => {
  it('of nothing knows nothing, and says so without zeros', () => {
    const summary = summarize([]);
    expect(summary).toMatchObject({ asked: 0, n: 0, right: 0 });
    expect(summary).not.toHaveProperty('accuracy');
    expect(summary).not.toHaveProperty('crossEntropy');
    expect(summary).not.toHaveProperty('latencyMs');
  });

  it('leaves failed rows out: missing is never wrong', () => {
    const summary = summarize([answered('right'), answered('wrong'), failed, failed]);
    expect(summary).toMatchObject({ asked: 4, n: 2, right: 1, accuracy: { value: 0.5, n: 2 } });
    expect(summary.outcomes).toEqual({ right: 1, wrong: 1, unparsable: 0, refused: 0, 'cut-off': 0, failed: 2 });
    expect(summarize([failed]).accuracy).toBeUndefined();
    expect(outcomeOf(failed)).toBe('failed');
  });

  it('counts every answer that is not right as not right', () => {
    const results = (['wrong', 'unparsable', 'refused', 'cut-off'] as const).map((outcome) => answered(outcome));
    expect(summarize(results)).toMatchObject({ asked: 4, n: 4, right: 0, accuracy: { value: 0 } });
  });

  it('averages cross entropies over the rows that have one, and counts the bounds', () => {
    const summary = summarize([
      answered('right', nats(0.5)),
      answered('wrong', nats(2.5, 'at-least')),
      answered('wrong'),
      failed,
    ]);
    expect(summary.crossEntropy).toMatchObject({ value: 1.5, n: 2, bounded: 1, estimated: false });
    expect(summarize([answered('right', nats(1, 'estimated'))]).crossEntropy).toMatchObject({ estimated: true });
  });

  it('gives no cross entropy below zero, not even as a limit', () => {
    expect(summarize([0, 0, 3].map((value) => answered('right', nats(value)))).crossEntropy?.lo).toBe(0);
  });

  it('adds up tokens and keeps the mark of an estimate', () => {
    const summary = summarize([
      answered('right'),
      answered('wrong', none, { usage: { inputTokens: 1, outputTokens: 1, estimated: true } }),
    ]);
    expect(summary.usage).toEqual({ inputTokens: 11, outputTokens: 3, estimated: true });
    expect(summary.latencyMs).toBe(100);
  });

  it('does not depend on the order of the results, not in the last digit', () => {
    const random = createRandom('summaries');
    for (let i = 0; i < 100; i++) {
      const results = Array.from({ length: 1 + random.integer(25) }, () =>
        random.next() < 0.1
          ? failed
          : answered(
              random.pick(['right', 'wrong', 'unparsable', 'refused', 'cut-off']),
              random.next() < 0.2 ? none : nats(random.next() * 9, random.pick(['exact', 'at-least'])),
              { latencyMs: random.next() * 1000 },
            ),
      );
      const summary = summarize(results);
      expect(summarize(random.shuffle(results))).toEqual(summary);
      expect(Object.values(summary.outcomes).reduce((sum, count) => sum + count, 0)).toBe(summary.asked);
      expect(summary.n + summary.outcomes.failed).toBe(summary.asked);
    }
  });
});

describe('two prompts on the same rows', () => {
  const results = (...outcomes: Outcome[]) =>
    new Map(
      outcomes.map((outcome, i) => [`e${i}` as ExampleId, outcome === 'failed' ? failed : answered(outcome)] as const),
    );

  it('are compared on the rows that both answered', () => {
    const found = compareOn(
      results('right', 'right', 'failed', 'right', 'right'),
      results('wrong', 'right', 'right', 'failed'),
    );
    expect(found).toMatchObject({ n: 2, value: 0.5 });
    expect(compareOn(results('right'), results('failed'))).toBeUndefined();
  });
});
