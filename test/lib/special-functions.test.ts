import { describe, expect, it } from 'vitest';
import {
  betaShare,
  binomialTail,
  logBeta,
  logGamma,
  normalQuantile,
  normalShare,
  studentQuantile,
  studentTail,
} from '#lib/special-functions.ts';

/** P(X ≥ least) of n fair coins, in whole numbers and one division: nothing of it is rounded before the end. */
function coinTail(least: number, n: number): number {
  let [ways, sum] = [1n, 0n];
  for (let k = 0; k <= n; k++) {
    if (k >= least) sum += ways;
    ways = (ways * BigInt(n - k)) / BigInt(k + 1);
  }
  const digits = 10n ** 30n;
  return Number((sum * digits) / 2n ** BigInt(n)) / 1e30;
}

describe('the special functions', () => {
  it.each([
    [0, 10],
    [5, 10],
    [10, 10],
    [11, 10],
    [33, 60],
    [110, 200],
    [520, 1000],
    [2550, 5000],
    [10_150, 20_000],
  ])('give the tail of coins: at least %i of %i', (least, n) => {
    expect(binomialTail(least, n)).toBeCloseTo(coinTail(least, n), 7);
  });

  it('give the tail of an unfair coin', () => {
    // three throws, added up by hand
    expect(binomialTail(1, 3, 0.3)).toBeCloseTo(1 - 0.7 ** 3, 12);
    expect(binomialTail(2, 3, 0.3)).toBeCloseTo(3 * 0.3 ** 2 * 0.7 + 0.3 ** 3, 12);
    expect(binomialTail(3, 3, 0.3)).toBeCloseTo(0.3 ** 3, 12);
  });

  it('know factorials, and the beta function mirrors', () => {
    expect(logGamma(11)).toBeCloseTo(Math.log(3_628_800), 10);
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 10);
    expect(logBeta(3, 4)).toBeCloseTo(Math.log(1 / 60), 10);
    for (const [x, a, b] of [
      [0.2, 3, 5],
      [0.5, 7.5, 2],
      [0.9, 0.5, 0.5],
    ] as const)
      expect(betaShare(x, a, b)).toBeCloseTo(1 - betaShare(1 - x, b, a), 7);
    expect(betaShare(0.5, 0.5, 0.5)).toBeCloseTo(0.5, 7);
  });

  it('turn shares into quantiles and back', () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 10);
    for (const share of [0.001, 0.025, 0.3, 0.5, 0.8, 0.9999])
      expect(normalShare(normalQuantile(share))).toBeCloseTo(share, 10);
    // Student's t with one degree of freedom is Cauchy's distribution; with two there is a closed form
    for (const share of [0.6, 0.9, 0.975, 0.995]) {
      expect(studentQuantile(share, 1)).toBeCloseTo(Math.tan(Math.PI * (share - 0.5)), 6);
      expect(studentQuantile(share, 2)).toBeCloseTo((2 * share - 1) / Math.sqrt(2 * share * (1 - share)), 7);
      expect(studentQuantile(share, 7)).toBeCloseTo(-studentQuantile(1 - share, 7), 8);
    }
  });

  it.each([
    [1, 1, 0.25],
    [2.91998558, 2, 0.05],
    [3.18244631, 3, 0.025],
    [1.83311293, 9, 0.05],
    [0.85419155, 29, 0.2],
    [2.70445927, 40, 0.005],
    [0, 7, 0.5],
    [Infinity, 3, 0],
    [-Infinity, 3, 1],
    [-1.83311293, 9, 0.95],
  ])('know how likely Student’s t is above %f with %i degrees of freedom: %f', (t, df, p) => {
    expect(studentTail(t, df)).toBeCloseTo(p, 6);
  });
});
