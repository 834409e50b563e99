import { describe, expect, it } from 'vitest';
import { gridOf, heldAt, kindAt, placeOf, placesIn, rowTotalsOf, totalsOf, turnsOf } from '#ui/run/answer-grid.ts';
import { finishedRun, handMadeDataset, HandMadeRun, proposal, start } from '../support/hand-made-run.ts';
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

  it('knows rows of the other parts that a prompt shows, so that it was never asked about them', () => {
    const run = new HandMadeRun([one.prompt]);
    const rows = run.spec.split.validation;
    const demos = { instruction: 'Look.', examples: [], elsewhere: rows.slice(0, 1) };
    const shows = { ...proposal('Look.', 1, [one]), demos };
    run.fact({ type: 'candidate-proposed', candidate: shows, round: 1 });
    run.answer(shows, 'validation', rows[1] ?? ('' as never), 'right');
    const grid = gridOf(run.report, { ...all, split: 'validation' });
    expect([kindAt(grid, 0, 0), kindAt(grid, 1, 0)]).toEqual(['shown', 'right']);
  });

  it('puts the rows that fewest prompts had right first, where that is wanted', () => {
    const run = new HandMadeRun([one.prompt, two.prompt]).answers(one, 'train', 8).answers(two, 'train', 4);
    const grid = gridOf(run.report, { ...all, order: 'hardest' });
    expect(grid.rows.slice(0, 2)).toEqual(run.spec.split.train.slice(8));
    expect(kindAt(grid, 9, 0)).toBe('right');
  });

  describe('of a part that was shuffled', () => {
    const dataset = handMadeDataset();
    const ids = dataset.examples.map(({ id }) => id);
    const places = placesIn(new Map(ids.map((id) => [id, undefined])));
    const part = [4, 20, 0, 11].map((index) => ids[index] ?? ('' as never));
    const run = new HandMadeRun([one.prompt], { split: { train: part, validation: [], test: [] } }, dataset);
    run.answers(one, 'train', 2);

    it('gives a row the number that it has in the data set, in every order', () => {
      const inData = gridOf(run.report, { ...all, places });
      expect([inData.numberedBy, inData.numbers]).toEqual(['data', [1, 5, 12, 21]]);
      expect(inData.rows).toEqual([0, 4, 11, 20].map((index) => ids[index]));
      const hardest = gridOf(run.report, { ...all, order: 'hardest', places });
      expect(hardest.numbers).toEqual([1, 12, 5, 21]);
      for (const [index, id] of hardest.rows.entries()) expect(hardest.numbers[index]).toBe(ids.indexOf(id) + 1);
    });

    it('goes by the part where the data set is not at hand, or is another one', () => {
      for (const known of [undefined, placesIn(new Map([[part[0] ?? ('' as never), undefined]]))]) {
        const grid = gridOf(run.report, { ...all, places: known });
        expect([grid.numberedBy, grid.numbers, grid.rows]).toEqual(['part', [1, 2, 3, 4], part]);
      }
    });
  });

  it('holds a cell by its prompt and its row, wherever they come to stand', () => {
    const run = new HandMadeRun([one.prompt, two.prompt]).answers(one, 'train', 3).answers(two, 'train', 3);
    const hardest = () => gridOf(run.report, { ...all, order: 'hardest' });
    const held = heldAt(hardest(), { row: 0, column: 1 });
    expect(held).toEqual({ prompt: two.id, row: run.spec.split.train[3] });
    const proposed = proposal('Now right.', 1, [one]);
    run.fact({ type: 'candidate-proposed', candidate: proposed, round: 1 });
    run.answer(proposed, 'train', run.spec.split.train[3] ?? ('' as never), 'right');
    expect(placeOf(hardest(), held)).toEqual({ row: 6, column: 1 });
    expect(heldAt(hardest(), placeOf(hardest(), held))).toEqual(held);
    expect(placeOf(gridOf(run.report, { ...all, split: 'test' }), held)).toBeUndefined();
    expect([heldAt(hardest(), { row: 99, column: 0 }), placeOf(hardest(), undefined)]).toEqual([undefined, undefined]);
  });

  it('adds up each row', () => {
    const run = new HandMadeRun([one.prompt, two.prompt]).answers(one, 'train', 8).answers(two, 'train', 4, 6);
    const grid = gridOf(run.report, all);
    const right = grid.rows.map((_, row) => rowTotalsOf(grid, row).right);
    expect(right).toEqual([2, 2, 2, 2, 1, 1, 1, 1, 0, 0]);
    expect(rowTotalsOf(grid, 9)).toMatchObject({ wrong: 1, 'not-asked': 1 });
    expect(right.reduce((sum, count) => sum + count)).toBe(totalsOf(grid).right);
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
