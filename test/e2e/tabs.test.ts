import type { Page } from 'playwright';
import { expect, it, vi } from 'vitest';
import type { RunId } from '#core/id.ts';
import { runLock } from '#engine/api.ts';
import { AppVisit, visit } from '../support/app.ts';
import { madeFile, prepareSmallRun, startKnowingServer } from '../support/made-set.ts';

const patience = { timeout: 60_000, interval: 50 };
/** So slow that a run can be met in the middle, by a model of the page or by a server that wants no key. */
const latencyMs = 150;

/** Another tab on the same run. */
async function another(app: AppVisit): Promise<AppVisit> {
  const page = await app.page.context().newPage();
  const other = new AppVisit(page, app.url, app.requests, app.said);
  await other.open(`#/runs/${encodeURIComponent(app.runId)}`);
  return other;
}
const callsIn = async (page: Page): Promise<number> =>
  Number(
    (await page.locator('main dl.figures > div', { hasText: 'Calls' }).locator('dd').first().innerText()).replace(
      /\D/g,
      '',
    ),
  );

async function slowRun(app: AppVisit, baseUrl: string): Promise<void> {
  await prepareSmallRun(app);
  await app.fill({ 'Calls at the same time': 2 });
  await app.setServer({ baseUrl, model: 'test-model' });
  await app.start();
}

it('a second tab watches live, says so, and goes on by itself when the first one is closed', async () => {
  const server = await startKnowingServer({ latencyMs });
  try {
    await visit(
      async (app) => {
        await slowRun(app, server.baseUrl);
        await vi.waitFor(() => expect(server.finished).toBeGreaterThan(3), patience);
        const other = await another(app);
        await other.untilState('Running in another tab');
        const before = await callsIn(other.page);
        await vi.waitFor(async () => expect(await callsIn(other.page)).toBeGreaterThan(before), patience);
        const sent = server.completions.length;
        const closedAt = performance.now();
        await app.page.close();
        await vi.waitFor(() => expect(server.completions.length).toBeGreaterThan(sent + 2), patience);
        expect(performance.now() - closedAt).toBeLessThan(12_000);
        await other.untilState('Finished');
        // what was under way when the tab was closed may have been asked twice, and nothing else
        const asks = server.completions.map(({ body }) => JSON.stringify(body));
        expect(asks.length - new Set(asks).size).toBeLessThanOrEqual(2);
      },
      { servers: [server] },
    );
  } finally {
    await server.close();
  }
});

it('a second tab takes a run over on one press, and the first one looks on', async () => {
  const server = await startKnowingServer({ latencyMs });
  try {
    await visit(
      async (app) => {
        await slowRun(app, server.baseUrl);
        await vi.waitFor(() => expect(server.finished).toBeGreaterThan(3), patience);
        const other = await another(app);
        await other.untilState('Running in another tab');
        await other.press('Take over here');
        await app.untilState('Running in another tab');
        await other.press('Pause');
        await app.untilState('Paused');
        await other.press('Resume');
        await other.untilState('Finished');
        await app.untilState('Finished');
        expect(await callsIn(app.page)).toBe(await callsIn(other.page));
      },
      { servers: [server] },
    );
  } finally {
    await server.close();
  }
});

it('a run that is left by a link elsewhere goes on when one comes back', async () => {
  const server = await startKnowingServer({ latencyMs });
  try {
    await visit(
      async (app) => {
        await slowRun(app, server.baseUrl);
        await vi.waitFor(() => expect(server.finished).toBeGreaterThan(3), patience);
        // what a browser does that keeps the page for the way back
        const show = (type: string): Promise<void> =>
          app.page.evaluate((name) => void dispatchEvent(new PageTransitionEvent(name, { persisted: true })), type);
        await show('pagehide');
        const heldLocks = (): Promise<readonly string[]> =>
          app.page.evaluate(async () => ((await navigator.locks.query()).held ?? []).flatMap(({ name }) => name ?? []));
        await vi.waitFor(async () => expect(await heldLocks()).not.toContain(runLock(app.runId as RunId)), {
          ...patience,
          interval: 20,
        });
        await show('pageshow');
        await app.untilState('Finished');
      },
      { servers: [server] },
    );
  } finally {
    await server.close();
  }
});

it('T07: two tabs fill in a form each, and each has its own after a reload; that of a tab that is gone is there in the next', () =>
  visit(async (app) => {
    const prompt = (tab: AppVisit): Promise<string> => tab.label('Prompt 1').inputValue();
    const newTab = async (hash = '#/new'): Promise<AppVisit> => {
      const tab = new AppVisit(await app.page.context().newPage(), app.url, app.requests, app.said);
      await tab.open(hash);
      return tab;
    };
    await app.importFile(madeFile);
    await app.press('New run with this data');
    await app.setPrompts(['The form of the first tab.']);
    const other = await newTab();
    await other.press(/^Use it my messages/);
    await other.setPrompts(['Thrown away.']);
    await other.press('Begin anew');
    await other.press(/^Use it my messages/);
    await other.setPrompts(['The form of the second tab.']);
    for (const tab of [other, app]) await tab.page.reload();
    expect(await prompt(app)).toBe('The form of the first tab.');
    expect(await prompt(other)).toBe('The form of the second tab.');
    await app.page.close();
    const tabs = (): Promise<number> =>
      other.page.evaluate(async () =>
        ((await navigator.locks.query()).held ?? []).reduce(
          (sum, { name }) => sum + (name?.includes(':tab:') ? 1 : 0),
          0,
        ),
      );
    await vi.waitFor(async () => expect(await tabs()).toBe(1), patience); // the browser is through with closing it
    expect(await prompt(await newTab())).toBe('The form of the first tab.');
  }));
