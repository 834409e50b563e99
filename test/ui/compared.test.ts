import { describe, expect, it } from 'vitest';
import type { RunReport } from '#core/report.ts';
import type { RunSpec } from '#core/run.ts';
import { isClearAlone, linesOf, mostCompared, pairsOf, sameTestRows } from '#ui/run/compared.ts';
import { finishedRun, HandMadeRun, start } from '../support/hand-made-run.ts';
import { raceRun } from '../support/race-run.ts';

const first = start('Say something.');

describe('runs side by side', () => {
  const [race, shorter] = [raceRun().report, raceRun({ seed: 3, rounds: 3 }).report];

  it('are lines of the best so far against calls, with the sealed score at the end', () => {
    const [first, second] = linesOf([race, shorter]);
    expect([first?.letter, second?.letter]).toEqual(['A', 'B']);
    const xs = first?.steps.map(({ x }) => x) ?? [];
    expect(xs.length).toBeGreaterThan(1);
    expect([...xs].sort((a, b) => a - b)).toEqual(xs);
    expect(first?.steps.at(-1)?.y).toBe(first?.train?.value);
    // a race asks about few rows at first: how many stands at every corner; a row that a prompt shows itself is none that it lacks
    for (const { n, partial } of first?.steps ?? []) if (partial) expect(n).toBeLessThan(first?.trainRows ?? 0);
    expect(first?.steps.length).toBeGreaterThan(0);
    const few = new HandMadeRun([start('One.').prompt]).fact({
      ...{ type: 'archive-changed', round: 0, residents: [start('One.').id] },
    });
    few.answers(start('One.'), 'train', 3, 4);
    expect(linesOf([few.report])[0]?.steps[0]).toMatchObject({ n: 4, partial: true });
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

  it('are no pair where one was stopped among its test rows, and say where their rows were used before', () => {
    const begun = (over = {}): HandMadeRun => new HandMadeRun([first.prompt], over).answers(first, 'train', 5);
    const ended = begun().answers(first, 'test', 6).add({ type: 'run-ended', outcome: 'finished', reason: '' }).report;
    const stopped = begun().answers(first, 'test', 2, 5).add({ type: 'run-ended', outcome: 'stopped', reason: '' });
    expect(pairsOf([ended, stopped.report])).toEqual([]);
    expect(pairsOf([ended, ended])).toHaveLength(1);
    expect(linesOf([ended, begun({ testSeen: 1 }).report]).map(({ testSeen }) => testSeen)).toEqual([false, true]);
  });

  it('meet in pairs on the sealed rows that both have, and a verdict counts how many pairs there are', () => {
    const [pair] = pairsOf([race, raceRun({ going: true }).report, race]);
    expect(pair).toMatchObject({ first: 'A', second: 'C', p: 1, difference: { value: 0, n: 40 } });
    expect(pair).not.toHaveProperty('better');
    const withRights = (rights: number): RunReport => {
      const run = new HandMadeRun([first.prompt]).answers(first, 'train', 5).answers(first, 'test', rights);
      return run.add({ type: 'run-ended', outcome: 'finished', reason: '' }).report;
    };
    const [best, worst] = [withRights(12), withRights(5)];
    expect(pairsOf([best, worst])).toMatchObject([{ better: 'A', difference: { n: 12 } }]);
    expect(pairsOf([worst, best])).toMatchObject([{ better: 'B' }]);
    const [alone] = pairsOf([best, worst]);
    const many = pairsOf([best, worst, worst, worst]).find(({ first: a, second: b }) => `${a}${b}` === 'AB');
    expect(many?.p).toBeGreaterThan(alone?.p ?? 1);
    expect(pairsOf([race, best])).toEqual([]);
    const close = withRights(6);
    expect(pairsOf([best, close]).map(isClearAlone)).toEqual([false]);
    const [outer] = pairsOf([best, close, close, close, close, close]);
    expect(outer).toMatchObject({ first: 'A', second: 'B' });
    expect(outer).not.toHaveProperty('better');
    expect(outer && isClearAlone(outer)).toBe(true);
  });

  it('are said to differ in more than their prompts where another model was asked, or asked in another way', () => {
    const ended = (over: Partial<RunSpec> = {}): RunReport =>
      new HandMadeRun([first.prompt], over)
        .answers(first, 'train', 5)
        .answers(first, 'test', 6)
        .add({ type: 'run-ended', outcome: 'finished', reason: '' }).report;
    const unlike = (over: Partial<RunSpec>) => pairsOf([ended(), ended(over)])[0]?.unlike;
    const { models, task } = ended().spec;
    expect(unlike({ seed: 8, budget: { calls: 900 } })).toEqual([]);
    expect(unlike({ task: { ...task, description: 'In other words.' } })).toEqual([]);
    expect(unlike({ models: { ...models, generator: { provider: 'simulated', values: { a: 1 } } } })).toEqual([]);
    expect(unlike({ models: { ...models, evaluation: { provider: 'simulated', values: { a: 1 } } } })).toEqual([
      'evaluation model',
    ]);
    const template = { messages: [{ role: 'user', content: '{{text}}\n{{>prompt}}' }] } as const;
    expect(unlike({ task: { ...task, template, metric: 'contains' } })).toEqual(['frame', 'form of the answer']);
  });

  it('are told apart by their sealed rows', () => {
    expect(sameTestRows([race, race])).toBe(true);
    expect(sameTestRows([race, finishedRun().report])).toBe(false);
    // a small trial seals none, so it has no score that could differ by its rows
    const { spec } = race;
    const trial = { ...race, best: undefined, spec: { ...spec, split: { ...spec.split, test: [] } } };
    expect(sameTestRows([race, trial])).toBe(true);
  });
});
