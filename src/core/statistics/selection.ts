import type { Random } from '#lib/random.ts';
import { normalShare } from '#lib/special-functions.ts';

/**
 * By how many standard errors the best of so many equals looks better than it is: the mean of the largest of `candidates` standard
 * normal numbers. 0.56 for 2, 1.16 for 5, 2.51 for 100.
 */
export function bestOfEquals(candidates: number): number {
  if (candidates <= 1) return 0;
  const [reach, step] = [9, 0.01];
  let sum = 0;
  // the trapezium rule is exact to rounding for a smooth function that ends in nothing at both sides
  for (let x = step / 2; x < reach; x += step) sum += 1 - normalShare(x) ** candidates - normalShare(-x) ** candidates;
  return sum * step;
}

/** One row of scores for each candidate, in the same order of the examples. */
export type Cells = readonly (readonly number[])[];

/**
 * By how much the score of the best is expected to be too high if all candidates were equally good. Rows that are hard for all of them
 * lift none above the others, so the standard error is that of what is left when the means of rows and candidates are taken away.
 * @returns undefined with fewer than two rows: how much they differ is not known then.
 */
export function expectedInflation(cells: Cells): number | undefined {
  const [k, n] = [cells.length, cells[0]?.length ?? 0];
  if (k < 2) return 0;
  if (n < 2) return undefined;
  const means = cells.map((scores) => scores.reduce((sum, score) => sum + score, 0) / n);
  const grand = means.reduce((sum, mean) => sum + mean, 0) / k;
  let squares = 0;
  for (let row = 0; row < n; row++) {
    const level = cells.reduce((sum, scores) => sum + (scores[row] ?? 0), 0) / k - grand;
    for (const [place, scores] of cells.entries()) squares += ((scores[row] ?? 0) - (means[place] ?? 0) - level) ** 2;
  }
  return Math.sqrt(squares / ((k - 1) * (n - 1)) / n) * bestOfEquals(k);
}

/** Work that a page can do without being felt, in cells. */
const affordable = 2e7;

/**
 * What the best of these candidates would have scored on rows that had no part in choosing it, without asking about any: rows are drawn
 * with replacement, the best on those that were drawn is scored on those that were not, and this is repeated up to 1,000 times. A little
 * low, as each choice rests on fewer different rows. Ties are broken by lot.
 * @returns undefined with fewer than two candidates or rows: nothing was chosen, or nothing is left over.
 */
export function withoutSelection(cells: Cells, random: Random): number | undefined {
  const [k, n] = [cells.length, cells[0]?.length ?? 0];
  if (k < 2 || n < 2) return undefined;
  const draws = Math.max(50, Math.min(1000, Math.floor(affordable / (k * n))));
  let [sum, counted] = [0, 0];
  for (let draw = 0; draw < draws; draw++) {
    const times = new Uint32Array(n);
    for (let i = 0; i < n; i++) {
      const row = random.integer(n);
      times[row] = (times[row] ?? 0) + 1;
    }
    const left = [...times.keys()].filter((row) => times[row] === 0);
    if (left.length === 0) continue;
    const sums = cells.map((scores) => scores.reduce((total, score, row) => total + score * (times[row] ?? 0), 0));
    const top = Math.max(...sums);
    const chosen = cells[random.pick([...sums.keys()].filter((place) => sums[place] === top))] ?? [];
    sum += left.reduce((total, row) => total + (chosen[row] ?? 0), 0) / left.length;
    counted += 1;
  }
  if (counted === 0) return undefined;
  // choosing never makes a score too low: what is above the best was the luck of the draws
  const raw = Math.max(...cells.map((scores) => scores.reduce((total, score) => total + score, 0) / n));
  return Math.min(sum / counted, raw);
}
