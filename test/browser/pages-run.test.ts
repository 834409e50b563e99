import { afterEach, describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import type { CallKey } from '#core/id.ts';
import type { AnswerReading } from '#core/task.ts';
import { runLock, runsChannel, type Conditions } from '#engine/api.ts';
import type { App } from '#state/app.svelte.ts';
import type { FakeEngine } from '../support/fake-engine.ts';
import { finishedRun, HandMadeRun, proposal, start } from '../support/hand-made-run.ts';
import { faultsOfPage, showRun } from '../support/shown-run.ts';

let app: App;
let engine: FakeEngine;

/** The whole app with this run in it, on the page of the run or another one. */
async function show(run: HandMadeRun, part = '', driven = false): Promise<void> {
  ({ app, engine } = await showRun(run, part, driven));
}

const button = (name: string | RegExp) => page.getByRole('button', { name });
/** Picks something from the menu of the run. */
async function choose(name: string | RegExp): Promise<void> {
  await button('More').click();
  await page.getByRole('menuitem', { name }).click();
}
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
        page.getByRole('heading', {
          name: /^Better: \+58\.3 points on 12 unseen rows, 95 % interval \+[\d.]+ to \+[\d.]+/,
        }),
      )
      .toBeVisible();
    await expect.element(page.getByText('Simulated: no language model is running.')).toBeVisible();
    await expect.element(panel().getByText('Answer yes or no, with that word alone.').first()).toBeVisible();
    const scores = panel().getByRole('region', { name: 'Scores by part of the data' });
    const test = scores.getByRole('row', { name: /^Test/ });
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

  it('has an address for each prompt, and goes from one to the next where the focus is', async () => {
    const run = finishedRun();
    await show(run);
    await tab(/^Prompts/).click();
    await panel()
      .getByRole('button', { name: /Answer yes or no, with that word alone/ })
      .first()
      .click();
    const best = app.router.route.item;
    expect(app.router.route).toMatchObject({ page: 'runs', part: 'prompts' });
    await expect.element(button('Previous')).toHaveAttribute('aria-disabled', 'true');
    await button('Next').click();
    expect(app.router.route.item).not.toBe(best);
    await expect.element(button('Next')).toHaveFocus();
    await button('Previous').click();
    expect(app.router.route.item).toBe(best);
    await tab(/^Curve/).click();
    await tab(/^Prompts/).click();
    expect(app.router.route.item, 'where one was').toBe(best);
    await expect.element(panel().getByText(/1 of \d prompts/)).toBeVisible();
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
    await expect.poll(() => app.router.route.page, { timeout: 20_000 }).toBe('new');
    expect(app.drafts.current?.startingPrompts[0]).toBe('Answer yes or no, with that word alone.');
    expect(app.drafts.current?.sizes).toEqual({ train: 10, validation: 8, test: 12 });
  });

  it.each(['light', 'dark'] as const)(
    'has no fault that axe finds, on any tab, in the %s theme',
    async (theme) => {
      await show(finishedRun());
      app.setTheme(theme);
      for (const name of [/^Curve/, /^Prompts/, /^Rounds/, /^Result/, /^Guess/]) {
        await tab(name).click();
        if (name.test('Prompts')) await panel().getByRole('rowheader').first().getByRole('button').click();
        expect(await faultsOfPage()).toEqual([]);
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
    await choose('Stop now…');
    await expect.element(page.getByText(/Requests that are under way are cut off/)).toBeVisible();
    expect(engine.told).not.toContain('stop');
    await button('Stop the run').click();
    await expect.poll(() => engine.told).toEqual(['pause', 'stop']);
  });

  it('says that it is stopping until it has stopped, and offers nothing else meanwhile', async () => {
    const run = going();
    await show(run, '', true);
    await choose('Stop now…');
    await button('Stop the run').click();
    await expect.element(page.getByText('Stopping', { exact: true })).toBeVisible();
    await expect.element(page.getByText(/^Stopping: nothing more is sent/)).toBeVisible();
    await expect.element(button('Stopping…')).toHaveAttribute('aria-disabled', 'true');
    await button('More').click();
    await expect.element(page.getByRole('menuitem', { name: /^Change the budget/ })).toBeVisible();
    await expect.element(page.getByRole('menuitem', { name: 'Stop now…' })).not.toBeInTheDocument();
    const told = run.entries.length;
    run.add({ type: 'run-ended', outcome: 'stopped', reason: 'Stopped by you.' });
    engine.tell([{ run: run.spec.id, entries: run.entries.slice(told) }]);
    await expect.element(page.getByText('Stopped', { exact: true })).toBeVisible();
    await expect.element(page.getByText(/^Stopping/)).not.toBeInTheDocument();
  });

  it('says how many answers are under way while it is being paused', async () => {
    const run = going();
    await show(run, '', true);
    const reserved = { inputTokens: 1, outputTokens: 1 };
    const sent = ['1.1', '1.2', '1.3'].map((id) => ({
      id,
      call: id as CallKey,
      role: 'evaluation' as const,
      reserved,
    }));
    const write = { entries: [], answers: [], sent: [], settled: [] };
    await app.storage.journal.append(run.spec.id, { ...write, next: run.entries.length, sent });
    const told = run.entries.length;
    run.add({ type: 'run-paused' });
    const entries = run.entries.slice(told);
    await app.storage.journal.append(run.spec.id, { ...write, next: told, entries });
    engine.tell([{ run: run.spec.id, entries }]);
    await expect.element(page.getByText('Pausing: 3 answers are under way, and will be kept.')).toBeVisible();
    await expect.element(page.getByText('Pausing', { exact: true })).toBeVisible();
    await app.storage.journal.append(run.spec.id, {
      ...write,
      next: run.entries.length,
      settled: sent.map(({ id }) => id),
    });
    await expect.element(page.getByText('Paused', { exact: true })).toBeVisible();
    await expect.element(page.getByText(/^Pausing/)).not.toBeInTheDocument();
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

describe('what a person says to a run that goes on', () => {
  it('takes a prompt with the checks of a starting prompt, and shows it as waiting until its round', async () => {
    const run = going();
    await show(run, '', true);
    await choose(/^Add my prompt/);
    const prompt = page.getByRole('textbox', { name: 'Prompt' });
    await button('Add it').click();
    await expect.element(page.getByText('Write a prompt first.')).toBeVisible();
    await prompt.fill('Look at {{nothing}}.');
    await expect.element(page.getByText(/The data has no field “nothing”. Known fields: text/)).toBeVisible();
    await prompt.fill(run.spec.prompts[0] ?? '');
    await expect.element(page.getByText('This prompt is in the run already.')).toBeVisible();
    await prompt.fill('Say yes or no.');
    await button('Add it').click();
    await expect.poll(() => engine.told).toEqual(['say candidate']);
    const told = run.entries.length;
    run.add({ type: 'input-given', input: { type: 'candidate', prompt: 'Say yes or no.' } });
    engine.tell([{ run: run.spec.id, entries: run.entries.slice(told) }]);
    const waiting = page.getByRole('list', { name: 'Waiting for the next round' });
    await expect.element(waiting).toHaveTextContent(/Your prompt “Say yes or no.” is heard when round 2 begins/);
    const before = run.entries.length;
    run.add({ type: 'inputs-heard', step: 99, round: 2 });
    engine.tell([{ run: run.spec.id, entries: run.entries.slice(before) }]);
    await expect.element(waiting).not.toBeInTheDocument();
  });

  it('takes a hint, and the wish to stop after this round', async () => {
    await show(going(), '', true);
    await choose(/^Give the generator a hint/);
    await page.getByRole('textbox', { name: 'Hint' }).fill('Half of the rows are about delivery.');
    await button('Give the hint').click();
    await expect.poll(() => engine.told).toEqual(['say hint']);
    await choose(/^Stop after this round/);
    await expect.poll(() => engine.told).toEqual(['say hint', 'say stop-after-round']);
  });

  it('promises no test where no rows were set aside for one', async () => {
    const { train, validation } = going().spec.split;
    const run = going({ split: { train, validation, test: [] } });
    await show(run, 'result', true);
    await expect.element(panel().getByText(/no rows were set aside to tell whether it is really better/)).toBeVisible();
    await choose('Stop now…');
    await expect.element(page.getByText(/to have the best prompt chosen, stop after this round/)).toBeVisible();
    await button('Keep it').click();
    await button('More').click();
    const item = page.getByRole('menuitem', { name: /^Stop after this round/ });
    await expect.element(item).toHaveTextContent('Then the best prompt is chosen');
    await item.click();
    const told = run.entries.length;
    run.add({ type: 'input-given', input: { type: 'stop-after-round' } });
    engine.tell([{ run: run.spec.id, entries: run.entries.slice(told) }]);
    const waiting = page.getByRole('list', { name: 'Waiting for the next round' });
    await expect.element(waiting).toHaveTextContent('The run ends when round 1 is done.');
    expect(document.body.textContent).not.toMatch(/the test\b/i);
  });

  it('says in the dialog why something was not done, and keeps what was written', async () => {
    await show(going(), '', true);
    engine.refuses = { code: 'driven-elsewhere', details: {} };
    for (const [deed, field, press] of [
      [/^Give the generator a hint/, 'Hint', 'Give the hint'],
      [/^Rename/, 'Name', 'Rename'],
    ] as const) {
      await choose(deed);
      await page.getByRole('textbox', { name: field }).fill('Half of the rows');
      await button(press).click();
      const dialog = page.getByRole('dialog');
      await expect.element(dialog.getByRole('alert')).toHaveTextContent('Another tab');
      await expect.element(page.getByRole('textbox', { name: field })).toHaveValue('Half of the rows');
      await dialog.getByRole('button', { name: 'Cancel' }).click();
    }
    expect(engine.told).toEqual(['say hint', 'rename']);
  });

  it('changes the limits, never below what is spent, and no dollars without prices', async () => {
    await show(going(), '', true);
    await choose(/^Change the budget/);
    const calls = page.getByRole('spinbutton', { name: 'Calls at most' });
    await expect.element(page.getByText(/Spent so far: 14 calls/)).toBeVisible();
    await calls.fill('10');
    await expect.element(page.getByText('14 calls are spent already: allow at least that many.')).toBeVisible();
    await expect.element(button('Set these limits')).toBeDisabled();
    await calls.fill('900');
    await page.getByText('More limits').click();
    const tokens = page.getByRole('spinbutton', { name: 'Tokens at most (optional)' });
    await tokens.fill('100');
    await expect.element(page.getByText(/tokens are spent already: allow at least that many, or set no/)).toBeVisible();
    await expect.element(button('Set these limits')).toBeDisabled();
    await tokens.fill('');
    await expect.element(page.getByRole('spinbutton', { name: 'US dollars at most (optional)' })).toBeDisabled();
    await page.getByRole('spinbutton', { name: 'Minutes at most (optional)' }).fill('20');
    await button('Set these limits').click();
    await expect.poll(() => engine.told).toEqual(['changeBudget']);
  });

  it('takes another name, also when it has ended, and no empty one', async () => {
    const run = finishedRun();
    await show(run, '', true);
    await choose('Rename…');
    const name = page.getByRole('textbox', { name: 'Name' });
    await expect.element(name).toHaveValue(run.spec.name);
    await name.fill('  ');
    await expect.element(button('Rename')).toBeDisabled();
    await name.fill('The one for Monday');
    await button('Rename').click();
    await expect.poll(() => engine.told).toEqual(['rename']);
    await expect.element(page.getByRole('dialog')).not.toBeInTheDocument();
  });

  it('asks failed rows again, and says what that costs', async () => {
    const plain = start('Say something.');
    await show(going().answers(plain, 'train', 7, 10, 'failed'), '', true);
    await choose(/^Ask failed rows again.*3 rows/);
    await expect.element(page.getByText(/at most 3 calls/)).toBeVisible();
    await button('Ask again').click();
    await expect.poll(() => engine.told).toEqual(['retryFailed']);
    await expect.element(page.getByText(/7 of 10 rows answered/)).toBeVisible();
  });

  it('says of an ended run why its failed rows could not be asked again, and that nothing has changed', async () => {
    const run = finishedRun();
    await show(run, 'result');
    const error = { code: 'provider-unauthorized', details: { status: 401, host: 'api.example.com' } } as const;
    engine.tellConditions({ weather: [], blocked: [{ run: run.spec.id, error }] });
    await expect.element(page.getByText('Failed rows could not be asked again')).toBeVisible();
    await expect.element(page.getByText(/The key was refused.*for the others all stays as it was/)).toBeVisible();
  });

  it('S14: says in Settings what only the engine sees: the second copy fails, or nothing is kept any more', async () => {
    await show(finishedRun(), 'result');
    app.router.go({ page: 'settings' });
    await expect.element(page.getByText(/Runs are also written to a second file/)).toBeVisible();
    engine.tellConditions({ weather: [], blocked: [], safety: [{ state: 'broken', secondCopy: false }] });
    await expect.element(page.getByText('The second file of a run cannot be written.')).toBeVisible();
    app.router.go({ page: 'home' });
    await expect.element(page.getByText('The browser no longer keeps anything for this page.')).toBeVisible();
    expect(await faultsOfPage()).toEqual([]);
  });

  it('shows of an ended run that its failed rows are asked again, why it waits, and leaves off on one press', async () => {
    const model = { provider: 'openai-compatible', values: { baseUrl: 'https://api.example.com/v1', model: 'small' } };
    const run = finishedRun({ models: { evaluation: model, generator: model }, simulated: false });
    const plain = start('Say something.');
    run.answers(plain, 'train', 7, 10, 'failed').add({ type: 'failed-reopened' });
    await show(run, '', true);
    await expect.element(page.getByText('Asking failed rows again: 3 left')).toBeVisible();
    await expect.element(page.getByText('Asking again', { exact: true })).toBeVisible();
    expect(await faultsOfPage()).toEqual([]);
    const weather = { type: 'waiting', until: Date.now() + 60_000, reason: 'overload' } as const;
    engine.tellConditions({ weather: [{ lane: 'https://api.example.com', weather }], blocked: [] });
    await expect.element(page.getByText(/Waiting until .*: the provider is overloaded/)).toBeVisible();
    await button('More').click();
    await expect.element(page.getByRole('menuitem', { name: 'Rename…' })).toBeVisible();
    await expect.element(page.getByRole('menuitem', { name: /^Ask failed rows again/ })).not.toBeInTheDocument();
    await userEvent.keyboard('{Escape}');
    const told = run.entries.length;
    run.answers(plain, 'train', 8, 8);
    engine.tell([{ run: run.spec.id, entries: run.entries.slice(told) }]);
    await expect.element(page.getByText('Asking failed rows again: 2 left')).toBeVisible();
    await button('Stop asking').click();
    await expect.poll(() => engine.told).toEqual(['stop']);
    await expect.element(button('Stopping…')).toHaveAttribute('aria-disabled', 'true');
    engine.drives = [];
    await expect.element(page.getByText('Finished', { exact: true })).toBeVisible();
    await expect.element(page.getByText(/^Asking failed rows again/)).not.toBeInTheDocument();
    await expect.element(page.getByRole('heading', { level: 1 })).toHaveFocus();
    // asked once more, it does not go on to say that it is stopping
    await choose(/^Ask failed rows again/);
    engine.drives = [run.spec.id];
    await page.getByLabelText('API key', { exact: true }).fill('sk-test');
    await button('Ask again').click();
    await expect.element(page.getByText('Asking again', { exact: true })).toBeVisible();
  });

  it('says nothing of asking where failed rows of an ended run were left', async () => {
    const run = finishedRun().answers(start('Say something.'), 'train', 7, 10, 'failed');
    await show(run.add({ type: 'failed-reopened' }));
    await expect.element(page.getByText('Finished', { exact: true })).toBeVisible();
    await expect.element(page.getByText(/^Asking failed rows again/)).not.toBeInTheDocument();
    await expect.element(button('Stop asking')).not.toBeInTheDocument();
  });

  it('says beside “Resume” which address is to be named again, when that was taken back while it was paused', async () => {
    const model = { provider: 'openai-compatible', values: { baseUrl: 'https://api.example.com/v1', model: 'small' } };
    const run = going({ models: { evaluation: model, generator: model }, simulated: false });
    await show(run.add({ type: 'run-paused' }), '', true);
    await button('Resume').first().click();
    const alert = page.getByRole('alert');
    await expect.element(alert).toHaveTextContent('An address that you have not named yet');
    await alert.getByRole('button', { name: 'Resume with api.example.com' }).click();
    await expect.poll(() => engine.told).toEqual(['resume']);
  });

  it('asks for another key where that in memory was refused', async () => {
    const model = { provider: 'openai-compatible', values: { baseUrl: 'https://api.example.com/v1', model: 'small' } };
    const plain = start('Say something.');
    const real = { models: { evaluation: model, generator: model }, simulated: false };
    const run = going(real).answers(plain, 'train', 7, 10, 'failed');
    await show(run, '', true);
    app.secrets.put({
      provider: model.provider,
      origin: 'https://api.example.com',
      values: { apiKey: 'sk-mistyped-0123456789' },
    });
    const error = { code: 'provider-unauthorized', details: { status: 401, host: 'api.example.com' } } as const;
    engine.tellConditions({ weather: [], blocked: [{ run: run.spec.id, error }] });
    await choose(/^Ask failed rows again/);
    await expect
      .element(page.getByRole('dialog').getByText(/that is in memory was refused. Enter another one/))
      .toBeVisible();
  });

  it('is used again with the very same rows: as it was, or with its best prompts', async () => {
    const run = finishedRun({ budget: { calls: 500, minutes: 9 } });
    await show(run);
    await choose('Use these settings again');
    await expect.poll(() => app.router.route.page).toBe('new');
    expect(app.drafts.current?.startingPrompts).toEqual(run.spec.prompts);
    expect(app.drafts.current?.split).toEqual(run.spec.split);
    expect(app.drafts.current?.budget).toEqual({ calls: 500, minutes: 9 });
    expect(app.drafts.current?.optimizerValues).toMatchObject({ rounds: 2, proposals: 2 });
  });
});

describe('why nothing happens', () => {
  const model = { provider: 'openai-compatible', values: { baseUrl: 'https://api.example.com/v1', model: 'small' } };
  const real = { models: { evaluation: model, generator: model }, simulated: false };

  it('is one calm line beside the progress', async () => {
    await show(going(real), '', true);
    const tell = (weather: Conditions['weather'][number]['weather']): void =>
      engine.tellConditions({ weather: [{ lane: 'https://api.example.com', weather }], blocked: [] });
    tell({ type: 'limited', perMinute: 59.6 });
    await expect.element(page.getByText(/the provider takes about 60 requests a minute/)).toBeVisible();
    tell({ type: 'waiting', until: Date.now() + 60_000, reason: 'overload' });
    await expect
      .element(page.getByText(/Waiting until .*: the provider is overloaded. It goes on by itself/))
      .toBeVisible();
    tell({ type: 'waiting', until: Date.now() + 60_000, reason: 'offline' });
    await expect.element(page.getByText(/there is no connection/)).toBeVisible();
    tell({ type: 'clear' });
    await expect.element(page.getByText(/Waiting until/)).not.toBeInTheDocument();
  });

  it('is told where the disk is full, with the way out', async () => {
    const run = going();
    await show(run, '', true);
    engine.tellConditions({
      weather: [],
      blocked: [{ run: run.spec.id, error: { code: 'storage-full', details: {} } }],
    });
    await expect.element(page.getByRole('alert')).toHaveTextContent('No room left');
    await page.getByRole('alert').getByRole('button', { name: 'Resume' }).click();
    await expect.poll(() => engine.told).toEqual(['resume']);
  });

  it('wakes the engine when the network is back', async () => {
    await show(going(real), '', true);
    dispatchEvent(new Event('online'));
    await expect.poll(() => engine.told).toContain('wake online');
  });

  it('counts what may have been charged without an answer', async () => {
    const price = { inputUsd: 1000, outputUsd: 1000 };
    const priced = { ...model, price };
    const run = going({ models: { evaluation: priced, generator: priced }, simulated: false });
    const reserved = { inputTokens: 100, outputTokens: 50 };
    for (const charged of ['maybe', 'maybe', 'no'] as const)
      run.add({
        type: 'call-failed',
        role: 'evaluation',
        call: 'call-x' as CallKey,
        code: 'provider-timeout',
        charged,
        reserved,
      });
    await show(run, '', true);
    await expect
      .element(page.getByText('2 calls may have been charged without an answer, at most $0.300.'))
      .toBeVisible();
    await page.getByText('What was spent on what').click();
    const table = page.getByRole('region', { name: 'What was spent on what' });
    await expect.element(table.getByRole('row', { name: /All calls/ })).toHaveTextContent('17');
    await expect.element(table.getByRole('row', { name: /Failed without a charge/ })).toHaveTextContent('1');
    expect(await faultsOfPage()).toEqual([]);
  });
});

describe('answers that cannot be read', () => {
  const unreadable = (proposal?: AnswerReading, over = {}): HandMadeRun =>
    going(over).add({
      type: 'run-stalled',
      error: {
        code: 'answers-unreadable',
        details: {
          unreadable: 9,
          of: 10,
          samples: ['I think it is fine.\nLabel: yes', '<b>Label: no</b>', 'Nothing here.'],
          ...(proposal ? { proposal } : {}),
        },
      },
    });

  it('are shown as text with what the proposed rule reads in each, and read by it on one press', async () => {
    const run = unreadable({ type: 'after', mark: 'Label:' });
    await show(run);
    const table = page.getByRole('region', { name: 'Samples of the answers' });
    await expect.element(table.getByRole('row', { name: /I think it is fine/ })).toHaveTextContent(/yes$/);
    await expect.element(table.getByText('<b>Label: no</b>')).toBeVisible();
    await expect.element(table.getByRole('row', { name: /Nothing here/ })).toHaveTextContent(/nothing$/);
    await expect.element(page.getByText(/Looked for: one of “yes”, “no”/)).toBeVisible();
    expect(await faultsOfPage()).toEqual([]);
    await button('Use this rule').click();
    await expect.poll(() => engine.told).toEqual(['acceptAnswers after']);
    // what was pressed goes away, and the focus is not lost with it
    const before = run.entries.length;
    run.add({ type: 'answers-accepted' }).add({ type: 'run-resumed' });
    engine.tell([{ run: run.spec.id, entries: run.entries.slice(before) }]);
    await expect.element(table).not.toBeInTheDocument();
    await expect.element(page.getByRole('heading', { level: 1 })).toHaveFocus();
  });

  it('are read by another rule or by the proposed one again, at an address that is named with the press', async () => {
    const model = { provider: 'openai-compatible', values: { baseUrl: 'http://127.0.0.1:9/v1', model: 'small' } };
    const real = { models: { evaluation: model, generator: model }, simulated: false };
    await show(unreadable({ type: 'after', mark: 'Label:' }, real));
    await button('Choose another rule').click();
    await expect.element(page.getByRole('radio', { name: 'Last line' })).toBeVisible();
    await expect.element(button('Take the proposed rule')).toHaveFocus();
    await button('Take the proposed rule').click();
    await expect.element(page.getByText('Proposed:')).toBeVisible();
    // a run from a file, or a browser that has forgotten it
    await expect
      .element(page.getByText(/sends its prompts and rows to 127\.0\.0\.1:9, which you have not named/))
      .toBeVisible();
    await button('Use this rule').click();
    await expect.poll(() => engine.told).toEqual(['acceptAnswers after']);
    expect(app.network.unknown([model])).toEqual([]);
  });

  it('are read by a rule of one’s own, or left as they are', async () => {
    await show(unreadable());
    await page.getByRole('radio', { name: 'Last line' }).click();
    const table = page.getByRole('region', { name: 'Samples of the answers' });
    await expect.element(table.getByRole('row', { name: /I think it is fine/ })).toHaveTextContent(/Label: yes$/);
    await page.getByRole('radio', { name: 'In a tag' }).click();
    await page.getByRole('textbox', { name: 'Name of the tag' }).fill('b');
    await expect.element(table.getByRole('row', { name: /<b>/ })).toHaveTextContent(/Label: no$/);
    await button('Use this rule').click();
    await expect.poll(() => engine.told).toEqual(['acceptAnswers tag']);
    await button('Go on as it is').click();
    await expect.poll(() => engine.told).toEqual(['acceptAnswers tag', 'acceptAnswers']);
  });
});

describe('a run that another tab drives', () => {
  /** Another tab as this one sees it: a lock, entries in the journal, and a word on the channel. */
  async function otherTab(run: HandMadeRun, work: () => Promise<void>): Promise<void> {
    const held = navigator.locks.request(runLock(run.spec.id), work);
    await held;
  }
  const tellOther = (run: HandMadeRun): void => {
    const channel = new BroadcastChannel(runsChannel);
    channel.postMessage({ run: run.spec.id });
    channel.close();
  };

  it('is watched live, is never called interrupted, and goes on here when that tab is gone', async () => {
    const run = going();
    await otherTab(run, async () => {
      await show(run);
      await expect.element(page.getByText('Running in another tab')).toBeVisible();
      await expect.element(page.getByText(/You are looking on, live/)).toBeVisible();
      const told = run.entries.length;
      run.answers(better, 'train', 9).fact({ type: 'round-finished', round: 1, best: better.id, note: 'Better.' });
      await app.storage.journal.append(run.spec.id, {
        next: told,
        entries: run.entries.slice(told),
        answers: [],
        sent: [],
        settled: [],
      });
      tellOther(run);
      await expect.element(page.getByRole('status').filter({ hasText: /Round 1 is done/ })).toBeInTheDocument();
      expect(engine.told).toEqual([]);
    });
    await expect.poll(() => engine.told, { timeout: 12_000 }).toEqual(['resume']);
  });

  it('says what is missing here when that tab is gone and a key is needed', async () => {
    const model = { provider: 'openai-compatible', values: { baseUrl: 'https://api.example.com/v1', model: 'small' } };
    const run = going({ models: { evaluation: model, generator: model }, simulated: false });
    await otherTab(run, async () => {
      await show(run);
      await expect.element(page.getByText('Running in another tab')).toBeVisible();
    });
    await expect.element(page.getByText(/The tab that was at work on this run is gone/)).toBeVisible();
    await expect.element(page.getByLabelText('API key', { exact: true })).toBeVisible();
    expect(engine.told).toEqual([]);
  });

  it('is taken over on one press', async () => {
    const run = going();
    await otherTab(run, async () => {
      await show(run);
      await button('Take over here').click();
      await expect.poll(() => engine.told).toEqual(['takeOver']);
    });
  });
});

describe('a small trial', () => {
  it('leads to the run in full: its rows, its limits, and the prompts that the trial found', async () => {
    const full = finishedRun().spec;
    const run = finishedRun({ trialOf: { split: full.split, budget: { calls: 4000 } }, name: 'Mine, small trial' });
    await show(run);
    await button('Run it in full').click();
    await expect.poll(() => app.router.route.page).toBe('new');
    expect(app.drafts.current?.name).toBe('Mine');
    expect(app.drafts.current?.split).toEqual(full.split);
    expect(app.drafts.current?.budget).toEqual({ calls: 4000 });
    expect(app.drafts.current?.startingPrompts).toEqual([
      ...run.spec.prompts,
      'Answer yes or no, with that word alone.',
    ]);
  });
});

describe('the list of runs', () => {
  it('shows what was tried, state, verdict and best score, and deletes after a question', async () => {
    await show(finishedRun());
    app.router.go({ page: 'runs' });
    const row = page.getByRole('row', { name: /Yes or no, by hand/ });
    await expect.element(row).toHaveTextContent('simulated · Contrastive (APG)');
    await expect.element(row).toHaveTextContent('Finished');
    await expect.element(row).toHaveTextContent('better, +58.3 points');
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

describe('what the browser has lost', () => {
  it('is announced where the runs are, and comes back on one press', async () => {
    const run = finishedRun();
    await show(run);
    vi.spyOn(app.storage.rescue, 'find').mockResolvedValue({ runs: [run.spec.id], gone: 2 });
    const restored = { run: run.spec.id, name: 'My run', entries: 9, answers: 4, damaged: [], unconnected: 0 };
    const restore = vi.spyOn(app.storage.rescue, 'restore').mockResolvedValue([{ ...restored, conflict: false }]);
    await app.keeping.look();
    app.router.go({ page: 'runs' });
    const alert = page.getByRole('alert');
    await expect.element(alert).toHaveTextContent('This browser has lost data of this app. 1 run can be brought back');
    await expect.element(alert).toHaveTextContent('Of 2 runs nothing is left here');
    expect(await faultsOfPage()).toEqual([]);
    await button('Restore 1 run').click();
    await expect.element(page.getByText('“My run” is back.')).toBeVisible();
    expect(restore).toHaveBeenCalledOnce();
    await expect.element(alert).not.toBeInTheDocument();
  });
});
