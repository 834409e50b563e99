import { describe, expect, it } from 'vitest';
import { finishedRun, HandMadeRun, proposal, start } from '../support/hand-made-run.ts';
import { raceRun } from '../support/race-run.ts';

const [one, two] = [start('Say something.'), start('Say anything.')];
const child = proposal('Answer yes or no.', 1, [one]);

describe('a run whose search says which prompts it keeps', () => {
  it('is led by the first of them while it goes on, whatever the scores of others look like', () => {
    const run = new HandMadeRun([one.prompt, two.prompt]).answers(one, 'train', 5).answers(two, 'train', 6);
    expect(run.report.best).toBe(two.id);
    run.fact({ type: 'archive-changed', round: 0, residents: [one.id, two.id] });
    expect(run.report.best).toBe(one.id);
    run.fact({ type: 'candidate-proposed', candidate: child, round: 1 }).answers(child, 'train', 3, 3);
    expect(run.report.best).toBe(one.id);
    run.fact({ type: 'archive-changed', round: 1, residents: [child.id, one.id] });
    expect(run.report.best).toBe(child.id);
  });

  it('remembers who led from when on, once for each change of the lead', () => {
    const run = new HandMadeRun([one.prompt, two.prompt])
      .answers(one, 'train', 5)
      .fact({ type: 'archive-changed', round: 0, residents: [one.id] })
      .answers(two, 'train', 1, 4)
      .fact({ type: 'archive-changed', round: 0, residents: [one.id, two.id] })
      .fact({ type: 'archive-changed', round: 1, residents: [two.id, one.id] });
    expect(run.report.leaders).toEqual([
      { id: one.id, round: 0, calls: 10 },
      { id: two.id, round: 1, calls: 14 },
    ]);
  });

  it('keeps a prompt at its place on the calls axis when the race asks on about it', () => {
    const run = new HandMadeRun([one.prompt]).answers(one, 'train', 2, 4);
    const place = (): number | undefined => run.report.candidates[0]?.callsAfter;
    run.fact({ type: 'archive-changed', round: 0, residents: [one.id] });
    const before = place();
    run.answer(one, 'train', run.spec.split.train[7] ?? ('' as never), 'right');
    expect(before).toBe(4);
    expect(place()).toBe(before);
    expect(run.report.candidates[0]?.summaries.train.n).toBe(5);
  });

  it('never names a leader that is not there', () => {
    const run = new HandMadeRun([one.prompt]).answers(one, 'train', 2);
    run.fact({ type: 'archive-changed', round: 0, residents: [child.id] });
    expect(run.report.best).toBe(one.id);
  });

  it('that was read by another rule has no leader until the search names one again', () => {
    const run = new HandMadeRun([one.prompt])
      .answers(one, 'train', 2)
      .fact({ type: 'archive-changed', round: 0, residents: [one.id] })
      .add({ type: 'answers-accepted', reading: { type: 'last-line' } });
    expect(run.report.leaders).toEqual([]);
  });
});

it('a run of a search that says nothing of the kind has no leaders', () => {
  expect(finishedRun().report.leaders).toEqual([]);
});

it('the made-up race is the same for the same seed, and holds every fact', () => {
  const types = new Set(raceRun().report.facts.map(({ type }) => type));
  expect([...types].sort()).toEqual([
    'archive-changed',
    'candidate-proposed',
    'operators-tallied',
    'proposal-judged',
    'proposal-rejected',
    'race-rung',
    'round-finished',
    'round-started',
  ]);
  expect(raceRun({ seed: 5 }).entries).toEqual(raceRun({ seed: 5 }).entries);
});
