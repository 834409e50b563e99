import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { flushSync } from 'svelte';
import { render } from 'vitest-browser-svelte';
import { expose } from '#lib/rpc.ts';
import type { ModelChoice, RunSpec } from '#core/run.ts';
import type { DatasetId, RunId } from '#core/id.ts';
import { runLock, type ConnectionResult, type Outcome } from '#engine/api.ts';
import { App } from '#state/app.svelte.ts';
import { Drafts } from '#state/drafts.svelte.ts';
import { Keys } from '#state/keys.svelte.ts';
import { Router } from '#state/route.svelte.ts';
import type { RunDraft } from '#state/run-draft.svelte.ts';
import { Secrets } from '#state/secrets.svelte.ts';
import { readTabNote } from '#storage/index.ts';
import Root from '#ui/App.svelte';
import '#ui/app.css';
import { makeDataset } from '../support/builders.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { HandMadeRun } from '../support/hand-made-run.ts';
import { faultsOfPage } from '../support/shown-run.ts';

/** The engine's worker as a page sees it, with answers of the test's choosing. */
class AnsweringEngine extends FakeEngine {
  readonly tested: ModelChoice[] = [];
  readonly started: RunSpec[] = [];
  connection: ConnectionResult = {
    ok: true,
    models: ['small-model', 'large-model'],
    listed: true,
    capabilities: { topLogprobs: 20, rejected: [] },
    latencyMs: 400,
  };
  models: Outcome<readonly string[]> = { ok: true, value: ['small-model', 'large-model'] };
  outcome: Outcome<void> = { ok: true, value: undefined };

  override api() {
    return {
      ...super.api(),
      start: (spec: RunSpec): Promise<Outcome<void>> => {
        this.started.push(spec);
        return Promise.resolve(this.outcome);
      },
      testConnection: (choice: ModelChoice): Promise<ConnectionResult> => {
        this.tested.push(choice);
        return Promise.resolve(this.connection);
      },
      listModels: (): Promise<Outcome<readonly string[]>> => Promise.resolve(this.models),
    };
  }
}

let app: App;
let engine: AnsweringEngine;

async function openPage(): Promise<void> {
  engine = new AnsweringEngine();
  const { port1, port2 } = new MessageChannel();
  expose(engine.api(), port2);
  const address = { location: { hash: '#/new' } as Location, addEventListener: () => undefined };
  app = await App.open(() => ({ worker: port1, close: () => undefined }), new Router(address));
  await app.deleteEverything();
  await render(Root, { app });
}

/** The form for thirty messages with three labels. */
async function openForm(prompts: readonly string[] = ['Name the label.']): Promise<RunDraft> {
  const dataset = makeDataset(30);
  await app.addDataset(dataset);
  const draft = await app.startDraft(dataset, { prompts, optimizer: { id: 'contrastive', values: {} } });
  await expect.element(page.getByRole('heading', { name: 'Plan' })).toBeVisible();
  return draft;
}

const start = () => page.getByRole('button', { name: /Start the run/ });
const field = (name: string) => page.getByRole('spinbutton', { name, exact: true });
const chooseServer = () => page.getByRole('radio', { name: 'OpenAI or compatible' }).first().click();
const address = () => page.getByRole('combobox', { name: 'Address of the API' });
const model = () => page.getByLabelText('Model', { exact: true });
const key = () => page.getByLabelText('API key', { exact: true });

