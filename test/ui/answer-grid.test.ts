import { describe, expect, it } from 'vitest';
import { gridOf, kindAt, totalsOf, turnsOf } from '#ui/run/answer-grid.ts';
import { finishedRun, HandMadeRun, proposal, start } from '../support/hand-made-run.ts';
import { raceRun } from '../support/race-run.ts';

const [one, two, three] = [start('One.'), start('Two.'), start('Three.')];
const all = { split: 'train', which: 'all', order: 'data' } as const;

describe('the grid of rows and prompts', () => {
  it('has every outcome of every prompt, and knows what was never asked from what failed', () => {
    const run = new HandMadeRun([one.prompt]);
    const rows = run.spec.split.train;
    const shows = { ...proposal('Look.', 1, [one]), demos: { instruction: 'Look.', examples: rows.slice(2, 3) } };
    run.fact({ type: 'candidate-proposed', candidate: shows, round: 1 });
    const outcomes = ['right', 'wrong', 'unparsable', 'refused', 'cut-off', 'failed'] as const;
    for (const [index, outcome] of outcomes.entries()) run.answer(one, 'train', rows[index] ?? ('' as never), outcome);
    run.answer(shows, 'train', rows[0] ?? ('' as never), 'wrong');
    const grid = gridOf(run.report, all);
    expect(rows.map((_, row) => kindAt(grid, row, 0)).slice(0, 7)).toEqual([
      'right',
      'wrong',
      'unreadable',
      'unreadable',
      'unreadable',
      'failed',
      'not-asked',
    ]);
    expect([kindAt(grid, 0, 1), kindAt(grid, 2, 1), kindAt(grid, 3, 1)]).toEqual(['wrong', 'shown', 'not-asked']);
    expect(totalsOf(grid)).toMatchObject({ right: 1, wrong: 2, unreadable: 3, failed: 1, shown: 1, 'not-asked': 12 });
  });

  it('puts the rows that fewest prompts had right first, where that is wanted', () => {
    const run = new HandMadeRun([one.prompt, two.prompt]).answers(one, 'train', 8).answers(two, 'train', 4);
    const grid = gridOf(run.report, { ...all, order: 'hardest' });
    expect(grid.rows.slice(0, 2)).toEqual(run.spec.split.train.slice(8));
    expect(kindAt(grid, 9, 0)).toBe('right');
  });

  it('shows the prompts that were kept, or all where the search does not say', () => {
    const { report } = raceRun();
    const [kept, every] = [gridOf(report, { ...all, which: 'kept' }), gridOf(report, all)];
    expect(kept.prompts.length).toBeLessThan(every.prompts.length);
    for (const leader of report.leaders) expect(kept.prompts.map(({ candidate }) => candidate.id)).toContain(leader.id);
    const lost = report.candidates.filter(({ round, summaries }) => round === 0 && summaries.validation.asked === 0);
    expect(lost.length).toBeGreaterThan(0);
    for (const { candidate } of lost) expect(kept.prompts.map((one) => one.candidate.id)).not.toContain(candidate.id);
    const { report: plain } = finishedRun();
    expect(gridOf(plain, { ...all, which: 'kept' }).prompts).toHaveLength(3);
  });

  it('of the sealed rows holds only those prompts that were tried on them', () => {
    const { report } = finishedRun();
    expect(gridOf(report, { ...all, split: 'test' }).prompts.map(({ order }) => order)).toEqual([0, 2]);
  });
});

it('the turns of a row are the prompts at which its answer changed, whatever was asked in between', () => {
  const run = new HandMadeRun([one.prompt, two.prompt, three.prompt]);
  const row = run.spec.split.train[0] ?? ('' as never);
  run.answer(one, 'train', row, 'wrong').answer(two, 'train', row, 'failed').answer(three, 'train', row, 'right');
  expect(turnsOf(gridOf(run.report, all), 0).map(({ prompt, to }) => [prompt.order, to])).toEqual([[2, 'right']]);
});
