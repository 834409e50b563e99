import type { Random } from '#lib/random.ts';
import { normalShare, studentQuantile } from '#lib/special-functions.ts';
import type { Interval } from './intervals.ts';

/**
 * Mean of paired differences with a 95 % bootstrap interval: for graded scores, where there is no count of wins and losses.
 * Percentiles of the means of resampled rows, taken further out for small n as a t interval is ("expanded percentile": T. Hesterberg,
 * The American Statistician 69 (2015), section 3.3). The bias-corrected form was not taken: it moves the ends by estimates that are
 * themselves noise at 20 rows.
 * @param differences one number a row, first minus second; at least two.
 * @param random the same stream gives the same interval.
 */
export function bootstrapMean(differences: readonly number[], random: Random, draws = 2000): Interval {
  const n = differences.length;
  if (n < 2) throw new Error('Bug: bootstrap of fewer than two rows');
  const value = meanOf(differences);
  const means = Array.from({ length: draws }, () => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += differences[random.integer(n)] ?? 0;
    return sum / n;
  }).sort((a, b) => a - b);
  const share = normalShare(-Math.sqrt(n / (n - 1)) * studentQuantile(0.975, n - 1));
  const at = (place: number): number => means[Math.min(draws - 1, Math.max(0, Math.round(place)))] ?? value;
  const [lo, hi] = [at(share * (draws - 1)), at((1 - share) * (draws - 1))];
  return { value, lo: Math.min(lo, value), hi: Math.max(hi, value) };
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