describe('the page of a new run', () => {
  beforeEach(openPage);

  it('asks for data first: a set of one’s own or a sample', async () => {
    await expect.element(page.getByText('None yet.')).toBeVisible();
    await expect.element(page.getByRole('button', { name: /Use this sample/ }).first()).toBeVisible();
    await app.addDataset(makeDataset(30));
    await page.getByRole('button', { name: 'Use it Messages' }).click();
    await expect.element(page.getByRole('heading', { name: 'Plan' })).toBeVisible();
    await expect.element(page.getByRole('heading', { name: 'New run', level: 1 })).toHaveFocus();
  });

  it('says what a run will take, and that it is simulated', async () => {
    await openForm(['One.', 'Two.']);
    await expect.element(page.getByText('2 starting prompts, then up to 24 new ones in 12 rounds.')).toBeVisible();
    await expect.element(page.getByText('of which the sealed test')).toBeVisible();
    await expect.element(page.getByText('Simulated: no language model is running.').first()).toBeVisible();
    expect(await faultsOfPage()).toEqual([]);
  });

  it('says of few rows what sealing none of them would mean, and does it', async () => {
    const draft = await openForm();
    await expect.element(page.getByText('30 rows are few.')).toBeVisible();
    await page.getByRole('button', { name: 'Seal no rows' }).click();
    expect(draft.sizes).toEqual({ train: 15, validation: 15, test: 0 });
    await expect.element(page.getByText('30 rows are few.')).not.toBeInTheDocument();
    await page.getByRole('button', { name: 'Back to the suggested parts' }).click();
    expect(draft.sizes.test).toBe(12);
  });

  it('refuses to start with the reason beside the button, and leads to the place', async () => {
    await openForm();
    await page.getByRole('textbox', { name: 'User message' }).fill('{{text}}');
    await expect.element(start()).toHaveAttribute('aria-disabled', 'true');
    await expect.element(start()).toHaveAccessibleDescription(/The template has no {{>prompt}}/);
    await start().click({ force: true });
    await expect.element(page.getByRole('textbox', { name: 'User message' })).toHaveFocus();
    expect(engine.started).toHaveLength(0);
    // the chip mends it, where the cursor is
    await userEvent.keyboard('{Control>}{Home}{/Control}');
    await page
      .getByRole('group', { name: 'Insert into the user message' })
      .getByRole('button', { name: /{{>prompt}}/ })
      .click();
    await expect.element(page.getByRole('textbox', { name: 'User message' })).toHaveValue('{{>prompt}}{{text}}');
    await expect.element(start()).toHaveAttribute('aria-disabled', 'false');
  });

  it('leads to the plan at one press where it stands below everything else', async () => {
    await openForm();
    await expect.element(start()).not.toBeInViewport();
    await page.getByRole('button', { name: 'Plan and start' }).click();
    await expect.element(page.getByRole('heading', { name: 'Plan' })).toBeInViewport();
  });

  it('keeps the focus in the form when a button goes away with its press', async () => {
    const draft = await openForm(['One.', 'One.']);
    const press = async (name: RegExp): Promise<string> => {
      const button = page.getByRole('button', { name });
      await expect.element(button).toBeVisible();
      (button.element() as HTMLElement).focus();
      await userEvent.keyboard('{Enter}');
      await expect.element(button).not.toBeInTheDocument();
      await expect.poll(() => document.activeElement).not.toBe(document.body);
      const focused = document.activeElement as HTMLElement;
      return (
        focused.ariaLabel ?? document.querySelector(`label[for="${focused.id}"]`)?.textContent ?? focused.innerText
      );
    };
    expect(await press(/^Seal no rows/)).toContain('Training rows');
    expect(await press(/^Back to the suggested parts/)).toContain('Training rows');
    expect(await press(/^Drop the repeats/)).toContain('Add a prompt');
    draft.setAnswer({ type: 'label', labels: ['a', 'b'] });
    expect(await press(/^Take the 3 labels/)).toContain('Labels');
    draft.calls = 200;
    expect(await press(/^Raise to/)).toContain('Calls at most');
  });

  it('leads to the heading of the model when its key was unlocked and the passphrase goes', async () => {
    const secrets = new Secrets();
    secrets.put({ provider: 'openai-compatible', origin: 'https://a.example', values: { apiKey: 'key-0123456789' } });
    await new Keys(app.storage.settings, secrets, (error) => app.complain(error)).remember('correct horse battery');
    await openForm();
    await chooseServer();
    await address().fill('https://a.example/v1');
    const passphrase = page.getByLabelText('Passphrase of the remembered keys');
    await passphrase.fill('correct horse battery');
    await userEvent.keyboard('{Enter}');
    await expect.element(passphrase).not.toBeInTheDocument();
    await expect.poll(() => document.activeElement?.tagName).toMatch(/^H[23]$/);
    expect(document.activeElement?.textContent).toMatch(/model/i);
  });

  it('starts with the keyboard and shows the run', async () => {
    await openForm();
    await userEvent.keyboard('{Control>}{Enter}{/Control}');
    await expect.poll(() => engine.started).toHaveLength(1);
    const [spec] = engine.started;
    expect(spec?.prompts).toEqual(['Name the label.']);
    expect(spec?.simulated).toBe(true);
    await expect.poll(() => app.router.route).toMatchObject({ page: 'runs', id: spec?.id });
    expect(app.drafts.current).toBeUndefined();
  });

  it('says in words why a run could not be started, and keeps what was filled in', async () => {
    engine.outcome = { ok: false, error: { code: 'storage-full', details: {} } };
    const draft = await openForm();
    await start().click();
    await expect.element(page.getByRole('alert')).toHaveTextContent('No room left');
    expect(app.drafts.current).toBe(draft);
    await expect.element(start()).toHaveTextContent('Start the run');
  });

  it('explains the parts of the data, and points out more rows than there are', async () => {
    await openForm();
    await field('Training rows').fill('20');
    await expect.element(field('Training rows')).toHaveAccessibleDescription(/20 rows to learn from/);
    await expect.element(page.getByText(/ask for 41 rows/).first()).toBeVisible();
    await page.getByRole('button', { name: 'Back to the suggested parts' }).click();
    await expect.element(field('Training rows')).toHaveValue(9);
    await expect.element(start()).toHaveAttribute('aria-disabled', 'false');
  });

  it('shows what is sent for a row, with prompt and data told apart', async () => {
    const draft = await openForm(['First prompt.', 'Second prompt.']);
    const preview = page.getByRole('region', { name: 'What is sent, for one row' });
    const texts = () =>
      draft.split.train.map((id) => draft.dataset.examples.find((row) => row.id === id)?.inputs['text'] ?? '');
    await expect.element(preview.getByText('First prompt.')).toHaveClass(/prompt/);
    await expect.element(preview.getByText(texts()[0] ?? '')).toHaveClass(/data/);
    await preview.getByRole('button', { name: 'Row: the next one' }).click();
    await preview.getByRole('button', { name: 'Prompt: the next one' }).click();
    await expect.element(preview.getByText('Second prompt.')).toBeVisible();
    await expect.element(preview.getByText(texts()[1] ?? '')).toBeVisible();
  });

  it('counts prompts from a file where none was written before', async () => {
    await openForm(['']);
    const input = document.querySelector<HTMLInputElement>('#new-run-prompts input[type=file]');
    if (!input) throw new Error('no file input');
    await userEvent.upload(input, new File(['["Name the label.", "", "Which label fits?"]'], 'prompts.json'));
    await expect.element(page.getByText('2 prompts added from prompts.json.')).toBeVisible();
  });

  it('opens prompts from a file, without the repeats, and says what is wrong with another file', async () => {
    const draft = await openForm(['Name the label.', 'Name the label.']);
    await page.getByRole('button', { name: 'Drop the repeats' }).click();
    const input = document.querySelector<HTMLInputElement>('#new-run-prompts input[type=file]');
    if (!input) throw new Error('no file input');
    await userEvent.upload(input, new File(['["Name the label.", "Which label fits?"]'], 'prompts.json'));
    await expect.element(page.getByText('1 prompt added from prompts.json; 1 was there already.')).toBeVisible();
    expect(draft.startingPrompts).toEqual(['Name the label.', 'Which label fits?']);
    await userEvent.upload(input, new File(['{"rows": []}'], 'other.json'));
    await expect.element(page.getByRole('alert')).toHaveTextContent('Not a list of prompts');
  });

  it('takes labels from lines, and warns of answers that can never be right', async () => {
    const draft = await openForm();
    await page.getByRole('textbox', { name: 'Labels, one on each line' }).fill('complaint\npraise\n');
    await expect.element(page.getByText('10 rows can never be right: “question” is not listed.')).toBeVisible();
    expect(draft.task.answer).toEqual({ type: 'label', labels: ['complaint', 'praise'] });
    await page.getByRole('button', { name: 'Take the 3 labels of the data' }).click();
    expect(draft.task.answer).toEqual({ type: 'label', labels: ['complaint', 'praise', 'question'] });
    await page.getByRole('radio', { name: 'A text' }).click();
    expect(draft.task.metric).toBe('exact');
  });
});

