import jStat from 'jstat';

/** The special functions of statistics in our own words, good to seven digits after the point. Nothing else names their package. */

/** ln Γ(x), x > 0. */
export const logGamma = (x: number): number => jStat.gammaln(x);

/** ln of the beta function B(a, b), a and b > 0. */
export const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b);

/** The regularised incomplete beta function I_x(a, b): the share of a Beta(a, b) that lies below x in [0, 1]. */
export const betaShare = (x: number, a: number, b: number): number => jStat.ibeta(x, a, b);

/** Share of the standard normal distribution below x. */
export const normalShare = (x: number): number => jStat.normal.cdf(x, 0, 1);

/** Where this share of the standard normal distribution lies below; 0 < share < 1. */
export const normalQuantile = (share: number): number => jStat.normal.inv(share, 0, 1);

/** Where this share of Student's t lies below; 0 < share < 1. */
export const studentQuantile = (share: number, degreesOfFreedom: number): number =>
  jStat.studentt.inv(share, degreesOfFreedom);

/** P(T > t) of Student's t. */
export function studentTail(t: number, degreesOfFreedom: number): number {
  const above = betaShare(degreesOfFreedom / (degreesOfFreedom + t * t), degreesOfFreedom / 2, 0.5) / 2;
  return t < 0 ? 1 - above : above;
}

/** P(X = k) of n throws, each of which succeeds with this chance. */
export const binomialChance = (k: number, n: number, chance: number): number => jStat.binomial.pdf(k, n, chance);

/** P(X ≥ least) of n throws, each of which succeeds with this chance. */
export function binomialTail(least: number, n: number, chance = 0.5): number {
  if (least <= 0) return 1;
  return least > n ? 0 : betaShare(chance, least, n - least + 1);
}
