import { describe, expect, it } from 'vitest';
import type { ExampleResult } from '#core/evaluation.ts';
import { entropyDifference } from '#core/entropy-difference.ts';
import type { ExampleId } from '#core/id.ts';
import { bootstrapMean } from '#core/statistics/bootstrap.ts';
import { createRandom } from '#lib/random.ts';
import { answered, failedResult } from '../optimizers/by-hand.ts';

const of = (values: readonly ExampleResult[]): ReadonlyMap<ExampleId, ExampleResult> =>
  new Map(values.map((result, index) => [`row ${index}` as ExampleId, result]));
const nats = (values: readonly number[]) => of(values.map((value) => answered('right', value)));
const bounded = { ...answered('wrong', 9), crossEntropy: { type: 'scored', value: 9, bound: 'at-least' } } as const;

describe('the difference of two cross entropies', () => {
  it('is paired, and turns its sign when the two change places', () => {
    const [a, b] = [nats([1, 2, 3, 0.5, 1, 2]), nats([2, 2.5, 3.5, 1, 2, 2.25])];
    const found = entropyDifference(a, b);
    expect(found).toMatchObject({ value: -0.625, n: 6 });
    expect(entropyDifference(b, a)?.value).toBe(0.625);
    expect(found && found.lo <= found.value && found.value <= found.hi).toBe(true);
    expect(entropyDifference(a, b)).toEqual(found);
  });

  it('leaves out rows where one is failed, unknown, or only a bound', () => {
    const six = Array.from({ length: 6 }, () => answered('wrong', 2));
    const a = of([bounded, failedResult, ...six, answered('wrong', 2)]);
    expect(entropyDifference(a, nats([2, 2, 2, 2, 2, 2, 2, 2]))?.n).toBe(6);
    // five are too few for an interval
    expect(entropyDifference(nats([1, 1, 1, 1, 1]), nats([2, 2, 2, 2, 2]))).toBeUndefined();
    expect(entropyDifference(a, of([bounded, bounded, bounded]))).toBeUndefined();
  });

  it('is clear where chance would seldom make it, with few rows and with many', () => {
    const line = (n: number, by: (index: number) => number) => nats(Array.from({ length: n }, (_, i) => 3 + by(i)));
    for (const n of [8, 60]) {
      const level = line(n, () => 0);
      expect(
        entropyDifference(
          line(n, (i) => 1 + 0.1 * (i % 3)),
          level,
        )?.clear,
      ).toBe(true);
      expect(
        entropyDifference(
          line(n, (i) => (i % 2 === 0 ? 1 : -1)),
          level,
        )?.clear,
      ).toBe(false);
    }
    const calm = line(12, () => 0);
    const [some, most] = [6, 1].map((lost) =>
      of(Array.from({ length: 12 + lost }, (_, i) => (i < 12 ? answered('right', 2.9) : bounded))),
    );
    const sure = of(Array.from({ length: 18 }, (_, i) => answered('right', i < 12 ? 3 : 0.5)));
    if (!some || !most) throw new Error('two of them');
    // a little better where both are known, and far worse on six rows of which only that is known
    expect(entropyDifference(some, sure)?.clear).toBe(false);
    expect(entropyDifference(most, sure)?.clear).toBe(true);
    expect(entropyDifference(some, calm)?.clear).toBe(true);
  });

  it.each([
    [6, 2000],
    [1000, 2000],
    [10_000, 400],
    [30_000, 200],
  ])('of %i rows is drawn %i times: as often as a page can without being felt', (n, draws) => {
    const random = createRandom(n);
    const values = Array.from({ length: n }, () => random.next());
    const { value, lo, hi } = entropyDifference(nats(values), nats(values.map(() => 0.5))) ?? {};
    const differences = values.map((nats) => nats - 0.5);
    expect({ value, lo, hi }).toEqual(bootstrapMean(differences, createRandom('entropy difference'), draws));
  });
});
