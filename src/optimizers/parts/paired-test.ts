/** Probability that Student's t with `df` degrees of freedom (1, 2, 3 …) is above `t`. Abramowitz and Stegun 26.7.3 and 26.7.4. */
export function studentAbove(t: number, df: number): number {
  if (!Number.isFinite(t)) return t > 0 ? 0 : 1;
  const angle = Math.atan(t / Math.sqrt(df));
  const square = Math.cos(angle) ** 2;
  const isOdd = df % 2 === 1;
  let sum = 0;
  let term = isOdd ? Math.cos(angle) : 1;
  for (let k = isOdd ? 3 : 2; k <= df; k += 2) {
    sum += term;
    term *= (square * (k - 1)) / k;
  }
  // the area between −t and t
  const inside = isOdd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
  return Math.min(1, Math.max(0, (1 - inside) / 2));
}

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
  return studentAbove((mean * Math.sqrt(n)) / deviation, n - 1);
}
