import { describe, expect, it } from 'vitest';
import type { Plan } from '#core/optimizer.ts';
import { isListening, progressOf } from '#core/progress.ts';
import { finishedRun, HandMadeRun, proposal, start } from '../support/hand-made-run.ts';

const plan: Plan = { evaluationCalls: 100, generatorCalls: 4, rounds: 2, prompts: 4, problems: [] };
const first = start('Say something.');

describe('progress of a run', () => {
  it('counts what is there against the plan and the test rows', () => {
    const run = new HandMadeRun([first.prompt]).answers(first, 'train', 5, 8);
    expect(progressOf(run.report, plan)).toMatchObject({ phase: 'start', round: 0, rounds: 2, done: 8, total: 128 });
  });

  it('knows the round, and that a rejected proposal saves its train rows', () => {
    const run = new HandMadeRun([first.prompt])
      .answers(first, 'train', 5)
      .fact({ type: 'round-started', round: 1, good: [first.id], bad: [], examples: [] })
      .writes(1, 0, '')
      .fact({ type: 'proposal-rejected', round: 1, text: '', reason: 'empty', detail: '' });
    expect(progressOf(run.report, plan)).toMatchObject({ phase: 'search', round: 1, done: 11, total: 118 });
  });

  it('knows that what a rejected proposal saves is spent on others, where the plan says so', () => {
    const run = new HandMadeRun([first.prompt])
      .answers(first, 'train', 5)
      .writes(1, 0, '')
      .fact({ type: 'proposal-rejected', round: 1, text: '', reason: 'empty', detail: '' });
    expect(progressOf(run.report, { ...plan, spendsAll: true }).total).toBe(128);
  });

  it('names no last round where what is saved goes into further ones, unless the budget does', () => {
    const begun = (most?: number) =>
      new HandMadeRun([first.prompt], { budget: { calls: 500, ...(most === undefined ? {} : { rounds: most }) } })
        .answers(first, 'train', 5)
        .fact({ type: 'round-started', round: 1, good: [first.id], bad: [], examples: [] }).report;
    const roundsOf = (most?: number) => progressOf(begun(most), { ...plan, rounds: 5, spendsAll: true }).rounds;
    expect([roundsOf(), roundsOf(4), roundsOf(40)]).toEqual([undefined, 4, undefined]);
  });

  it('needs only as many test answers as there are different winners', () => {
    const better = proposal('Better.', 1, [first]);
    const search = (winner: typeof first) =>
      new HandMadeRun([first.prompt])
        .answers(first, 'train', 5)
        .fact({ type: 'candidate-proposed', candidate: better, round: 1 })
        .answers(better, 'train', 9)
        .add({ type: 'search-ended', best: winner.id, baseline: first.id, reason: '', ended: 'finished' })
        .answers(winner, 'test', 3, 6).report;
    expect(progressOf(search(better), plan)).toMatchObject({ phase: 'test', done: 26, total: 20 + 24 });
    expect(progressOf(search(first), plan)).toMatchObject({ phase: 'test', done: 26, total: 20 + 12 });
  });

  it('tells the time left at the pace so far, and only when there is a pace', () => {
    const run = new HandMadeRun([first.prompt]).answers(first, 'train', 1, 2);
    expect(progressOf(run.report, plan)).not.toHaveProperty('leftMs');
    run.answers(first, 'validation', 5);
    const { done, total = 0, leftMs } = progressOf(run.report, plan);
    expect(done).toBe(10);
    expect(leftMs).toBeCloseTo((run.report.runningMs / 10) * (total - done));
  });

  it('does not call answers out of the cache quick work', () => {
    const run = new HandMadeRun([first.prompt]).answers(first, 'train', 5);
    const { report } = run;
    const paid = progressOf(report, plan).leftMs ?? 0;
    expect(progressOf({ ...report, cachedAnswers: 2 }, plan).leftMs).toBeCloseTo((paid * 10) / 8);
    expect(progressOf({ ...report, cachedAnswers: 10 }, plan)).not.toHaveProperty('leftMs');
  });

  it('is whole at the end, and knows no total without a plan before it', () => {
    const ended = progressOf(finishedRun().report, plan);
    expect(ended).toMatchObject({ phase: 'ended', done: ended.total });
    expect(ended).not.toHaveProperty('leftMs');
    const run = new HandMadeRun([first.prompt]).answers(first, 'train', 5);
    const unknown = progressOf(run.report, undefined);
    expect(unknown).not.toHaveProperty('total');
    expect(unknown).not.toHaveProperty('rounds');
  });
});

it('a search listens until its finalists are compared', () => {
  const run = new HandMadeRun([first.prompt]).answers(first, 'train', 5);
  expect(isListening(run.report)).toBe(true);
  expect(isListening(run.answers(first, 'validation', 1, 1).report)).toBe(false);
  const untested = new HandMadeRun([first.prompt]).answers(first, 'train', 5);
  untested.add({ type: 'run-ended', outcome: 'stopped', reason: 'Stopped by you.' });
  expect(isListening(untested.report)).toBe(false);
});
