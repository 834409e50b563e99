import { describe, expect, it } from 'vitest';
import { outcomeOf } from '#core/evaluation.ts';
import type { ExampleId } from '#core/id.ts';
import { shownRows } from '#core/prompt.ts';
import type { RunReport } from '#core/report.ts';
import { createRandom } from '#lib/random.ts';
import {
  cellKinds,
  gridOf,
  gridStamp,
  heldAt,
  kindAt,
  placeOf,
  placesIn,
  rowTotalsOf,
  totalsOf,
  turnsOf,
  type CellKind,
  type GridOptions,
} from '#ui/run/answer-grid.ts';
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

/** A run in which each of six prompts, some of which show rows, was asked about some rows, with every outcome. */
function randomRun(seed: number): HandMadeRun {
  const random = createRandom(seed);
  const dataset = handMadeDataset();
  const ids = random.shuffle(dataset.examples.map(({ id }) => id));
  const split = { train: ids.slice(0, 14), validation: ids.slice(14, 24), test: ids.slice(24) };
  const run = new HandMadeRun([one.prompt], { split }, dataset);
  const prompts = Array.from({ length: 5 }, (_, index) => {
    const prompt = proposal(`Prompt ${index}.`, 1, [one]);
    const demos = { instruction: prompt.prompt, examples: random.sample(ids, random.integer(4)) };
    return index % 2 === 0 ? prompt : { ...prompt, demos };
  });
  for (const prompt of prompts) run.fact({ type: 'candidate-proposed', candidate: prompt, round: 1 });
  const outcomes = ['right', 'right', 'wrong', 'unparsable', 'refused', 'cut-off', 'failed'] as const;
  for (const prompt of [one, ...prompts])
    for (const part of ['train', 'validation'] as const)
      for (const row of random.sample(split[part], random.integer(split[part].length + 1)))
        run.answer(prompt, part, row, random.pick(outcomes));
  return run;
}

/** The same grid, row by row and cell by cell, as plainly as it can be said. */
function plainGrid(report: RunReport, { split, order, places }: GridOptions) {
  const prompts = report.candidates.filter(({ summaries }) => summaries[split].asked > 0);
  const part = report.spec.split[split];
  const numberOf = (id: ExampleId): number => places?.get(id) ?? part.indexOf(id) + 1;
  const kindOf = (id: ExampleId, { candidate, results }: (typeof prompts)[number]): CellKind => {
    const result = results[split].get(id);
    if (!result) return shownRows(candidate).includes(id) ? 'shown' : 'not-asked';
    const outcome = outcomeOf(result);
    return outcome === 'right' || outcome === 'wrong' || outcome === 'failed' ? outcome : 'unreadable';
  };
  const lines = part
    .map((id) => {
      const kinds = prompts.map((prompt) => kindOf(id, prompt));
      const answers = kinds.filter((kind) => kind === 'right' || kind === 'wrong' || kind === 'unreadable');
      const right = answers.filter((kind) => kind === 'right').length;
      return { id, kinds, share: answers.length === 0 ? 2 : right / answers.length };
    })
    .sort((a, b) => numberOf(a.id) - numberOf(b.id))
    .sort((a, b) => (order === 'hardest' ? a.share - b.share : 0));
  return {
    rows: lines.map(({ id }) => id),
    numbers: lines.map(({ id }) => numberOf(id)),
    kinds: lines.map(({ kinds }) => kinds),
  };
}

it.each(Array.from({ length: 40 }, (_, seed) => seed))('is the plain grid of any run: %i', (seed) => {
  const { report, dataset } = randomRun(seed);
  const known = placesIn(new Map(dataset.examples.map(({ id }) => [id, undefined])));
  for (const split of ['train', 'validation', 'test'] as const)
    for (const order of ['data', 'hardest'] as const)
      for (const places of [known, undefined]) {
        const options = { split, which: 'all', order, places } as const;
        const { rows, numbers, prompts, cells } = gridOf(report, options);
        const kinds = rows.map((_, row) =>
          [...cells.subarray(row * prompts.length, (row + 1) * prompts.length)].map((code) => cellKinds[code]),
        );
        expect({ rows, numbers, kinds }).toEqual(plainGrid(report, options));
      }
});

describe('the stamp of the grid', () => {
  const run = new HandMadeRun([one.prompt, two.prompt, three.prompt]).answers(one, 'train', 4, 4);
  run.answers(two, 'train', 3, 4).answers(three, 'train', 1, 4);
  const row = run.spec.split.train[5] ?? ('' as never);
  const stamp = (over: Partial<GridOptions> = {}): string => gridStamp(run.report, { ...all, ...over });

  it('stays while nothing in it changes', () => {
    const first = stamp();
    run.fact({ type: 'round-started', round: 1, good: [], bad: [], examples: [] }).answers(one, 'test', 1, 1);
    expect(stamp()).toBe(first);
  });

  it('changes with an answer, a failure, and an answer where there was a failure', () => {
    const stamps = [stamp()];
    for (const outcome of ['failed', 'right'] as const) stamps.push((run.answer(one, 'train', row, outcome), stamp()));
    expect(new Set(stamps).size).toBe(3);
  });

  it('changes with the part, the order, and the prompts that are kept', () => {
    run.fact({ type: 'archive-changed', round: 1, residents: [two.id] });
    const stamps = [stamp(), stamp({ split: 'test' }), stamp({ order: 'hardest' }), stamp({ which: 'kept' })];
    expect(new Set(stamps).size).toBe(4);
    // now all of them
    run.fact({ type: 'archive-changed', round: 1, residents: [three.id] });
    expect(stamp({ which: 'kept' })).toBe(stamp());
  });
});
