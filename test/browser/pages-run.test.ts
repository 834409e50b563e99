import axe from 'axe-core';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { expose } from '#lib/rpc.ts';
import { App } from '#state/app.svelte.ts';
import { parseRoute, Router } from '#state/route.svelte.ts';
import Root from '#ui/App.svelte';
import '#ui/app.css';
import { FakeEngine } from '../support/fake-engine.ts';
import { finishedRun, HandMadeRun, proposal, start } from '../support/hand-made-run.ts';

let app: App;
let engine: FakeEngine;

/** The whole app with this run in it, on the page of the run or another one. */
async function show(run: HandMadeRun, part = '', driven = false): Promise<void> {
  engine = new FakeEngine();
  const { port1, port2 } = new MessageChannel();
  expose(engine.api(), port2);
  const address = { location: { hash: '' } as Location, addEventListener: () => undefined };
  app = await App.open(() => ({ worker: port1, close: () => undefined }), new Router(address));
  await app.deleteEverything();
  const id = await app.addBundle(run.bundle);
  if (driven) engine.drives = [id];
  await app.engine.setSecrets([]);
  app.router.go(parseRoute(`#/runs/${id}/${part}`));
  const screen = await render(Root, { app });
  onTestFinished(() => screen.unmount());
  await expect.element(page.getByRole('heading', { level: 1, name: run.spec.name })).toBeVisible();
}

const button = (name: string | RegExp) => page.getByRole('button', { name });
const tab = (name: RegExp) => page.getByRole('tab', { name });
const panel = () => page.getByRole('tabpanel');
const first = start('Say something.');
const better = proposal('Answer yes or no.', 1, [first]);

/** A run in its first round. */
const going = (over = {}): HandMadeRun =>
  new HandMadeRun([first.prompt], over)
    .answers(first, 'train', 4)
    .fact({ type: 'round-started', round: 1, good: [first.id], bad: [], examples: [] })
    .fact({ type: 'candidate-proposed', candidate: better, round: 1 })
    .answers(better, 'train', 3, 4);

afterEach(() => vi.restoreAllMocks());

