import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import { reportedScore } from '#core/reported-score.ts';
import { finishedRun, handMadeDataset, HandMadeRun, proposal, start } from '../support/hand-made-run.ts';

describe('how much of a reported score is selection', () => {
  it('is said for the rows that the best prompt was chosen on, in their order, and not for the sealed ones', () => {
    const { report } = finishedRun();
    const found = reportedScore(report);
    expect(found).toMatchObject({
      candidate: report.best,
      standing: 'sealed',
      chosenOn: [
        { split: 'train', rivals: 3, accuracy: { value: 0.9, n: 10 } },
        { split: 'validation', rivals: 2, accuracy: { value: 7 / 8, n: 8 } },
      ],
      test: { value: 11 / 12, n: 12 },
    });
    for (const { accuracy, corrected, expectedInflation } of found?.chosenOn ?? []) {
      expect(corrected).toBeLessThanOrEqual(accuracy.value);
      expect(expectedInflation).toBeGreaterThanOrEqual(0);
    }
    expect(reportedScore(report)).toEqual(found);
  });

  it('leaves out the validation rows until the finalists were compared on them, and where they never were', () => {
    const [first, second] = [start('Say something.'), start('Say yes or no.')];
    const met = (): HandMadeRun =>
      new HandMadeRun([first.prompt, second.prompt])
        .answers(first, 'train', 4)
        .answers(second, 'train', 7)
        .answers(second, 'validation', 6)
        .answers(first, 'validation', 2, 3);
    const parts = ({ report }: HandMadeRun) => reportedScore(report)?.chosenOn.map(({ split }) => split);
    const end = (reason: string) =>
      ({ type: 'search-ended', best: second.id, baseline: first.id, reason, ended: 'budget-spent' }) as const;
    expect(parts(met())).toEqual(['train']);
    expect(parts(met().add({ type: 'run-ended', outcome: 'stopped', reason: 'Stopped by you.' }))).toEqual(['train']);
    // these words stand in the journals of all versions
    const spent =
      'Over. The finalists were not compared: the budget was spent before. The limit of 9 minutes was reached.';
    expect(parts(met().add(end(spent)))).toEqual(['train']);
    // where the budget held fewer rows than were begun with, one of them has answered more; the sealed rows may be stopped
    const compared = met().add(end('Over.')).answers(second, 'test', 3, 4);
    expect(parts(compared)).toEqual(['train', 'validation']);
    compared.add({ type: 'run-ended', outcome: 'stopped', reason: 'Stopped by you.' });
    expect(parts(compared)).toEqual(['train', 'validation']);
  });

  it('is development accuracy where no rows were sealed, and waits where they are not open yet', () => {
    const ids = finishedRun().spec.split;
    const [first] = [start('Say something.')];
    const run = (test: typeof ids.test): HandMadeRun =>
      new HandMadeRun([first.prompt], { split: { ...ids, test } }).answers(first, 'train', 4);
    expect(reportedScore(run([]).report)?.standing).toBe('development');
    expect(reportedScore(run(ids.test).report)?.standing).toBe('unopened');
  });

  it('corrects no score that another prompt beat on the same rows: it was not chosen there for being the best', () => {
    const run = finishedRun();
    const other = proposal('Answer.', 1, []);
    run.fact({ type: 'candidate-proposed', candidate: other, round: 1 }).answers(other, 'train', 10);
    const [train, validation] = reportedScore(run.report)?.chosenOn ?? [];
    expect(train).toMatchObject({ split: 'train', rivals: 4, first: false });
    expect(train).not.toHaveProperty('corrected');
    expect(validation).toMatchObject({ split: 'validation', first: true });
    expect(validation).toHaveProperty('corrected');
  });

  it('is nothing for a single prompt, and for one that has seen only some of the rows', () => {
    const first = start('Say something.');
    const alone = new HandMadeRun([first.prompt]).answers(first, 'train', 4);
    const [only] = reportedScore(alone.report)?.chosenOn ?? [];
    expect(only).toMatchObject({ rivals: 1, expectedInflation: 0 });
    expect(only).not.toHaveProperty('corrected');
    expect(reportedScore(new HandMadeRun([first.prompt]).report)).toBeUndefined();
  });

  it('counts as rivals those that answered every row that the best prompt answered, and says how many were tried', () => {
    const first = start('Say something.');
    const [better, dropped] = [proposal('Better.', 1, [first]), proposal('Dropped.', 1, [first])];
    const run = new HandMadeRun([first.prompt]).answers(first, 'train', 2, 6);
    for (const candidate of [better, dropped]) run.fact({ type: 'candidate-proposed', candidate, round: 1 });
    const { report } = run.answers(better, 'train', 5, 5).answers(dropped, 'train', 0, 3);
    const [train] = reportedScore({ ...report, best: better.id })?.chosenOn ?? [];
    expect(train).toMatchObject({ rivals: 2, tried: 3, first: true, accuracy: { value: 1, n: 5 } });
    expect(train?.corrected).toBeLessThanOrEqual(1);
  });

  /** A hundred train rows: of the best prompt 70 are right, and the other fails on some of those that it gets wrong. */
  const besideFailing = (failed: number) => {
    const [first, rival] = [start('Say something.'), start('Another.')];
    const dataset = handMadeDataset(100);
    const split = { train: dataset.examples.map(({ id }) => id), validation: [], test: [] };
    const run = new HandMadeRun([first.prompt, rival.prompt], { split }, dataset).answers(first, 'train', 70);
    run.answersAs(rival, 'train', (row) => (row >= 100 - failed ? 'failed' : row < 35 ? 'right' : 'wrong'));
    return reportedScore({ ...run.report, best: first.id })?.chosenOn[0];
  };

  it('takes the luck off the score on its own rows, also where a rival failed on the hard ones', () => {
    const train = besideFailing(22);
    expect(train).toMatchObject({ rivals: 2, first: true, accuracy: { value: 0.7, n: 100 } });
    expect(train?.corrected).toBeLessThanOrEqual(0.7);
    expect(train?.corrected).toBeGreaterThan(0.65);
  });

  it('does not know the luck where hardly a row was answered by all: no row, and one', () => {
    for (const failed of [100, 99]) {
      const train = besideFailing(failed);
      expect(train).toMatchObject({ rivals: 2, accuracy: { value: 0.7, n: 100 } });
      expect(train).not.toHaveProperty('expectedInflation');
      expect(train).not.toHaveProperty('corrected');
    }
  });

  it('takes the luck out: prompts that guess end near their chance, whatever the best of them scored', () => {
    const random = createRandom('guessers');
    let [raw, corrected] = [0, 0];
    const runs = 30;
    for (let i = 0; i < runs; i++) {
      const first = start('Guess 0.');
      const run = new HandMadeRun([first.prompt]);
      for (let k = 0; k < 8; k++) {
        const prompt = k === 0 ? first : proposal(`Guess ${k}.`, 1, [first]);
        if (k > 0) run.fact({ type: 'candidate-proposed', candidate: prompt, round: 1 });
        run.answersAs(prompt, 'train', () => (random.next() < 0.5 ? 'right' : 'wrong'));
      }
      const [train] = reportedScore(run.report)?.chosenOn ?? [];
      raw += train?.accuracy.value ?? 0;
      corrected += train?.corrected ?? 0;
      expect(train?.expectedInflation).toBeGreaterThan(0.1);
    }
    expect(raw / runs).toBeGreaterThan(0.68);
    expect(Math.abs(corrected / runs - 0.5)).toBeLessThan(0.07);
  });
});