describe('the models of a new run', () => {
  beforeEach(openPage);

  it('tests the connection with the key, which goes to that address only, and says what it found', async () => {
    await openForm();
    await chooseServer();
    await address().fill('https://models.example/v1');
    await key().fill('very-secret');
    await page.getByRole('button', { name: 'Load models' }).click();
    await page.getByRole('button', { name: 'small-model' }).click();
    await page.getByRole('button', { name: 'Test connection' }).click();
    await expect.element(page.getByText('It answers', { exact: true })).toBeVisible();
    await expect.element(page.getByText(/Log-probabilities of the 20 likeliest tokens/)).toBeVisible();
    expect(engine.secrets).toEqual([
      { provider: 'openai-compatible', origin: 'https://models.example', values: { apiKey: 'very-secret' } },
    ]);
    expect(JSON.stringify(engine.tested)).not.toContain('very-secret');
    // another server: the key does not go there, and the old verdict does not hold
    await address().fill('https://elsewhere.example/v1');
    await expect.element(key()).toHaveValue('');
    await expect.element(page.getByText('It answers', { exact: true })).not.toBeInTheDocument();
    await address().fill('https://models.example/v1');
    await expect.element(page.getByText('A key for models.example is in memory and will be used.')).toBeVisible();
    expect(await faultsOfPage()).toEqual([]);
  });

  it('offers to estimate the cross entropy where a model gives no log-probabilities, with its cost in calls', async () => {
    engine.connection = {
      ok: true,
      models: [],
      listed: false,
      capabilities: { topLogprobs: 0, rejected: ['seed'] },
      latencyMs: 400,
    };
    const draft = await openForm();
    await chooseServer();
    await model().fill('quiet-model');
    await page.getByRole('button', { name: 'Test connection' }).click();
    await expect.element(page.getByText(/there will be no cross entropy/)).toBeVisible();
    await expect.element(page.getByText(/It refuses seed/)).toBeVisible();
    const before = draft.forecast.plan.rounds;
    await page.getByRole('button', { name: /Estimate it/ }).click();
    expect(draft.forecast.callsPerRow).toBe(6);
    expect(draft.forecast.plan.rounds).toBeLessThan(before);
    await expect.element(page.getByText(/will be estimated by asking each row several times/)).toBeVisible();
  });

  it('says a failure in words and mends a wrong address', async () => {
    const details = { url: 'http://localhost:1234', status: 404, suggestion: 'http://localhost:1234/v1' };
    const works = engine.connection;
    engine.connection = { ok: false, models: [], error: { code: 'provider-wrong-address', details } };
    await openForm();
    await chooseServer();
    await address().fill('http://localhost:1234');
    await model().fill('some-model');
    await page.getByRole('button', { name: 'Test connection' }).click();
    await expect.element(page.getByRole('alert')).toHaveTextContent('Wrong address');
    engine.connection = works;
    await page.getByRole('button', { name: 'Use http://localhost:1234/v1' }).click();
    await expect.element(page.getByText('It answers', { exact: true })).toBeVisible();
    await expect.element(address()).toHaveValue('http://localhost:1234/v1');
  });

  it('shows the line that lets this page in where a server on this computer refuses it', async () => {
    const details = { url: 'http://localhost:11434/v1', origin: location.origin };
    engine.models = { ok: false, error: { code: 'provider-cors', details } };
    await openForm();
    await chooseServer();
    await address().fill('http://localhost:11434/v1');
    await page.getByRole('button', { name: 'Load models' }).click();
    await expect.element(page.getByRole('alert')).toHaveTextContent('does not let this page in');
    await page.getByText('A server on this computer').click();
    await expect.element(page.getByText(`OLLAMA_ORIGINS=${location.origin} ollama serve`)).toBeVisible();
  });

  it('estimates the cost from the prices, and then takes a limit in dollars', async () => {
    const draft = await openForm();
    await chooseServer();
    await model().fill('small-model');
    await expect.element(page.getByText('give prices to see')).toBeVisible();
    await page.getByText('More limits').click();
    await expect.element(field('US dollars at most (optional)')).toBeDisabled();
    await page.getByText('Prices, for an estimate of the cost').click();
    await field('Input (optional)').fill('2');
    await field('Output (optional)').fill('8');
    await expect.element(page.getByText(/^\$[\d.]+ to \$[\d.]+$/).last()).toBeVisible();
    await field('US dollars at most (optional)').fill('1.5');
    expect(draft.costUsd).toBe(1.5);
    await field('Output (optional)').fill('');
    await expect.element(page.getByText(/A limit in dollars needs the prices/).first()).toBeVisible();
    await expect.element(field('US dollars at most (optional)')).toHaveAttribute('aria-invalid', 'true');
    expect(await faultsOfPage()).toEqual([]);
  });

  it('fills in a list price with its date, at the provider that lists it, and a person’s own price the next time', async () => {
    const draft = await openForm();
    await chooseServer();
    await address().fill('https://models.example/v1');
    await model().fill('gpt-4o-mini');
    await expect.element(page.getByText('give prices to see')).toBeVisible();
    await address().fill('https://api.openai.com/v1');
    await expect.element(field('Input (optional)')).toHaveValue(0.15);
    await expect.element(page.getByText(/^list price of/)).toBeVisible();
    expect(draft.models.evaluation.price).toEqual({ inputUsd: 0.15, outputUsd: 0.6 });
    await model().fill('gpt-4o');
    await expect.element(field('Output (optional)')).toHaveValue(10);
    await field('Output (optional)').fill('9');
    await expect.element(page.getByText(/^list price of/)).not.toBeInTheDocument();
    await model().fill('some-other-model');
    expect(draft.models.evaluation.price).toEqual({ inputUsd: 2.5, outputUsd: 9 }); // what was typed stays
    const again = await app.startDraft(makeDataset(30), { prompts: ['Name the label.'] });
    await chooseServer();
    await address().fill('https://api.openai.com/v1');
    await model().fill('gpt-4o');
    await expect.poll(() => again.models.evaluation.price).toEqual({ inputUsd: 2.5, outputUsd: 9 });
  });

  it('takes the known price of another model in place of one’s own, and leaves one price alone while the other is typed', async () => {
    const draft = await openForm();
    await chooseServer();
    await address().fill('https://api.openai.com/v1');
    await model().fill('gpt-4o-mini');
    await field('Input (optional)').fill('0.1');
    await field('Output (optional)').fill('0.4');
    expect(draft.models.evaluation.price).toEqual({ inputUsd: 0.1, outputUsd: 0.4 });
    await model().fill('gpt-5');
    await expect.poll(() => draft.models.evaluation.price).toEqual({ inputUsd: 1.25, outputUsd: 10 });
    await model().fill('gpt-4o-mini');
    await expect.poll(() => draft.models.evaluation.price).toEqual({ inputUsd: 0.1, outputUsd: 0.4 });
    app.router.go({ page: 'home' });
    await expect.element(field('Output (optional)')).not.toBeInTheDocument();
    app.router.go({ page: 'new' });
    await field('Output (optional)').fill('');
    await expect.element(field('Input (optional)')).toHaveValue(0.1);
    await field('Output (optional)').fill('8');
    expect(draft.models.evaluation.price).toEqual({ inputUsd: 0.1, outputUsd: 8 });
  });

  it('sets up a generator of its own', async () => {
    const draft = await openForm();
    await page.getByRole('checkbox', { name: 'Use the evaluation model' }).click();
    expect(draft.models.roles).toEqual(['evaluation', 'generator']);
    await page.getByRole('radio', { name: 'OpenAI or compatible' }).nth(1).click();
    await expect.element(page.getByText('Generator model: Model: choose or type a model.')).toBeVisible();
    await expect.element(page.getByText('Simulated: no language model is running.').first()).toBeVisible();
  });
});

