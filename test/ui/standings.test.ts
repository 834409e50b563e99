import { expect, it } from 'vitest';
import { standingsOf } from '#ui/run/standings.ts';
import { HandMadeRun, proposal, start } from '../support/hand-made-run.ts';

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
