import Papa from 'papaparse';
import { expect, it } from 'vitest';
import { exporters } from '#exporters/index.ts';
import { resultsCsv } from '#exporters/results-csv.ts';
import { HandMadeRun, proposal, start } from '../support/hand-made-run.ts';

it('the answers of a run mark the rows whose label is in doubt', () => {
  const first = start('Prompt 0.');
  const run = new HandMadeRun([first.prompt]);
  for (let i = 0; i < 6; i++) {
    const prompt = i === 0 ? first : proposal(`Prompt ${i}.`, 1, [first]);
    if (i > 0) run.fact({ type: 'candidate-proposed', candidate: prompt, round: 1 });
    run.answersAs(prompt, 'train', (row) => (row === 9 ? 'wrong' : 'right'), 3);
  }
  const { data } = Papa.parse<Record<string, string>>(resultsCsv(run.report, run.dataset), {
    header: true,
    skipEmptyLines: true,
  });
  const doubted = data.filter((row) => row['label_in_doubt'] === 'true').map((row) => row['example']);
  expect(doubted).toEqual(Array.from({ length: 6 }, () => run.spec.split.train[9]));
  expect(data.filter((row) => row['label_in_doubt'] === 'false')).toHaveLength(54);
});

it('the answers of a run show the options of each row where there are some', () => {
  const first = start('Prompt 0.');
  const run = new HandMadeRun([first.prompt]).answers(first, 'train', 3);
  const plain = run.dataset;
  const withOptions = { ...plain, examples: plain.examples.map((row) => ({ ...row, choices: ['yes', 'no'] })) };
  const optionsOf = (dataset: typeof plain) =>
    Papa.parse<Record<string, string>>(resultsCsv(run.report, dataset), { header: true }).data[0]?.['options'];
  expect(optionsOf(withOptions)).toBe('A. yes\nB. no');
  expect(optionsOf(plain)).toBeUndefined();
});

it('the answers of a run keep what failed out of the answers, and say why beside them', () => {
  const first = start('Prompt 0.');
  const run = new HandMadeRun([first.prompt]).answers(first, 'train', 1, 2, 'failed');
  const { data, meta } = Papa.parse<Record<string, string>>(resultsCsv(run.report, run.dataset), { header: true });
  expect(data.slice(0, 2).map(({ outcome, answer, error }) => [outcome, answer, error])).toEqual([
    ['right', 'Answer 0 (right)', ''],
    ['failed', '', 'Too long.'],
  ]);
  expect(meta.fields).toEqual([
    ...['candidate', 'split', 'example', 'outcome', 'right_answer', 'read_answer', 'answer', 'cross_entropy', 'bound'],
    ...['input_tokens', 'output_tokens', 'latency_ms', 'label_in_doubt', 'error', 'input:text'],
  ]);
});

it('the answers of a run are said to be cut where they are long', () => {
  expect(exporters.results.description).toContain('600 characters');
});
