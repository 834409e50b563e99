import axe from 'axe-core';
import { afterEach, describe, expect, it } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { confusionOf } from '#core/confusion.ts';
import type { Completion } from '#core/completion.ts';
import type { CallKey } from '#core/id.ts';
import { reliabilityOf } from '#core/reliability.ts';
import { rowsOf } from '#state/rows.ts';
import type { RunDesk } from '#state/run-desk.svelte.ts';
import OneLabel from '#ui/run/OneLabel.svelte';
import ConfusionTable from '#ui/charts/ConfusionTable.svelte';
import ReliabilityChart from '#ui/charts/ReliabilityChart.svelte';
import TestSight from '#ui/pages/new-run/TestSight.svelte';
import LabelAudit from '#ui/run/LabelAudit.svelte';
import PromptAnalysis from '#ui/run/PromptAnalysis.svelte';
import PromptReliability from '#ui/run/PromptReliability.svelte';
import SelectionCard from '#ui/run/SelectionCard.svelte';
import { finishedRun, HandMadeRun, proposal, start } from '../support/hand-made-run.ts';
import '#ui/app.css';

const plain = (element: Element | null): string => (element?.textContent ?? '').replace(/\s+/g, ' ').trim();
const rowTexts = (): readonly string[] =>
  page
    .getByRole('row')
    .elements()
    .map((row) => [...row.children].map(plain).join(' '));

/** What a screen of a run reads from its desk. */
const deskOf = (run: HandMadeRun, completion?: Completion): RunDesk =>
  ({ rows: rowsOf(run.dataset), completion: () => Promise.resolve(completion) }) as unknown as RunDesk;

/** Six prompts, all of which get the last train row wrong. */
function doubtfulRun(): HandMadeRun {
  const first = start('Prompt 0.');
  const run = new HandMadeRun([first.prompt]);
  for (let i = 0; i < 6; i++) {
    const prompt = i === 0 ? first : proposal(`Prompt ${i}.`, 1, [first]);
    if (i > 0) run.fact({ type: 'candidate-proposed', candidate: prompt, round: 1 });
    run.answersAs(prompt, 'train', (row) => (row === 9 ? 'wrong' : row % 5 === i ? 'unparsable' : 'right'), 3);
  }
  return run;
}

afterEach(async () => {
  for (const theme of ['light', 'dark'] as const) {
    document.documentElement.dataset['theme'] = theme;
    const { violations } = await axe.run(document.body, {
      resultTypes: ['violations'],
      rules: { region: { enabled: false } },
    });
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)).toEqual([]);
  }
  delete document.documentElement.dataset['theme'];
});

describe('what the score is worth', () => {
  it('is told from the sealed rows, beside the rows that had a part in the choice', async () => {
    await render(SelectionCard, { report: finishedRun().report });
    await expect.element(page.getByText('is the number to quote: it was measured on')).toHaveTextContent('on 12 rows');
    const rows = rowTexts();
    expect(rows[1]).toMatch(/^Train the best of 3 prompts 90\.0 % .*n = 10 about \d+\.\d % \+\d+\.\d points$/);
    expect(rows[2]).toMatch(/^Validation the best of 2 prompts 87\.5 %/);
    expect(rows[3]).toMatch(/^Test none: sealed 91\.7 % .* none$/);
  });

  it('leaves open how much is luck where no row was answered by all', async () => {
    const [first, second] = [start('Say something.'), start('Say yes or no.')];
    const run = new HandMadeRun([first.prompt, second.prompt]);
    run.answers(first, 'train', 4).answers(second, 'train', 0, 10, 'failed');
    await render(SelectionCard, { report: { ...run.report, best: first.id } });
    expect(rowTexts()[1]).toMatch(/^Train the best of 2 prompts 40\.0 % .*n = 10 – –$/);
  });

  it('is called development accuracy where no rows were sealed', async () => {
    const { split } = finishedRun().spec;
    const [first, second] = [start('Say something.'), start('Say yes or no.')];
    const run = new HandMadeRun([first.prompt, second.prompt], { split: { ...split, test: [] } });
    run.answers(first, 'train', 4).answers(second, 'train', 7);
    await render(SelectionCard, { report: run.report });
    await expect.element(page.getByText('Development accuracy.')).toBeVisible();
    await expect.element(page.getByText(/On other rows, expect about \d/)).toBeVisible();
  });
});

