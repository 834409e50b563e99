import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { groupsOf, taskInterval } from './compare.mjs';
import { accuracyPlot } from './plots.mjs';
import { drawPlots } from './plots.mjs';
import { defaultShape } from './proxy.mjs';
import { appendResult, cellsOf, isSame, isUnder, latest, readResults } from './results.mjs';
import { driftTable, table } from './table.mjs';
import { againTable, versionsTable } from './versions-table.mjs';

/** Three methods on three tasks with two seeds; numbers made up. */
const fixture = new URL('./fixture.jsonl', import.meta.url).pathname;

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('a server whose answers drift', () => {
  const run = (prompt: string | null, right: number, day: string, n = 100) =>
    ({ task: 'sum', model: 'small', prompt, test: { right, n }, date: `${day}T10:00:00Z` }) as never;

  it('is told by prompts that were tested twice, and by no others', () => {
    const told = driftTable([
      ...[run('Add them.', 97, '2026-11-26'), run('Add them.', 94, '2026-11-27'), run('Add them.', 94, '2026-11-28')],
      ...[run('Sum.', 90, '2026-11-26'), run('Sum.', 90, '2026-11-27'), run('Other.', 80, '2026-11-26')],
      // more rows are another test; a prompt that is kept out cannot be known again
      ...[run('Sum.', 180, '2026-11-27', 200), run(null, 1, '2026-11-26'), run(null, 2, '2026-11-27')],
    ]);
    expect(told).toContain('| sum | 97 (2026-11-26), 94 (2026-11-28) | 100 | Add them. |');
    expect(told.split('\n').filter((line) => line.startsWith('| sum'))).toHaveLength(1);
    expect(driftTable([run('Add them.', 97, '2026-11-26')])).toBe('');
  });
});

describe('a later version of ours', () => {
  const run = (task: string, seed: number, version: string, right: number, more: object = {}) =>
    ({
      ...{ task, method: 'pacer', seed, budget: 300, model: 'small', generator: 'small', start: 'bad' },
      ...{ settings: { kind: 'ours', optimizer: 'pacer', set: {} }, versions: { pacer: version } },
      ...{ test: { right, n: 100 }, ...more },
    }) as never;

  it('is held against each earlier one in the runs that both have, the last of each', () => {
    const told = versionsTable([
      ...[run('sum', 1, '9', 50), run('sum', 1, '9', 80), run('sum', 1, '10', 90)],
      ...[run('trec', 1, '9', 60), run('trec', 1, '10', 60), run('trec', 2, '10', 0)],
    ]);
    // ten points on one task, none on the other: t of one degree of freedom, ends cut at a hundred points
    expect(told).toContain('| PACER | 300 | 10 / 9 | 2 on 2 tasks | 75.0 | 70.0 | +5.0 [−58.5, +68.5] |');
    expect(told.split('\n').filter((line) => line.startsWith('| PACER'))).toHaveLength(1);
  });

  it('is not, where settings, test rows or budget were others, on a single task, or where there is none', () => {
    const one = [run('sum', 1, '9', 50), run('sum', 1, '10', 60), run('trec', 1, '9', 50)];
    expect(versionsTable([...one, run('trec', 1, '10', 60)])).not.toBe('');
    expect(versionsTable(one)).toBe('');
    for (const other of [
      { test: { right: 60, n: 200 } },
      { budget: 1000 },
      { settings: { kind: 'ours', optimizer: 'pacer', set: { templates: 'false' } } },
      { settings: { kind: 'peer' } },
    ])
      expect(versionsTable([...one, run('trec', 1, '10', 60, other)])).toBe('');
  });
});

describe('a run of a peer that was made again', () => {
  const run = (task: string, seed: number, right: number, more: object = {}) =>
    ({
      ...{ task, method: 'gepa', seed, budget: 300, model: 'small', generator: 'small', start: 'bad' },
      ...{ settings: { kind: 'peer' }, test: { right, n: 100 }, ...more },
    }) as never;

  it('tells how far the last two times are apart, the mean of the tasks', () => {
    const told = againTable([
      ...[run('sum', 1, 10), run('sum', 1, 98), run('sum', 1, 8), run('sum', 2, 50)],
      ...[run('trec', 1, 60), run('trec', 1, 70), run('trec', 1, 0, { test: { right: 0, n: 200 } })],
    ]);
    expect(told).toContain('| 300 | 2 on 2 tasks | 79.0 | 39.0 | 50.0 | 90.0 |');
  });

  it('is not told of ours, or of a single one', () => {
    const ours = { settings: { kind: 'ours', optimizer: 'pacer' } };
    expect(againTable([run('sum', 1, 10), run('sum', 1, 98), run('trec', 1, 0)])).toBe('');
    expect(
      againTable([run('sum', 1, 10, ours), run('sum', 1, 98, ours), run('sum', 2, 1, ours), run('sum', 2, 1, ours)]),
    ).toBe('');
  });
});