describe('optimizer and budget of a new run', () => {
  beforeEach(openPage);

  it('edits the meta prompt with its marks, and brings the original back', async () => {
    const draft = await openForm();
    const original = draft.optimizerValues['metaPrompt'];
    await page.getByText('Meta prompt: what the generator is told').click();
    const editor = page.getByRole('textbox', { name: 'Meta prompt' });
    await editor.fill('Write a prompt for {{nobody}}.');
    await expect.element(page.getByText(/Nothing is filled in for {{nobody}}/)).toBeVisible();
    await page.getByRole('button', { name: /{{good prompts}}/ }).click();
    expect(draft.optimizerValues['metaPrompt']).toContain('{{good prompts}}');
    await page.getByRole('button', { name: 'Reset to the original' }).click();
    expect(draft.optimizerValues['metaPrompt']).toBe(original);
  });

  it('offers budgets with what to expect of them, and knows which one the limit is', async () => {
    const draft = await openForm();
    const preset = (name: RegExp) => page.getByRole('radio', { name });
    await expect.element(preset(/^Balanced At most [\d,]+ calls, 12 rounds/)).toBeChecked();
    await preset(/^Quick At most 300 calls.*the best of your prompts/).click();
    expect(draft.calls).toBe(300);
    await expect.element(field('Calls at most')).toHaveValue(300);
    await field('Calls at most').fill('321');
    await expect.element(preset(/^Quick/)).not.toBeChecked();
    await expect.element(page.getByText('Your own limit: 321 calls.')).toBeVisible();
    await expect.element(preset(/^Thorough There is no use for more calls here/)).toBeDisabled();
  });

  it('says how many rounds a limit of calls holds, and raises it', async () => {
    const draft = await openForm();
    await field('Calls at most').fill('200');
    await expect.element(page.getByText(/200 calls are enough for about \d+(?: to \d+)? of 12 rounds/)).toBeVisible();
    await page.getByRole('button', { name: /^Raise to/ }).click();
    expect(draft.forecast.plan.rounds).toBe(12);
    expect(draft.calls).toBeGreaterThan(draft.forecast.plannedCalls);
  });
});