describe('a run that has ended', () => {
  it('opens with the verdict, the best prompt and the numbers of all parts of the data', async () => {
    await show(finishedRun());
    await expect
      .element(
        page.getByRole('heading', { name: /^Better: \+58 points on 12 unseen rows, 95 % interval \+\d+ to \+\d+/ }),
      )
      .toBeVisible();
    await expect.element(page.getByText('Simulated: no language model is running.')).toBeVisible();
    await expect.element(panel().getByText('Answer yes or no, with that word alone.').first()).toBeVisible();
    const test = panel().getByRole('row', { name: /^Test/ });
    await expect.element(test).toHaveTextContent('33.3 %');
    await expect.element(test).toHaveTextContent('91.7 %');
  });

  it('hands out its files, the best prompts first', async () => {
    await show(finishedRun());
    await expect.element(button('Best prompts (JSON)')).toHaveClass(/primary/);
    const names: string[] = [];
    const blobs: Blob[] = [];
    vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
      blobs.push(blob as Blob);
      return 'blob:test';
    });
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      names.push(this.download);
    });
    for (const name of ['Best prompts (JSON)', 'Curve (CSV)', 'All answers (CSV)', 'Whole run (JSON)'])
      await button(name).click();
    await expect.poll(() => names.length).toBe(4);
    expect(names).toEqual([
      'yes-or-no-by-hand.prompts.json',
      'yes-or-no-by-hand.curve.csv',
      'yes-or-no-by-hand.results.csv',
      'yes-or-no-by-hand.run.json',
    ]);
    const prompts = JSON.parse((await blobs[0]?.text()) ?? '') as { prompts: { prompt: string }[] };
    expect(prompts.prompts[0]?.prompt).toBe('Answer yes or no, with that word alone.');
  });

  it('shows a prompt with its answers, and one answer in full', async () => {
    await show(finishedRun(), 'prompts');
    await button(/Prompt 3.*Answer yes or no/).click();
    await expect.element(panel().getByText(/Written by the generator in round 1/)).toBeVisible();
    await expect.element(panel().getByRole('radio', { name: 'All 10' })).toBeChecked();
    await panel().getByRole('radio', { name: 'Wrong 1' }).click();
    const answers = panel().getByRole('region', { name: 'Answers to this prompt' });
    await expect.element(answers.getByText('≥ 0.90')).toBeVisible();
    await answers.getByRole('button', { name: 'Message number 9' }).click();
    await expect
      .element(panel().getByText(/Answer yes or no, with that word alone\.\s+Message number 9/))
      .toBeVisible();
    await expect.element(panel().getByText('Answer 9 (wrong)')).toBeVisible();
    await panel().getByRole('radio', { name: 'Test' }).click();
    await expect.element(panel().getByRole('radio', { name: 'All 12' })).toBeChecked();
  });

  it('tells each round: what was shown, what came back, and what became of it', async () => {
    await show(finishedRun(), 'rounds');
    await expect.element(panel().getByRole('heading', { name: 'Round 1' })).toBeVisible();
    await expect.element(panel().getByText('It was tried before.')).toBeVisible();
    await expect.element(panel().getByText('90.0 % right on the train rows (59.6 % to 98.2 %)')).toBeVisible();
    await panel().getByText('Meta prompt and raw answer').first().click();
    await expect.element(panel().getByText('Meta prompt of round 1')).toBeVisible();
    await expect.element(panel().getByText('<prompt>Answer yes or no, with that word alone.</prompt>')).toBeVisible();
  });

  it('plays the guessing game by keyboard alone', async () => {
    await show(finishedRun(), 'guess');
    const guess = page.getByRole('spinbutton', { name: 'Guess for prompt A as a number' });
    await guess.fill('90');
    await expect.element(page.getByRole('slider', { name: 'Guess for prompt A, per cent right' })).toHaveValue('90');
    await userEvent.keyboard('{Enter}');
    await expect.element(page.getByText(/On average you were \d+ points off/)).toBeVisible();
    expect(document.activeElement?.textContent).toContain('On average');
    await button(/^Play again/).click();
    await expect.element(button('Show the truth')).toBeVisible();
  });

  it('starts the next run with its best prompts', async () => {
    await show(finishedRun());
    await button('New run from these prompts').click();
    await expect.poll(() => app.router.route.page).toBe('new');
    expect(app.draft?.startingPrompts[0]).toBe('Answer yes or no, with that word alone.');
    expect(app.draft?.sizes).toEqual({ train: 10, validation: 8, test: 12 });
  });

  it.each(['light', 'dark'] as const)(
    'has no fault that axe finds, on any tab, in the %s theme',
    async (theme) => {
      await show(finishedRun());
      app.setTheme(theme);
      for (const name of [/^Curve/, /^Prompts/, /^Rounds/, /^Result/, /^Guess/]) {
        await tab(name).click();
        if (name.test('Prompts')) await panel().getByRole('rowheader').first().getByRole('button').click();
        const { violations } = await axe.run(document, { resultTypes: ['violations'] });
        expect(violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)].join(' '))).toEqual([]);
      }
    },
    90_000,
  );
});