describe('results', () => {
  const setting = { model: 'small', generator: 'small', start: 'bad' };
  const wanted = { tasks: ['sum', 'trec'], methods: ['gepa', 'capo'], seeds: [1, 2], budgets: [300] };

  it('are not made again after a stop, even one in the middle of a line', async () => {
    const file = join(folder, 'results.jsonl');
    const cells = cellsOf(wanted, setting);
    expect(cells).toHaveLength(8);
    for (const cell of cells.slice(0, 3)) await appendResult(file, cell);
    await writeFile(file, `${await readFile(file, 'utf8')}{"task":"trec","meth`);
    const left = async (): Promise<number> => {
      const done = await readResults(file);
      return cells.filter((cell) => !done.some((other) => isSame(other, cell))).length;
    };
    expect(await left()).toBe(5);
    for (const cell of cells.slice(3, 4)) await appendResult(file, cell);
    expect(await left()).toBe(4);
  });

  it('are paired by task and seed', async () => {
    const [group] = groupsOf(await readResults(fixture));
    const gepa = group?.lines.find(({ method }) => method === 'gepa');
    expect(group?.ours).toBe('contrastive');
    // by task: sum, sst2, trec
    expect(gepa?.ours?.value).toBeCloseTo((0.325 + 0 + 0.175) / 3);
    expect(gepa?.signs).toEqual({ won: 5, tied: 0, lost: 1 });
    expect(gepa?.optimism).toBeCloseTo(0.05);
  });

  it('are made again where a setting, a length, the test rows or the version of ours has changed, and the last one counts', () => {
    const cell = { task: 'sum', method: 'pacer', seed: 1, budget: 300, ...setting };
    const settings = { kind: 'ours', optimizer: 'pacer', train: 60, validation: 40, set: {} } as const;
    const done = { ...cell, settings, shape: defaultShape, test: { n: 100 }, versions: { pacer: '4' } };
    const now = { settings, shape: defaultShape, testRows: 100, version: '4' };
    expect(isUnder(done, now)).toBe(true);
    expect(isUnder(done, { ...now, version: '5' })).toBe(false);
    expect(isUnder(done, { ...now, testRows: 200 })).toBe(false);
    expect(isUnder(done, { ...now, shape: { ...defaultShape, maxPromptTokens: 400 } })).toBe(false);
    expect(isUnder(done, { ...now, settings: { ...settings, train: 30 } })).toBe(false);
    const dated = { ...done, date: '2026-11-26T11:26:43.686Z' };
    expect(isUnder(dated, { ...now, since: '2026-11-26T11:00:00Z' })).toBe(true);
    expect(isUnder(dated, { ...now, since: '2026-11-26T14:12:11Z' })).toBe(false);
    const other = { ...done, seed: 2 };
    const again = { ...done, versions: { pacer: '5' } };
    expect(latest([done, other, again])).toEqual([other, again]);
  });

  it('stand in the order of the differences in the same runs, whatever other runs do to a mean', () => {
    const run = (method: string, task: string, right: number) => ({
      ...{ task, method, seed: 1, budget: 300, score: null, test: { right, n: 100 }, ...setting },
      counts: {
        evaluation: { calls: 1, inputTokens: 1, outputTokens: 1 },
        generator: { calls: 1, inputTokens: 1, outputTokens: 1 },
      },
    });
    const [group] = groupsOf([
      ...[run('pacer', 'hard', 60), run('pacer', 'easy', 100)],
      ...[run('gepa', 'hard', 50), run('gepa', 'easy', 99)],
      run('capo', 'hard', 58), // the easy task is missing, so its mean is the lowest
    ]);
    expect(group?.lines.map(({ method }) => method)).toEqual(['pacer', 'capo', 'gepa']);
    expect(group && accuracyPlot(group)).toContain('CAPO (1 of 2 runs)');
  });

  it('say who ended with much of the calls unspent', async () => {
    const [first] = await readResults(fixture);
    if (!first) throw new Error('the fixture is empty');
    type Counts = { readonly evaluation: object };
    const spending = (calls: number) => {
      const counts = first['counts'] as Counts;
      return { ...first, counts: { ...counts, evaluation: { ...counts.evaluation, calls } } };
    };
    expect(table([spending(0.7 * first.budget)])).toMatch(
      /used less than 75 % of the evaluation calls: .* 1 of 1 \(\d+\)\./,
    );
    expect(table([spending(0.8 * first.budget)])).not.toContain('used less than');
  });

  it('tell of ideas that were tried apart from the methods', async () => {
    const kept = await readResults(fixture);
    const own = kept.filter(({ method }) => method === 'contrastive').map((result) => ({ ...result, method: 'pacer' }));
    const [first] = own;
    if (!first) throw new Error('the fixture is empty');
    const tried = { ...first, method: 'pacer-short' };
    const [methods, ideas] = table([...kept, ...own, tried]).split(/ideas that were tried/);
    expect(methods).not.toContain('kept after 20 rows');
    expect(ideas).toContain(`| PACER, kept after 20 rows | ${first.task}, seed ${first.seed} |`);
    expect(table(kept)).not.toContain('ideas that were tried');
  });

  it('give an interval that holds the mean, and none where all tasks agree', () => {
    const spread = taskInterval([0.1, 0.3, -0.1, 0.2].map((value, i) => ({ task: `t${i}`, value })));
    expect(spread.lo).toBeLessThan(spread.value);
    expect(spread.hi).toBeGreaterThan(spread.value);
    // Student's t with 3 degrees of freedom, by hand: 0.125 ± 3.182 × 0.1708 / 2
    expect([spread.lo, spread.hi].map((value) => value.toFixed(3))).toEqual(['-0.147', '0.397']);
    const same = taskInterval([1, 2, 3].map((i) => ({ task: `t${i}`, value: 0.2 })));
    expect([same.lo, same.value, same.hi].map((value) => value.toFixed(6))).toEqual([
      '0.200000',
      '0.200000',
      '0.200000',
    ]);
  });

  it('make a table', async () => {
    const text = table(await readResults(fixture));
    expect(text).toContain('| **Contrastive** | 3 tasks, 6 runs | 70.3 |  |  |  | +5.0 | 280 + 12 |');
    expect(text).toMatch(
      /\| GEPA \| 3 tasks, 6 runs \| 53\.7 \| 70\.3 \| \+16\.7 \[−23\.7, \+57\.1\] \| 5 \/ 0 \/ 1 \|/,
    );
    expect(text).toContain('| Contrastive | 87.5 (2) | 81.0 (2) | 42.5 (2) |');
    const named = (await readResults(fixture)).map((result) => ({
      ...result,
      versions: { contrastive: '4', gepa: '0.1' },
    }));
    expect(table(named)).toMatch(/^Versions: contrastive 4, gepa 0\.1\.$/m);
    const [first, ...rest] = await readResults(fixture);
    if (!first) throw new Error('the fixture has results');
    const counts = { evaluation: { calls: 1 }, generator: { calls: 10, cut: 4 } };
    const long = { ...first, counts, shape: { ...defaultShape, maxPromptTokens: 1 } };
    const mixed = table([long, ...rest]);
    expect(mixed).toContain('Texts that were cut off at the longest length:');
    expect(mixed).toContain('1 with texts of up to 1 tokens');
    expect(table([])).toBe('No results yet.');
  });

  it('make plots that can be read without seeing them', async () => {
    const files = await drawPlots(await readResults(fixture), undefined, folder);
    expect(files.map((file) => file.split('/').at(-1))).toEqual([
      'optimizers-accuracy-300.svg',
      'optimizers-difference-300.svg',
      'optimizers-optimism-300.svg',
    ]);
    const [accuracy = ''] = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    expect(accuracy).toContain('aria-label="Accuracy on rows that no method has seen, 300 evaluation calls"');
    expect(accuracy.match(/<circle /g)).toHaveLength(3 * 7);
    expect(accuracy).not.toMatch(/NaN|undefined/);
  });
});
