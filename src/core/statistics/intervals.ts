import { studentQuantile } from '#lib/special-functions.ts';

/** Pure functions with test vectors. `value` lies in [lo, hi]. */
export type Interval = { readonly value: number; readonly lo: number; readonly hi: number };

/** 97.5 % quantile of the standard normal distribution. */
export const z95 = 1.959963984540054;

/**
 * Wilson's score interval, 95 %, for `successes` of `n` (n > 0). Stays inside [0, 1] and is honest at 0 and n.
 * E. B. Wilson, "Probable inference", JASA 22 (1927).
 */
export function wilson(successes: number, n: number): Interval {
  if (n <= 0) throw new Error('Bug: Wilson interval of nothing');
  const p = successes / n;
  const z2 = z95 * z95;
  const centre = (p + z2 / (2 * n)) / (1 + z2 / n);
  const half = (z95 / (1 + z2 / n)) * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n));
  // at 0 and n the bound is the value itself, which rounding would miss by the last digit
  return { value: p, lo: Math.max(0, Math.min(p, centre - half)), hi: Math.min(1, Math.max(p, centre + half)) };
}

/** Mean with a 95 % t interval. One value has no spread to learn from: the interval is then the value itself and n says so. */
export function meanInterval(values: readonly number[]): Interval {
  const n = values.length;
  if (n === 0) throw new Error('Bug: mean of nothing');
  // added up by size: a sum of fractions depends on its order in the last digit
  const sorted = [...values].sort((a, b) => a - b);
  const mean = sorted.reduce((sum, value) => sum + value, 0) / n;
  if (n === 1) return { value: mean, lo: mean, hi: mean };
  const variance = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const half = t975(n - 1) * Math.sqrt(variance / n);
  return { value: mean, lo: mean - half, hi: mean + half };
}

/** 97.5 % quantiles of Student's t by their degrees of freedom: a run asks for the same few again with each answer. */
const known = new Map<number, number>();

function t975(degreesOfFreedom: number): number {
  const found = known.get(degreesOfFreedom) ?? studentQuantile(0.975, degreesOfFreedom);
  known.set(degreesOfFreedom, found);
  return found;
}
