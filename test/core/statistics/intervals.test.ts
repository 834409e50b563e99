import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import { meanInterval, wilson } from '#core/statistics/intervals.ts';

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
  [1, 12.70620474],
  [2, 4.30265273],
  [3, 3.18244631],
  [4, 2.77644511],
  [5, 2.57058184],
  [6, 2.44691185],
  [10, 2.22813885],
  [30, 2.04227246],
  [100, 1.98397152],
] as const;

describe('the interval of a mean', () => {
  it.each(quantiles)('uses t with %i degrees of freedom', (df: number, t: number) => {
    // values ±1 around 0 in turn, with one zero where the number is odd: the variance is known
    const n = df + 1;
    const values = Array.from({ length: n }, (_, i): number => (n % 2 === 1 && i === n - 1 ? 0 : i % 2 === 0 ? 1 : -1));
    const variance = values.reduce((sum, value) => sum + value * value, 0) / df;
    const { value, lo, hi } = meanInterval(values);
    expect(value).toBe(0);
    expect(Math.abs(hi / Math.sqrt(variance / n) - t)).toBeLessThan(1e-6);
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
