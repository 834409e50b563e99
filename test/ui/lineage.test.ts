import { describe, expect, it } from 'vitest';
import type { CandidateId } from '#core/id.ts';
import type { SearchFact } from '#core/optimizer.ts';
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
const judged = (candidate: CandidateId, accepted: boolean): SearchFact => ({
  ...{ type: 'proposal-judged', round: 1, candidate, accepted, reason: '' },
});
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

  it('draws two parents where an older run names the first of them twice', () => {
    const merged = { ...c, origin: { type: 'proposal', round: 2, parents: [a.id, a.id, two.id] } } as const;
    const run = new HandMadeRun([one.prompt, two.prompt]).answers(one, 'train', 5).answers(two, 'train', 3);
    for (const candidate of [a, merged]) run.fact({ type: 'candidate-proposed', candidate, round: 1 });
    const lineage = lineageOf(run.report, true);
    expect(lineage.nodes.at(-1)?.parents.map(({ candidate }) => candidate.prompt)).toEqual(['A.', 'Two.']);
  });

  it('folds away what was dropped, and counts it where it came from; ancestors of what was kept stay', () => {
    const run = family().fact({ type: 'archive-changed', round: 2, residents: [c.id] });
    for (const candidate of [a, b]) run.fact(judged(candidate.id, false));
    const lineage = lineageOf(run.report, false);
    expect(names(lineage)).toEqual(['One.', 'Two.', 'A.', 'C.']);
    expect(lineage.nodes.map(({ folded }) => folded)).toEqual([1, 0, 0, 0]);
    expect(lineage.nodes.map(({ state }) => state)).toEqual(['dropped', 'dropped', 'dropped', 'kept']);
    expect(lineage.folded).toBe(1);
  });

  it('folds nothing away that is still tried', () => {
    const run = family()
      .fact({ type: 'archive-changed', round: 2, residents: [c.id] })
      .fact(judged(a.id, false));
    const lineage = lineageOf(run.report, false);
    expect(lineage).toMatchObject({ folded: 0 });
    expect(lineage.nodes.map(({ state }) => state)).toEqual(['dropped', 'dropped', 'dropped', 'undecided', 'kept']);
    run.add({ type: 'run-ended', outcome: 'stopped', reason: '' });
    expect(names(lineageOf(run.report, false))).not.toContain('B.');
  });

  it('goes by the judgements where the search does not tell what it keeps, and says nothing of the starting prompts', () => {
    const run = family().fact(judged(a.id, true)).fact(judged(b.id, false)).fact(judged(c.id, false));
    const states = ({ nodes }: Lineage) => nodes.map(({ record, state }) => [record.candidate.prompt, state]);
    const [told, best] = [states(lineageOf(run.report, true)), run.report.best];
    expect(best).toBe(one.id);
    expect(told).toEqual([
      ['One.', 'kept'],
      ['Two.', 'untold'],
      ['A.', 'kept'],
      ['B.', 'dropped'],
      ['C.', 'dropped'],
    ]);
    expect(names(lineageOf(run.report, false))).not.toContain('B.');
  });

  it('has no starting prompt among the kept ones that lost the first race; what all is measured by is shown', () => {
    const run = family().fact({ type: 'archive-changed', round: 0, residents: [two.id] });
    for (const { id } of [a, b, c]) run.fact(judged(id, false));
    const kept = ({ nodes }: Lineage) =>
      nodes.flatMap(({ record, state }) => (state === 'kept' ? record.candidate.prompt : []));
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
