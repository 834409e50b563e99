import type { Random } from '#lib/random.ts';

/** Above this, all ways to flip the signs are too many to go through. */
const mostFlipped = 12;

/**
 * Two-sided sign-flip test of a mean difference of zero: the share of all 2ⁿ ways to choose the signs whose sum lies as far from zero as
 * the one that was seen. Exact up to 12 rows; beyond, of `draws` random ways and the one that was seen (B. Phipson and G. Smyth,
 * Statistical Applications in Genetics and Molecular Biology 9 (2010)), which keeps the level as well. Holds for any distribution that is
 * symmetric under equal prompts.
 * @param differences one number a row.
 * @param random the same stream gives the same number.
 */
export function signFlipP(differences: readonly number[], random: Random, draws = 4000): number {
  const seen = Math.abs(differences.reduce((sum, value) => sum + value, 0));
  const rounding = 1e-12 * differences.reduce((sum, value) => sum + Math.abs(value), 0);
  const isAsFar = (sum: number): boolean => Math.abs(sum) >= seen - rounding;
  if (differences.length > mostFlipped) {
    let asFar = 1;
    for (let i = 0; i < draws; i++) {
      let sum = 0;
      for (const value of differences) sum += random.next() < 0.5 ? value : -value;
      if (isAsFar(sum)) asFar += 1;
    }
    return asFar / (draws + 1);
  }
  let sums = [0];
  for (const value of differences) sums = sums.flatMap((sum) => [sum + value, sum - value]);
  return sums.filter(isAsFar).length / sums.length;
}
