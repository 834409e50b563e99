import { describe, expect, it } from 'vitest';
import { linesOf, mostCompared, sameTestRows } from '#ui/run/compared.ts';
import { finishedRun } from '../support/hand-made-run.ts';
import { raceRun } from '../support/race-run.ts';

describe('runs side by side', () => {
  const [race, shorter] = [raceRun().report, raceRun({ seed: 3, rounds: 3 }).report];

  it('are lines of the best so far against calls, with the sealed score at the end', () => {
    const [first, second] = linesOf([race, shorter]);
    expect([first?.letter, second?.letter]).toEqual(['A', 'B']);
    const xs = first?.steps.map(({ x }) => x) ?? [];
    expect(xs.length).toBeGreaterThan(1);
    expect([...xs].sort((a, b) => a - b)).toEqual(xs);
    expect(first?.steps.at(-1)?.y).toBe(first?.train?.value);
    expect(first?.test?.n).toBe(40);
    expect(first?.calls).toBeGreaterThanOrEqual(xs.at(-1) ?? Infinity);
  });

  it('have no sealed score while they go on', () => {
    const [going] = linesOf([raceRun({ going: true }).report]);
    expect(going).toMatchObject({ ended: false });
    expect(going).not.toHaveProperty('test');
  });

  it(`are ${mostCompared} at the most`, () => {
    expect(linesOf(Array.from({ length: 9 }, () => race))).toHaveLength(mostCompared);
  });

  it('are told apart by their sealed rows', () => {
    expect(sameTestRows([race, race])).toBe(true);
    expect(sameTestRows([race, finishedRun().report])).toBe(false);
  });
});