describe('the label audit', () => {
  it('lists the row that every prompt got wrong, with its label and what was answered', async () => {
    const run = doubtfulRun();
    await render(LabelAudit, { report: run.report, desk: deskOf(run) });
    await expect.element(page.getByText(/asked about this row/)).toBeVisible();
    expect(rowTexts()[1]).toBe('Message number 9 no no (6) 2.0 % Train');
  });

  it('says nothing where there is nothing to say', async () => {
    const run = finishedRun();
    await render(LabelAudit, { report: run.report, desk: deskOf(run) });
    expect(document.querySelector('section')).toBeNull();
  });
});

it('the confusion matrix says its numbers in a table with named rows and columns', async () => {
  const run = finishedRun();
  const { results } = run.report.candidates[0] ?? {};
  if (!results) throw new Error('a run has candidates');
  const rows = rowsOf(run.dataset);
  const confusion = rows.type === 'there' ? confusionOf(results.train, rows.byId, run.spec.task.answer) : undefined;
  if (!confusion) throw new Error('a label task has a matrix');
  await render(ConfusionTable, { confusion, caption: 'Confusion matrix of Start 1' });
  await expect.element(page.getByRole('table', { name: 'Confusion matrix of Start 1' })).toBeVisible();
  const names = page.getByRole('columnheader').elements().map(plain);
  // a row of this run was wrong although it reads as its label
  expect(names).toEqual(['Right answer', 'yes', 'no', 'something else', 'nothing readable', 'right']);
  expect(page.getByRole('rowheader').elements().map(plain)).toEqual(['yes', 'no']);
});

it('a large confusion matrix says its largest mix-ups, and keeps its heads in sight', async () => {
  const classes = Array.from({ length: 40 }, (_, place) => `intent ${place}`);
  const rows = classes.map((label, place) => ({
    ...{ label, other: 0, unreadable: 0, failed: 0, n: 12 },
    counts: classes.map((_, column) => (column === place ? 9 : place === 7 && column === 3 ? 3 : 0)),
  }));
  await render(ConfusionTable, { confusion: { classes, rows, hasOther: false }, caption: 'Forty intents' });
  const said = page.getByRole('listitem').elements().map(plain);
  expect(said).toEqual(['“intent 7” read as “intent 3” in 3 of 12 rows']);
  const region = page.getByRole('region', { name: 'Forty intents' }).element();
  region.scrollTo(600, 500);
  const box = region.getBoundingClientRect();
  const head = (name: string) =>
    page.getByRole('columnheader', { name, exact: true }).element().getBoundingClientRect();
  const side = page.getByRole('rowheader', { name: 'intent 25', exact: true }).element().getBoundingClientRect();
  expect(region.scrollTop).toBe(500);
  expect([head('intent 20').top, head('Right answer').left, side.left].map(Math.round)).toEqual(
    [box.top, box.left, box.left].map(Math.round),
  );
});

it('the reliability diagram says in words what it draws, and has a table twin', async () => {
  const answers = Array.from({ length: 20 }, (_, i) => ({
    probability: i < 10 ? 0.62 : 0.97,
    right: i % 2 === 0 || i > 12,
  }));
  const reliability = reliabilityOf(answers);
  if (!reliability) throw new Error('there are answers');
  await render(ReliabilityChart, { reliability, of: 'given answer', diagonal: true });
  await expect
    .element(page.getByRole('img'))
    .toHaveAccessibleName(
      /^Share of right answers by the probability of the given answer, in 2 bins: 60 to 70\s%: 50\s% of 10 right; 90 to 100\s%: 90\s% of 10 right\.$/,
    );
  await page.getByText('Show as table').click();
  expect(rowTexts()[1]).toMatch(/^60 to 70 % 62\.0 % 10 5 50\.0 % 23\.7 % to 76\.3 %$/);
});

