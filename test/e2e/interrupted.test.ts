import { expect, it, vi } from 'vitest';
import { candidateId } from '#core/id.ts';
import { renderMessages } from '#core/prompt.ts';
import type { JournalEntry } from '#core/run.ts';
import { visit } from '../support/app.ts';
import { examples, prepareSmallRun, startKnowingServer } from '../support/made-set.ts';

const key = 'sk-for-this-server';
/** Slow enough that a run can be met in the middle. */
const latencyMs = 120;
const concurrency = 2;
const patience = { timeout: 60_000, interval: 20 };

/** What was asked in each call whose answer is in the journal. */
function answeredIn(entries: readonly JournalEntry[]): readonly string[] {
  const events = entries.map(({ event }) => event);
  const spec = events.flatMap((event) => (event.type === 'run-started' ? event.spec : []))[0];
  if (!spec) throw new Error('This journal has no beginning.');
  const proposed = events.flatMap((event) =>
    event.type === 'search' && event.fact.type === 'candidate-proposed' ? event.fact.candidate.prompt : [],
  );
  const prompts = new Map([...spec.prompts, ...proposed].map((prompt) => [candidateId(prompt), prompt]));
  const rows = new Map(examples.map((example) => [example.id, example]));
  return events.flatMap((event) => {
    if (event.type === 'text-generated') return JSON.stringify(event.messages);
    if (event.type !== 'example-evaluated') return [];
    const [prompt, row] = [prompts.get(event.candidate), rows.get(event.example)];
    if (prompt === undefined || !row) throw new Error('This journal names a prompt or a row that is not there.');
    return JSON.stringify(renderMessages(spec.task.template, prompt, row));
  });
}

it('goes on after a reload in mid-run without asking for anything again that was answered', async () => {
  const server = await startKnowingServer({ key });
  try {
    await visit(
      async (app) => {
        const { page } = app;
        await prepareSmallRun(app);
        await app.fill({ 'Calls at the same time': concurrency });
        await app.setServer({ baseUrl: server.baseUrl, key, model: 'test-model' });
        server.set({ latencyMs });
        await app.start();
        // beyond the starting prompts, so that a proposal is among what was paid for
        await vi.waitFor(async () => {
          expect((await app.journal()).some(({ event }) => event.type === 'text-generated')).toBe(true);
        }, patience);
        const before = await app.journal();
        const sentBefore = server.completions.length;
        await page.reload();

        await app.untilState('Interrupted');
        await page.getByText('Nothing is lost: it goes on from there.').waitFor();
        const asked = server.completions.slice(sentBefore).length;
        expect(asked, 'calls on the way while the page was reloaded').toBeLessThanOrEqual(2 * concurrency);
        const sentWithoutPerson = server.completions.length;
        await app.keyField.fill(key);
        server.set({ latencyMs: 0 });
        await app.press('Resume');
        await app.untilState('Finished');

        const after = await app.journal();
        expect(after.slice(0, before.length), 'the journal only grows').toEqual(before);
        const paid = new Set(answeredIn(before));
        expect(paid.size).toBeGreaterThan(16);
        const asks = server.completions.map(({ body }) => JSON.stringify(body?.messages));
        const again = asks.slice(sentWithoutPerson).filter((ask) => paid.has(ask));
        expect(again, 'answered and journaled before the reload, and sent again').toEqual([]);

        // what the run needed was asked, each once but for what was under way when the page went
        const needed = answeredIn(after);
        expect(new Set(needed).size).toBe(needed.length);
        const forRun = asks.filter((ask) => new Set(needed).has(ask));
        expect(new Set(forRun)).toEqual(new Set(needed));
        expect(forRun.length - needed.length, 'asked twice').toBeLessThanOrEqual(concurrency);
        const probes = after.flatMap(({ event }) => (event.type === 'model-probed' ? event.calls : []));
        expect(asks.length - forRun.length, 'calls that no result came of').toBe(probes.reduce((a, b) => a + b, 0));
      },
      { servers: [server] },
    );
  } finally {
    await server.close();
  }
});

it('sends nothing while it is paused, and goes on where it was', async () => {
  const server = await startKnowingServer({ key });
  try {
    await visit(
      async (app) => {
        await prepareSmallRun(app);
        await app.fill({ 'Calls at the same time': concurrency });
        await app.setServer({ baseUrl: server.baseUrl, key, model: 'test-model' });
        server.set({ latencyMs });
        await app.start();
        await vi.waitFor(() => expect(server.finished).toBeGreaterThan(4), patience);
        await app.press('Pause');
        await app.untilState('Paused');
        await vi.waitFor(() => expect(server.finished).toBe(server.completions.length), patience);
        const sent = server.completions.length;
        server.set({ latencyMs: 0 });
        // a run without waiting would be through in this time
        for (const name of ['Prompts', 'Rounds', 'Result', 'Guess', 'Curve']) await app.showTab(name);
        const calls = await app.page.locator('main dl.figures').first().innerText();
        await app.goTo('Runs');
        await app.page.getByText('Paused', { exact: true }).waitFor();
        await app.page.goBack();
        await app.untilState('Paused');
        expect(server.completions).toHaveLength(sent);
        expect(await app.page.locator('main dl.figures').first().innerText()).toBe(calls);

        await app.press('Resume');
        await app.untilState('Finished');
        expect(server.completions.length).toBeGreaterThan(sent);
        const asks = server.completions.map(({ body }) => JSON.stringify(body));
        const needed = answeredIn(await app.journal());
        const probes = (await app.journal()).flatMap(({ event }) => (event.type === 'model-probed' ? event.calls : []));
        expect(asks.length, 'no call was lost or repeated').toBe(needed.length + probes.reduce((a, b) => a + b, 0));
      },
      { servers: [server] },
    );
  } finally {
    await server.close();
  }
});
