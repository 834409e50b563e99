import { expect, it } from 'vitest';
import { standingsOf } from '#core/standings.ts';
import { handMadeDataset, HandMadeRun, proposal, start } from '../support/hand-made-run.ts';

const [one, two] = [start('Say something.'), start('Say anything.')];
const lucky = proposal('Guess.', 1, [one]);
const steady = proposal('Answer yes or no.', 1, [one]);
const shows = { ...proposal('Look at these.', 2, [one]), prompt: 'Look at these. (rows)' };

it('those that saw a part of the rows go by the lower end of their interval, behind those that a race kept', () => {
  const run = new HandMadeRun([one.prompt, two.prompt]).answers(one, 'train', 5, 10).answers(two, 'train', 2, 4);
  for (const candidate of [lucky, steady]) run.fact({ type: 'candidate-proposed', candidate, round: 1 });
  run.answers(lucky, 'train', 2, 2).answers(steady, 'train', 7, 8);
  const order = (): readonly string[] => standingsOf(run.report).map(({ record }) => record.candidate.id);
  expect(order()).toEqual([one.id, steady.id, lucky.id, two.id]);
  run.fact({ type: 'archive-changed', round: 1, residents: [steady.id, two.id] });
  expect(order()).toEqual([steady.id, two.id, one.id, lucky.id]);
});

it('a prompt that shows two rows has seen all when it was asked about the others', () => {
  const run = new HandMadeRun([one.prompt]).answers(one, 'train', 5);
  const candidate = { ...shows, demos: { instruction: 'Look at these.', examples: run.spec.split.train.slice(8) } };
  run.fact({ type: 'candidate-proposed', candidate, round: 2 }).answers(candidate, 'train', 8, 8);
  expect(run.report.best).toBe(candidate.id);
  expect(standingsOf(run.report).map(({ partial }) => partial)).toEqual([false, false]);
});

it('a starting prompt that meets the winner only to lose to it stands behind those that were kept', () => {
  const run = new HandMadeRun([one.prompt, two.prompt]).answers(one, 'train', 2, 10).answers(two, 'train', 1, 4);
  for (const candidate of [steady, lucky]) run.fact({ type: 'candidate-proposed', candidate, round: 1 });
  run.answers(steady, 'train', 9, 10).answers(lucky, 'train', 7, 8);
  run.fact({ type: 'archive-changed', round: 1, residents: [steady.id, lucky.id] });
  run.answers(steady, 'validation', 8, 8).answers(one, 'validation', 0, 8);
  expect(standingsOf(run.report).map(({ record }) => record.candidate.id)).toEqual([
    steady.id,
    lucky.id,
    one.id,
    two.id,
  ]);
  const close = new HandMadeRun([one.prompt, two.prompt]).answers(one, 'train', 2, 10).answers(two, 'train', 1, 4);
  for (const candidate of [steady, lucky]) close.fact({ type: 'candidate-proposed', candidate, round: 1 });
  close.answers(steady, 'train', 9, 10).answers(lucky, 'train', 7, 8);
  close.fact({ type: 'archive-changed', round: 1, residents: [steady.id, lucky.id] });
  close.answers(steady, 'validation', 6, 8).answers(one, 'validation', 5, 8);
  expect(standingsOf(close.report)[1]?.record.candidate.id).toBe(one.id);
});

it('a finalist that is clearly behind, row by row, is none that the winner was hardly better than', () => {
  const large = handMadeDataset(60);
  const ids = large.examples.map(({ id }) => id);
  const split = { train: ids.slice(0, 10), validation: ids.slice(10, 39), test: ids.slice(39) };
  const run = new HandMadeRun([one.prompt, two.prompt], { split }, large)
    .answers(one, 'train', 6, 10)
    .answers(two, 'train', 1, 4);
  for (const candidate of [steady, lucky]) run.fact({ type: 'candidate-proposed', candidate, round: 1 });
  run.answers(steady, 'train', 10, 10).answers(lucky, 'train', 9, 10);
  run.fact({ type: 'archive-changed', round: 1, residents: [steady.id, lucky.id] });
  // 26 and 19 of 29: their intervals overlap, and seven rows speak for one of them alone
  run.answers(steady, 'validation', 26, 29).answers(one, 'validation', 19, 29);
  expect(standingsOf(run.report).map(({ record }) => record.candidate.id)).toEqual([
    steady.id,
    lucky.id,
    one.id,
    two.id,
  ]);
});

it('the baseline is a starting prompt, though others may be there before the first round', () => {
  const template = { ...steady, origin: { ...steady.origin, round: 0 } } as typeof steady;
  const run = new HandMadeRun([one.prompt, two.prompt]).fact({
    type: 'candidate-proposed',
    candidate: template,
    round: 0,
  });
  run.answers(template, 'train', 9, 10).answers(one, 'train', 2, 4).answers(two, 'train', 1, 4);
  expect(run.report.best).toBe(template.id);
  expect(run.report.baseline).toBe(one.id);
});