describe('how sure the model was', () => {
  const came: Completion = {
    ...{ text: 'yes', finishReason: 'stop', usage: { inputTokens: 1, outputTokens: 1 }, latencyMs: 1 },
    tokens: [{ token: 'yes', logprob: Math.log(0.8), alternatives: [] }],
  };

  it('is never shown for another part of the data than the chosen one, and a failure is over with the next one', async () => {
    const run = finishedRun();
    const [record] = run.report.candidates;
    if (!record) throw new Error('a run has candidates');
    const asked: string[] = [];
    const waiting: ((error: Error) => void)[] = [];
    // the last train rows are answers that no other part has
    const completion = (call: CallKey): Promise<Completion> => {
      asked.push(call);
      if (call !== 'call-9') return Promise.resolve(came);
      return new Promise((_, reject) => waiting.push(reject));
    };
    const desk = { rows: rowsOf(run.dataset), completion } as unknown as RunDesk;
    const given = { record, report: run.report, desk };
    const screen = await render(PromptReliability, { ...given, split: 'validation' });
    const chart = page.getByText(/^Over 8 answers/);
    await expect.element(chart).toBeVisible();
    await screen.rerender({ ...given, split: 'train' });
    await expect.element(chart).not.toBeInTheDocument();
    await expect.element(page.getByText('Reading the answers')).toBeVisible();
    waiting.shift()?.(new Error('The disk is busy'));
    await expect.element(page.getByText('The answers could not be read from this browser.')).toBeVisible();
    await screen.rerender({ ...given, split: 'validation' });
    await expect.element(chart).toBeVisible();
    // what fails when nobody waits for it any more is not said
    await screen.rerender({ ...given, split: 'train' });
    await screen.rerender({ ...given, split: 'validation' });
    waiting.shift()?.(new Error('The disk is busy'));
    await expect.element(chart).toBeVisible();
    expect(page.getByText('could not be read').elements()).toEqual([]);
    expect(asked.filter((call) => call !== 'call-9')).toEqual([...new Set(asked)].filter((call) => call !== 'call-9'));
  });
});

describe('the analysis of a prompt', () => {
  const analysis = async (completion?: Completion): Promise<void> => {
    const run = finishedRun();
    const [record] = run.report.candidates;
    if (!record) throw new Error('a run has candidates');
    await render(PromptAnalysis, { record, split: 'train', report: run.report, desk: deskOf(run, completion) });
  };

  it('is folded until it is wanted, and reads the probabilities from the answers as they came', async () => {
    const tokens = [{ token: 'yes', logprob: Math.log(0.8), alternatives: [] }];
    await analysis({
      text: 'yes',
      finishReason: 'stop',
      tokens,
      usage: { inputTokens: 1, outputTokens: 1 },
      latencyMs: 1,
    });
    expect(page.getByRole('table').elements()).toHaveLength(0);
    await page.getByText('Which answers are taken for which').click();
    await expect
      .element(page.getByRole('table', { name: 'Confusion matrix of Start 1 on the train rows' }))
      .toBeVisible();
    await page.getByText('Is the model right as often as it is sure?').click();
    // 4 of 10 right, each 80 % sure
    await expect.element(page.getByText('40.0 points')).toBeVisible();
  });

  it('has the matrix of the part that is looked at, also where both parts have as many rows', async () => {
    const first = start('Say something.');
    const run = new HandMadeRun([first.prompt]).answers(first, 'train', 8, 8).answers(first, 'validation', 0, 8);
    const { report } = run;
    const [record] = report.candidates;
    if (!record) throw new Error('a run has candidates');
    const desk = deskOf(run);
    const { rerender } = await render(PromptAnalysis, { record, split: 'train', report, desk });
    await page.getByText('Which answers are taken for which').click();
    const cells = () => page.getByRole('row').elements().map(plain).join('; ');
    await expect.element(page.getByRole('table')).toBeVisible();
    const before = cells();
    await rerender({ split: 'validation' });
    await expect.element(page.getByRole('table', { name: /on the validation rows/ })).toBeVisible();
    expect(cells()).not.toBe(before);
  });

  it('makes do with the right answers where the answers are not kept here', async () => {
    await analysis();
    await page.getByText('Is the model right as often as it is sure?').click();
    await expect
      .element(page.getByText(/this shows the probability of the right answer, over 9 answers/))
      .toBeVisible();
    await expect.element(page.getByText('Of 1 more answer the probability is not known.')).toBeVisible();
  });
});

it.each([
  [60, /^With 60 test rows a difference of about 14 points can be seen\./],
  [4, /^With 4 test rows no difference between two prompts can be seen\./],
])('%i test rows', async (rows, words) => {
  await render(TestSight, { rows, seen: 0 });
  await expect.element(page.getByText(words)).toBeVisible();
});

it('says that earlier runs have used the test rows', async () => {
  await render(TestSight, { rows: 60, seen: 2 });
  await expect.element(page.getByText(/^2 earlier runs have used some or all of these test rows\./)).toBeVisible();
});

it('a prompt that says one label far too often is seen through', async () => {
  const row = (label: string, counts: readonly number[]) => ({
    label,
    counts,
    other: 0,
    unreadable: 0,
    failed: 0,
    n: 20,
  });
  const rows = [row('yes', [20, 0]), row('no', [14, 6])];
  await render(OneLabel, { confusion: { classes: ['yes', 'no'], rows, hasOther: false } });
  await expect
    .element(page.getByText('85 % of the answers are “yes”, which is right for 50 % of these rows.'))
    .toBeVisible();
});
