import { expect, it, vi } from 'vitest';
import { readRunBundle } from '#exporters/index.ts';
import type { AppVisit } from '../support/app.ts';
import { visit } from '../support/app.ts';
import { prepareSmallRun, startKnowingServer } from '../support/made-set.ts';

const patience = { timeout: 60_000, interval: 50 };

async function choose(app: AppVisit, name: RegExp): Promise<void> {
  await app.press('More');
  await app.page.getByRole('menuitem', { name }).click();
}

it('hears a prompt and a hint of the person in the next round, and stops after it with the test', async () => {
  const server = await startKnowingServer({ latencyMs: 100 });
  try {
    await visit(
      async (app) => {
        const { page } = app;
        await prepareSmallRun(app);
        await app.fill({ Rounds: 6, 'Calls at the same time': 2 });
        await app.setServer({ baseUrl: server.baseUrl, model: 'test-model' });
        await app.start();
        // a round may be over before both are typed
        await app.press('Pause');
        await app.untilState('Paused');
        await choose(app, /^Add my prompt/);
        const mine = 'Label the message with one word of: praise, complaint, question.';
        await page.getByRole('textbox', { name: 'Prompt' }).fill(mine);
        await app.press('Add it');
        await choose(app, /^Give the generator a hint/);
        await page.getByRole('textbox', { name: 'Hint' }).fill('The customers write about household things.');
        await app.press('Give the hint');
        const waiting = page.getByRole('list', { name: 'Waiting for the next round' });
        await waiting.getByText('Your prompt').waitFor();
        await waiting.getByText('Your hint').waitFor();
        await app.press('Resume');
        await waiting.waitFor({ state: 'detached' });
        await choose(app, /^Stop after this round/);
        await app.untilState('Finished');

        await app.showTab('Result');
        const { text } = await app.save('Save the whole run');
        const events = readRunBundle(text, 'run.json').entries.map(({ event }) => event);
        expect(events.some((event) => event.type === 'inputs-heard')).toBe(true);
        const asked = server.completions.map(({ body }) => JSON.stringify(body?.messages));
        expect(asked.filter((ask) => ask.includes(mine)).length).toBeGreaterThanOrEqual(8);
        expect(asked.some((ask) => ask.includes('household things'))).toBe(true);
        expect(events.find((event) => event.type === 'run-ended')).toMatchObject({
          reason: expect.stringContaining('Stopped by you') as string,
        });
        expect(events.some((event) => event.type === 'example-evaluated' && event.split === 'test')).toBe(true);
        await app.showTab('Prompts');
        await page.getByText(mine).first().waitFor();
      },
      { servers: [server] },
    );
  } finally {
    await server.close();
  }
});

it('takes other limits while it is paused, and ends by them', async () => {
  const server = await startKnowingServer({ latencyMs: 80 });
  try {
    await visit(
      async (app) => {
        await prepareSmallRun(app);
        await app.fill({ Rounds: 6, 'Calls at the same time': 2 });
        await app.setServer({ baseUrl: server.baseUrl, model: 'test-model' });
        await app.start();
        await vi.waitFor(() => expect(server.finished).toBeGreaterThan(4), patience);
        await app.press('Pause');
        await app.untilState('Paused');
        await choose(app, /^Change the budget/);
        await app.page.getByLabel('Calls at most', { exact: true }).fill('60');
        await app.press('Set these limits');
        await app.page.getByText('of 60', { exact: true }).waitFor();
        await app.press('Resume');
        await app.untilState('Budget reached');
        expect(server.completions.length).toBeLessThanOrEqual(60);
      },
      { servers: [server] },
    );
  } finally {
    await server.close();
  }
});

it('shows answers that it cannot read, and reads them by the rule that is chosen without asking again', async () => {
  // this model wraps what it says, so that no label stands where one is looked for
  const server = await startKnowingServer({
    answer: (body) =>
      Promise.resolve({
        text: body.messages.some(({ content }) => content.includes('prompt'))
          ? '<prompt>Say which label fits.</prompt>'
          : `{"thought": "praise or complaint or question", "verdict": "praise"}`,
      }),
  });
  try {
    await visit(
      async (app) => {
        const { page } = app;
        await prepareSmallRun(app);
        await app.setServer({ baseUrl: server.baseUrl, model: 'test-model' });
        await app.start();
        await app.untilState('Needs you');
        await page.getByRole('heading', { name: 'Many answers cannot be read' }).waitFor();
        const sent = server.completions.map(({ body }) => JSON.stringify(body));
        await app.press('Use this rule');
        await page.getByRole('heading', { name: 'Many answers cannot be read' }).waitFor({ state: 'detached' });
        await app.untilState('Finished');
        const later = server.completions.slice(sent.length).map(({ body }) => JSON.stringify(body));
        expect(later.filter((ask) => sent.includes(ask))).toEqual([]);
        await app.showTab('Prompts');
      },
      { servers: [server] },
    );
  } finally {
    await server.close();
  }
});
