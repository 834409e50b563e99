import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import { meanInterval, pairedDifference, wilson } from '#core/statistics.ts';

describe("Wilson's interval", () => {
  it.each([
    [27, 30, 0.744, 0.965],
    [28, 30, 0.787, 0.982],
    [12, 30, 0.246, 0.577],
    [0, 10, 0, 0.278],
    [10, 10, 0.722, 1],
    [0, 1, 0, 0.793],
    [1, 1, 0.207, 1],
  ])('%i of %i', (successes, n, lo, hi) => {
    const interval = wilson(successes, n);
    expect(interval.lo).toBeCloseTo(lo, 3);
    expect(interval.hi).toBeCloseTo(hi, 3);
    expect(interval.value).toBe(successes / n);
  });

  it('lies in [0, 1], holds its value, mirrors, and narrows with n', () => {
    for (let n = 1; n <= 200; n++)
      for (let k = 0; k <= n; k += Math.max(1, Math.floor(n / 7))) {
        const { value, lo, hi } = wilson(k, n);
        expect(lo >= 0 && lo <= value && value <= hi && hi <= 1, `${k} of ${n}`).toBe(true);
        const mirrored = wilson(n - k, n);
        expect(mirrored.lo).toBeCloseTo(1 - hi, 12);
        expect(wilson(2 * k, 2 * n).hi - wilson(2 * k, 2 * n).lo).toBeLessThan(hi - lo);
      }
    expect(wilson(0, 7).lo).toBe(0);
    expect(wilson(7, 7).hi).toBe(1);
  });

  it('of nothing is a bug', () => {
    expect(() => wilson(0, 0)).toThrow('Bug');
  });
});

/** 97.5 % quantiles of Student's t from printed tables. */
const quantiles = [
  [1, 12.7062],
  [2, 4.30265],
  [3, 3.18245],
  [4, 2.77645],
  [5, 2.57058],
  [6, 2.44691],
  [10, 2.22814],
  [30, 2.04227],
  [100, 1.98397],
] as const;

describe('the interval of a mean', () => {
  it.each(quantiles)('uses t with %i degrees of freedom', (df: number, t: number) => {
    // values ±1 around 0 in turn, with one zero where the number is odd: the variance is known
    const n = df + 1;
    const values = Array.from({ length: n }, (_, i): number => (n % 2 === 1 && i === n - 1 ? 0 : i % 2 === 0 ? 1 : -1));
    const variance = values.reduce((sum, value) => sum + value * value, 0) / df;
    const { value, lo, hi } = meanInterval(values);
    expect(value).toBe(0);
    expect(Math.abs(hi / Math.sqrt(variance / n) - t)).toBeLessThan(1e-3);
    expect(lo).toBe(-hi);
  });

  it('is the value itself for one value or equal ones', () => {
    expect(meanInterval([0.7])).toEqual({ value: 0.7, lo: 0.7, hi: 0.7 });
    expect(meanInterval([2, 2, 2, 2])).toEqual({ value: 2, lo: 2, hi: 2 });
  });

  it('holds its value and does not depend on the order', () => {
    const random = createRandom('means');
    for (let i = 0; i < 300; i++) {
      const values = Array.from({ length: 1 + random.integer(30) }, () => random.next() * 10 ** random.integer(4));
      const interval = meanInterval(values);
      expect(interval.lo <= interval.value && interval.value <= interval.hi).toBe(true);
      expect(meanInterval(random.shuffle(values))).toEqual(interval);
    }
  });
});

describe('the paired difference', () => {
  const rows = (better: number, worse: number, equal: number): readonly number[] => [
    ...Array.from({ length: better }, () => 1),
    ...Array.from({ length: worse }, () => -1),
    ...Array.from({ length: equal }, () => 0),
  ];

  it('is not known from fewer than two rows', () => {
    expect(pairedDifference([])).toBeUndefined();
    expect(pairedDifference([1])).toBeUndefined();
  });

  it.each([
    [rows(20, 2, 30), 'better'],
    [rows(2, 20, 30), 'worse'],
    [rows(5, 4, 30), 'cannot-tell'],
    [rows(0, 0, 30), 'cannot-tell'],
    [rows(2, 0, 0), 'cannot-tell'],
    [rows(30, 0, 0), 'better'],
    [rows(0, 30, 0), 'worse'],
  ] as const)('says what can be said (%#)', (differences, verdict) => {
    const found = pairedDifference(differences);
    expect(found?.verdict).toBe(verdict);
    expect(found?.n).toBe(differences.length);
  });

  it('keeps a spread where all rows agree: 0.5/√n at the least', () => {
    const found = pairedDifference(rows(0, 0, 25));
    // t(24) = 2.0639, deviation 0.1, n = 25
    expect(found?.hi).toBeCloseTo((2.0639 * 0.1) / 5, 4);
    expect(found?.lo).toBeCloseTo(-(2.0639 * 0.1) / 5, 4);
  });

  it('matches a calculation by hand', () => {
    // 9 gained, 1 lost, 20 equal: mean 8/30, sd 0.5208, half width 2.0452 × 0.5208 / √30
    const found = pairedDifference(rows(9, 1, 20));
    expect(found?.value).toBeCloseTo(0.26667, 5);
    expect(found?.lo).toBeCloseTo(0.0722, 3);
    expect(found?.hi).toBeCloseTo(0.4611, 3);
  });

  it('stays in [−1, 1], holds its value, and mirrors', () => {
    const random = createRandom('pairs');
    for (let i = 0; i < 500; i++) {
      const differences = Array.from({ length: 2 + random.integer(40) }, () => random.integer(3) - 1);
      const found = pairedDifference(differences);
      const mirrored = pairedDifference(differences.map((value) => -value));
      if (!found || !mirrored) throw new Error('two rows are enough');
      expect(found.lo >= -1 && found.lo <= found.value && found.value <= found.hi && found.hi <= 1).toBe(true);
      expect(mirrored.lo).toBeCloseTo(-found.hi, 12);
      const opposite = { better: 'worse', worse: 'better', 'cannot-tell': 'cannot-tell' } as const;
      expect(mirrored.verdict).toBe(opposite[found.verdict]);
    }
  });
});
