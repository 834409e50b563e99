/** Above this, all ways to flip the signs are too many to go through. */
export const mostFlipped = 12;

/**
 * Exact two-sided sign-flip test of a mean difference of zero: the share of all 2ⁿ ways to choose the signs whose sum lies as far from
 * zero as the one that was seen. Holds for any distribution that is symmetric under equal prompts.
 * @param differences one number a row, at most 12 rows.
 */
export function signFlipP(differences: readonly number[]): number {
  if (differences.length > mostFlipped) throw new Error('Bug: too many rows for all their signs');
  const seen = Math.abs(differences.reduce((sum, value) => sum + value, 0));
  const rounding = 1e-12 * differences.reduce((sum, value) => sum + Math.abs(value), 0);
  let sums = [0];
  for (const value of differences) sums = sums.flatMap((sum) => [sum + value, sum - value]);
  return sums.filter((sum) => Math.abs(sum) >= seen - rounding).length / sums.length;
}
