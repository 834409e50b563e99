import { describe, expect, it } from 'vitest';
import { lineageOf, type Lineage } from '#ui/run/lineage.ts';
import { finishedRun, HandMadeRun, proposal, start } from '../support/hand-made-run.ts';
import { raceRun } from '../support/race-run.ts';

const [one, two] = [start('One.'), start('Two.')];
const [a, b] = [proposal('A.', 1, [one]), proposal('B.', 1, [one])];
const c = proposal('C.', 2, [a, two]);

/** A run with these prompts, of which the search kept what it was told to keep. */
function family(): HandMadeRun {
  const run = new HandMadeRun([one.prompt, two.prompt]).answers(one, 'train', 5).answers(two, 'train', 3);
  for (const [candidate, round] of [
    [a, 1],
    [b, 1],
    [c, 2],
  ] as const)
    run.fact({ type: 'candidate-proposed', candidate, round });
  return run;
}
const names = ({ nodes }: Lineage) => nodes.map(({ record }) => record.candidate.prompt);

/** No two prompts stand on one spot, and no vertical line runs through a prompt that it does not belong to. */
function expectReadable({ nodes, edges }: Lineage): void {
  for (const { from, to } of edges) {
    expect(from.row).toBeLessThan(to.row);
    for (let row = from.row + 1; row < to.row; row += 1) expect(nodes[row]?.lane).not.toBe(from.lane);
  }
}

describe('the family of prompts', () => {
  it('stands in the order of proposal, each with those that it was written from', () => {
    const lineage = lineageOf(family().report, true);
    expect(names(lineage)).toEqual(['One.', 'Two.', 'A.', 'B.', 'C.']);
    expect(lineage.nodes[4]?.parents.map(({ candidate }) => candidate.prompt)).toEqual(['A.', 'Two.']);
    expect(lineage.edges.map(({ from, to, further }) => [from.row, to.row, further])).toEqual([
      [0, 2, false],
      [0, 3, false],
      [2, 4, false],
      [1, 4, true],
    ]);
    expectReadable(lineage);
  });

  it('folds away what was dropped, and counts it where it came from; ancestors of what was kept stay', () => {
    const run = family().fact({ type: 'archive-changed', round: 2, residents: [c.id] });
    const lineage = lineageOf(run.report, false);
    expect(names(lineage)).toEqual(['One.', 'Two.', 'A.', 'C.']);
    expect(lineage.nodes.map(({ folded }) => folded)).toEqual([1, 0, 0, 0]);
    expect(lineage.nodes.map(({ kept }) => kept)).toEqual([false, false, false, true]);
    expect(lineage.folded).toBe(1);
  });

  it('has no starting prompt among the kept ones that lost the first race; what all is measured by is shown', () => {
    const run = family().fact({ type: 'archive-changed', round: 0, residents: [two.id] });
    const kept = ({ nodes }: Lineage) => nodes.flatMap(({ record, kept }) => (kept ? record.candidate.prompt : []));
    expect(kept(lineageOf(run.report, true))).toEqual(['Two.']);
    expect(names(lineageOf(run.report, false))).toEqual(['One.', 'Two.']);
    run.fact({ type: 'archive-changed', round: 2, residents: [c.id] });
    run.add({ type: 'search-ended', best: c.id, baseline: two.id, reason: '', ended: 'finished' });
    expect(kept(lineageOf(run.report, true))).toEqual(['Two.', 'C.']);
  });

  it('folds nothing where the search does not say what it kept', () => {
    expect(lineageOf(finishedRun().report, false)).toMatchObject({ folded: 0, lanes: 2 });
  });

  it('stays narrow and readable with many prompts', () => {
    const { report } = raceRun({ seed: 12, rounds: 40, proposals: 6 });
    for (const all of [false, true]) {
      const lineage = lineageOf(report, all);
      expectReadable(lineage);
      expect(lineage.lanes).toBeLessThanOrEqual(10);
      expect(lineage.nodes.length + lineage.folded).toBe(report.candidates.length);
    }
  });
});