describe('the limits of a new run', () => {
  beforeEach(openPage);

  it('needs calls only; the others are folded away and go into the run', async () => {
    const draft = await openForm();
    await expect.element(field('Tokens at most (optional)')).not.toBeInTheDocument();
    await page.getByText('More limits').click();
    await field('Tokens at most (optional)').fill('200000');
    await field('Minutes at most (optional)').fill('30');
    await field('Rounds at most (optional)').fill('3');
    await expect.element(page.getByText('More limits: 3 set')).toBeVisible();
    expect(draft.forecast.plan.rounds).toBe(3);
    await start().click();
    await expect
      .poll(() => engine.started[0]?.budget)
      .toEqual({ calls: 1000, tokens: 200_000, minutes: 30, rounds: 3 });
  });
});

describe('starting a run', () => {
  beforeEach(openPage);

  it('begins with a small trial on the first rows of the same parts, and keeps the draft', async () => {
    const draft = await openForm();
    draft.sizes = { train: 22, validation: 4, test: 4 };
    await page.getByRole('button', { name: 'Small trial first' }).click();
    await expect.poll(() => engine.started.length).toBe(1);
    const [trial] = engine.started;
    expect(trial?.split).toEqual({ train: draft.split.train.slice(0, 20), validation: [], test: [] });
    expect(trial?.budget).toEqual({ calls: 1000, rounds: 2 });
    expect(trial?.trialOf).toEqual({ split: draft.split, budget: { calls: 1000 } });
    expect(app.drafts.current).toBe(draft);
  });

  it('offers to take over where another tab is at work', async () => {
    engine.outcome = { ok: false, error: { code: 'driven-elsewhere', details: {} } };
    await openForm();
    await start().click();
    await expect.element(page.getByRole('alert')).toHaveTextContent('Another tab is at work');
    expect(app.runs).toHaveLength(0);
    engine.outcome = { ok: true, value: undefined };
    await navigator.locks.request(runLock('run-of-another-tab' as RunId), async () => {
      await page.getByRole('button', { name: 'Take over here' }).click();
      await expect.poll(() => app.router.route.page).toBe('runs');
    });
    expect(engine.told).toContain('takeOver');
  });

  it('leaves a run of another tab alone whose key is not here, and says which', async () => {
    const paid = { provider: 'openai-compatible', values: { baseUrl: 'https://api.example.com/v1', model: 'small' } };
    const models = { evaluation: paid, generator: paid };
    const run = new HandMadeRun(['Say something.'], { name: 'Paid elsewhere', models, simulated: false });
    await app.addBundle(run.bundle);
    await openForm();
    engine.outcome = { ok: false, error: { code: 'driven-elsewhere', details: {} } };
    await start().click();
    await expect.element(page.getByRole('alert')).toHaveTextContent('Another tab is at work');
    engine.outcome = { ok: true, value: undefined };
    await navigator.locks.request(runLock(run.spec.id), async () => {
      await page.getByRole('button', { name: 'Take over here' }).click();
      await expect.element(page.getByText(/“Paid elsewhere” waits: its key is not in this tab/)).toBeVisible();
      // it is said before the new run begins
      await expect.poll(() => engine.started).toHaveLength(2);
    });
    expect(engine.told).toEqual(['takeRight']);
  });
});

