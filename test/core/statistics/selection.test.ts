import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '#lib/random.ts';
import { rowsNeeded, smallestDifference } from '#core/statistics/detectable.ts';
import { bestOfEquals, expectedInflation, withoutSelection } from '#core/statistics/selection.ts';

describe('the best of equals', () => {
  it.each([
    [0, 0],
    [1, 0],
    [2, 0.56],
    [3, 0.85],
    [5, 1.16],
    [10, 1.54],
    [30, 2.04],
    [100, 2.51],
  ])('of %i', (candidates, errors) => {
    expect(bestOfEquals(candidates)).toBeCloseTo(errors, 2);
  });

  it('has closed forms for two and three, and grows', () => {
    expect(bestOfEquals(2)).toBeCloseTo(1 / Math.sqrt(Math.PI), 6);
    expect(bestOfEquals(3)).toBeCloseTo(1.5 / Math.sqrt(Math.PI), 6);
    for (let k = 1; k < 60; k++) expect(bestOfEquals(k + 1)).toBeGreaterThan(bestOfEquals(k));
  });
});

/** Right or wrong for candidates of these true accuracies; rows are easy or hard for all of them alike. */
function cells(accuracies: readonly number[], n: number, random: Random, common = 0.5): number[][] {
  const ease = Array.from({ length: n }, () => random.next());
  return accuracies.map((accuracy) =>
    ease.map((shared) => {
      const luck = random.next() < common ? shared : random.next();
      return Number(luck < accuracy);
    }),
  );
}
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const best = (found: readonly (readonly number[])[]): number => Math.max(...found.map(mean));

describe('the inflation that is expected from choosing', () => {
  it.each([
    [2, 30],
    [5, 30],
    [10, 60],
    [30, 60],
  ])('is what equals show: the best of %i on %i rows', (k, n) => {
    const random = createRandom(`inflation ${k} ${n}`);
    const runs = 400;
    let [seen, expected] = [0, 0];
    for (let run = 0; run < runs; run++) {
      const found = cells(
        Array.from({ length: k }, () => 0.7),
        n,
        random,
      );
      // against the mean of all of them, which holds the same luck of the rows
      seen += best(found) - mean(found.map(mean));
      expected += expectedInflation(found) ?? NaN;
    }
    expect(expected / runs / (seen / runs)).toBeGreaterThan(0.9);
    expect(expected / runs / (seen / runs)).toBeLessThan(1.1);
  });

  it('is nothing for one candidate or where all answer alike, and unknown with one row', () => {
    expect(expectedInflation([])).toBe(0);
    expect(expectedInflation([[1, 0, 1]])).toBe(0);
    expect(expectedInflation([[1], [0]])).toBeUndefined();
    const alike = [1, 0, 1, 1];
    expect(expectedInflation([alike, alike, alike])).toBeCloseTo(0, 12);
  });
});

describe('the score without its luck', () => {
  it.each([
    [[0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7], 30],
    [[0.7, 0.68, 0.66, 0.6, 0.5], 40],
    [[0.9, 0.5, 0.4], 30],
  ])('is near the truth where the raw score is not: %j on %i rows', (accuracies, n) => {
    const random = createRandom(`corrected ${accuracies.length}`);
    const runs = 60;
    let [raw, corrected, truth] = [0, 0, 0];
    for (let run = 0; run < runs; run++) {
      const found = cells(accuracies, n, random);
      const top = best(found);
      raw += top;
      truth += accuracies[found.findIndex((scores) => mean(scores) === top)] ?? 0;
      corrected += withoutSelection(found, random) ?? 0;
    }
    // by less than three standard errors of the mean over the runs
    expect(Math.abs(corrected - truth) / runs).toBeLessThan(0.035);
    expect(corrected).toBeLessThanOrEqual(raw);
  });

  it('is the same for the same stream, and lies between the worst and the best', () => {
    const found = cells([0.8, 0.6, 0.7], 25, createRandom(1));
    const score = withoutSelection(found, createRandom(2)) ?? -1;
    expect(withoutSelection(found, createRandom(2))).toBe(score);
    expect(score).toBeGreaterThan(Math.min(...found.map(mean)));
    expect(score).toBeLessThanOrEqual(best(found));
  });

  it('is unknown where nothing was chosen or nothing is left over', () => {
    expect(withoutSelection([], createRandom(1))).toBeUndefined();
    expect(withoutSelection([[1, 0, 1]], createRandom(1))).toBeUndefined();
    expect(withoutSelection([[1], [0]], createRandom(1))).toBeUndefined();
  });
});

describe('what rows can show', () => {
  it.each([
    [0.8, 0.05, 211],
    [0.8, 0.1, 53],
    [0.6, 0.05, 316],
    [0.6, 0.1, 79],
    [0.9, 0.05, 118],
    [0.9, 0.1, 30],
  ])('at %f right, a difference of %f takes %i rows', (base, difference, rows) => {
    expect(Math.round(rowsNeeded(difference, { base }))).toBe(rows);
  });

  it('is the same question asked both ways, finer with more rows, coarser with fewer false alarms', () => {
    for (const base of [0.5, 0.7, 0.95])
      for (const rows of [10, 60, 200]) {
        const seen = smallestDifference(rows, { base });
        expect(rowsNeeded(seen, { base })).toBeCloseTo(rows, 6);
        expect(smallestDifference(rows * 4, { base })).toBeCloseTo(seen / 2, 9);
        expect(smallestDifference(rows, { base, alpha: 0.025 })).toBeGreaterThan(seen);
        expect(smallestDifference(rows, { base, power: 0.9 })).toBeGreaterThan(seen);
      }
  });
});
