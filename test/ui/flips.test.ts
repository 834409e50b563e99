import { expect, it } from 'vitest';
import type { ExampleId } from '#core/id.ts';
import { compareOn } from '#core/report.ts';
import { questionOf } from '#ui/run/answers.ts';
import { countsOf, flipsOf } from '#ui/run/flips.ts';
import { HandMadeRun, start } from '../support/hand-made-run.ts';
import { raceRun } from '../support/race-run.ts';

const [one, two] = [start('One.'), start('Two.')];

it('tells fixed from broken rows, and leaves out what one of the two did not answer', () => {
  const run = new HandMadeRun([one.prompt, two.prompt]);
  const rows = run.spec.split.train;
  const outcomes = [
    ['right', 'right'],
    ['right', 'wrong'],
    ['wrong', 'right'],
    ['unparsable', 'right'],
    ['cut-off', 'wrong'],
    ['failed', 'right'],
    ['right', 'failed'],
  ] as const;
  for (const [index, [before, after]] of outcomes.entries()) {
    run.answer(one, 'train', rows[index] ?? ('' as never), before);
    run.answer(two, 'train', rows[index] ?? ('' as never), after);
  }
  run.answer(one, 'train', rows[8] ?? ('' as never), 'right');
  const [a, b] = run.report.candidates.map(({ results }) => results.train);
  const flips = a && b ? flipsOf(a, b) : [];
  expect(flips.map(({ change }) => change)).toEqual(['broken', 'fixed', 'fixed', 'wrong', 'right']);
  expect(flips[0]?.id).toBe(rows[1]);
});

it('adds up to the paired difference, whichever two prompts are compared', () => {
  const { candidates } = raceRun().report;
  for (const a of candidates)
    for (const b of candidates) {
      const { fixed, broken, right, wrong } = countsOf(flipsOf(a.results.train, b.results.train));
      const difference = compareOn(b.results.train, a.results.train);
      if (!difference) continue;
      expect(difference.n).toBe(fixed + broken + right + wrong);
      expect(difference.value).toBeCloseTo((fixed - broken) / difference.n, 12);
    }
});

it('calls a row by its inputs, the question first, and by its options where these are all it has', () => {
  const row = { id: 'r' as ExampleId, targets: ['A'] };
  expect(questionOf({ ...row, inputs: { text: 'A story.', question: 'Who?' } })).toBe('Who? · A story.');
  expect(questionOf({ ...row, inputs: {}, choices: ['It rained.', 'It rain.'] })).toBe('It rained. · It rain.');
});