describe('a draft', () => {
  beforeEach(openPage);

  afterEach(() => vi.restoreAllMocks());

  /** What this tab keeps of its form. */
  const kept = async (): Promise<string> =>
    JSON.stringify((await app.storage.settings.get(readTabNote() ?? 'none')) ?? '');

  it('is there again after a reload, without its key', async () => {
    const draft = await openForm(['Name the label.']);
    await chooseServer();
    await address().fill('https://models.example/v1');
    await key().fill('very-secret');
    await page.getByRole('textbox', { name: 'Prompt 1', exact: true }).fill('Which label fits best?');
    await expect.poll(kept).toContain('fits best');
    expect(await kept()).not.toContain('very-secret');
    const reloaded = new Drafts(app.storage);
    await reloaded.restore();
    expect(reloaded.current?.startingPrompts).toEqual(['Which label fits best?']);
    expect(reloaded.current?.split).toEqual(draft.split);
    await page.getByRole('button', { name: 'Begin anew' }).click();
    await expect.element(page.getByRole('heading', { name: 'Samples' })).toBeVisible();
    await expect.poll(kept).toBe('""');
    await page.getByRole('button', { name: 'Bring it back' }).click();
    await expect
      .element(page.getByRole('textbox', { name: 'Prompt 1', exact: true }))
      .toHaveValue('Which label fits best?');
    await expect.element(page.getByRole('heading', { name: 'New run', level: 1 })).toHaveFocus();
  });

  it.each([
    ['another page is looked at', () => app.router.go({ page: 'home' })],
    ['the page is loaded again', () => dispatchEvent(new PageTransitionEvent('pagehide'))],
  ])('is kept to the last letter where %s right away', async (_, leave) => {
    const draft = await openForm();
    await expect.poll(kept).toContain('Name the label.');
    vi.spyOn(globalThis, 'setTimeout').mockReturnValue(0 as never); // the rest after the last letter never ends
    draft.prompts = ['Typed at the last moment.'];
    flushSync();
    leave();
    await expect.poll(kept).toContain('Typed at the last moment.');
  });

  it('on other data keeps models, optimizer and limits, and the form before it can be brought back', async () => {
    const before = await openForm();
    before.calls = 321;
    before.chooseOptimizer('opro');
    await app.addDataset({ ...makeDataset(12), id: 'other-set' as DatasetId, name: 'Others' });
    await page.getByRole('button', { name: 'Use other data' }).click();
    await page.getByRole('menuitem', { name: /Others/ }).click();
    await expect.poll(() => app.drafts.current?.dataset.name).toBe('Others');
    expect(app.drafts.current?.calls).toBe(321);
    expect(app.drafts.current?.optimizerId).toBe('opro');
    await page.getByRole('button', { name: 'Bring it back' }).click();
    expect(app.drafts.current).toBe(before);
    expect(await faultsOfPage()).toEqual([]);
  });
});