describe('a run that goes on', () => {
  it('opens with the curve, is paused and resumed by one button, and stops after one question', async () => {
    await show(going(), '', true);
    await expect.element(tab(/^Curve/)).toHaveAttribute('aria-selected', 'true');
    await expect.element(page.getByText('Round 1 of 2')).toBeVisible();
    await expect.element(page.getByText(/14 of at most \d+ answers/)).toBeVisible();
    await button('Pause').click();
    await expect.poll(() => engine.told).toEqual(['pause']);
    await button('Stop').click();
    expect(engine.told).not.toContain('stop');
    await button('Stop the run').click();
    await expect.poll(() => engine.told).toEqual(['pause', 'stop']);
  });

  it('takes in what the engine tells, says one sentence a round, and keeps the tab when it ends', async () => {
    const run = going();
    const before = run.entries.length;
    await show(run, '', true);
    const news = page.getByRole('status').filter({ hasText: /Round 1 is done/ });
    await expect.element(news).not.toBeInTheDocument();
    run
      .answers(better, 'train', 9)
      .fact({ type: 'round-finished', round: 1, best: better.id, note: 'A new best prompt.' });
    engine.tell([{ run: run.spec.id, entries: run.entries.slice(before) }]);
    await expect.element(news).toHaveTextContent('Round 1 is done. A new best prompt. Best so far: 90.0 % right.');
    const told = run.entries.length;
    run.add({ type: 'run-ended', outcome: 'stopped', reason: 'Stopped by you.' });
    engine.tell([{ run: run.spec.id, entries: run.entries.slice(told) }]);
    await expect.element(button('See the result')).toBeVisible();
    await expect.element(tab(/^Curve/)).toHaveAttribute('aria-selected', 'true');
  });

  it('found interrupted, says where, and asks for a key that is no longer in memory', async () => {
    const model = { provider: 'openai-compatible', values: { baseUrl: 'https://api.example.com/v1', model: 'small' } };
    await show(going({ models: { evaluation: model, generator: model }, simulated: false }));
    await expect.element(page.getByText(/interrupted\s+at round 1, 14 of 500 calls/)).toBeVisible();
    await page.getByLabelText('API key', { exact: true }).fill('sk-test');
    await button('Resume').click();
    await expect.poll(() => engine.told).toEqual(['resume']);
    expect(engine.secrets).toEqual([
      { provider: 'openai-compatible', origin: 'https://api.example.com', values: { apiKey: 'sk-test' } },
    ]);
  });

  it('stalled, says why and what to do', async () => {
    await show(going().add({ type: 'run-stalled', error: { code: 'provider-quota', details: { said: 'no credit' } } }));
    await expect.element(page.getByRole('alert')).toHaveTextContent('The credit is used up');
    await expect.element(button('Resume')).toBeVisible();
  });
});

describe('the list of runs', () => {
  it('shows state and best score, and deletes after a question', async () => {
    await show(finishedRun());
    app.router.go({ page: 'runs' });
    const row = page.getByRole('row', { name: /Yes or no, by hand/ });
    await expect.element(row).toHaveTextContent('Finished');
    await expect.element(row).toHaveTextContent('91.7 %');
    await expect.element(row).toHaveTextContent('simulated');
    await button('Delete the run Yes or no, by hand').click();
    await button('Delete the run').last().click();
    await expect.element(page.getByText('No runs yet')).toBeVisible();
  });

  it('opens a whole run from a file, and says what is wrong with another one', async () => {
    const run = finishedRun();
    await show(run);
    await app.deleteRun(run.spec.id);
    app.router.go({ page: 'runs' });
    const input = page.getByLabelText('A whole run, exported from this app');
    await expect.element(page.getByText('No runs yet')).toBeVisible();
    await input.upload(new File(['{"format":"something else"}'], 'other.json'));
    await expect.element(page.getByRole('alert')).toHaveTextContent('Not a whole run');
    await input.upload(new File([JSON.stringify(run.bundle)], 'mine.run.json'));
    await expect.element(page.getByRole('heading', { name: /^Better/ })).toBeVisible();
  });

  it('knows a run that is not there, and the way back', async () => {
    await show(finishedRun());
    app.router.go({ page: 'runs', id: 'nowhere' });
    await expect.element(page.getByRole('heading', { level: 1, name: 'No such run' })).toBeVisible();
    await expect.element(page.getByRole('link', { name: 'All runs' })).toHaveAttribute('href', '#/runs');
  });
});
