import { studentTail } from '#lib/special-functions.ts';

/**
 * One-sided paired t-test: how likely differences like these are where the first is not better. 1 where there are fewer than two.
 * @param isCareful holds the standard deviation above 0.5/√n. Without that a difference that is the same on every row is certainty,
 * were it ever so small.
 */
export function betterByChance(differences: readonly number[], isCareful: boolean): number {
  const n = differences.length;
  if (n < 2) return 1;
  const mean = differences.reduce((sum, value) => sum + value, 0) / n;
  const variance = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const deviation = Math.max(Math.sqrt(variance), isCareful ? 0.5 / Math.sqrt(n) : 0);
  if (deviation === 0) return mean > 0 ? 0 : 1;
  return studentTail((mean * Math.sqrt(n)) / deviation, n - 1);
}
