import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { createRandom } from '#lib/random.ts';
import { systemClock } from '#lib/clock.ts';
import type { Completion } from '#core/completion.ts';
import type { CallKey } from '#core/id.ts';
import type { RunBundle, RunSpec } from '#core/run.ts';
import { Traffic } from '#engine/calls/traffic.ts';
import { RunSession } from '#engine/session.ts';
import { memoryStorage } from '#storage/index.ts';
import { createSessionTools } from '../../src/compose.ts';
import { AppVisit } from '../support/app.ts';
import { expectPromisesKept } from '../support/checker/check.ts';
import { namesAt } from '../support/checker/naming.ts';
import { digest, stateOf } from '../support/drive.ts';
import { simulatedMind } from '../support/fault-server/mind.ts';
import { startFaultServer, type FaultServer } from '../support/fault-server/server.ts';
import type { FaultServerOptions, LedgerRow, WireBody } from '../support/fault-server/types.ts';
import { task } from '../support/builders.ts';
import { examples, prepareSmallRun } from '../support/made-set.ts';
import { OwnBrowser } from '../support/own-browser.ts';
import { serveFolder } from '../support/static-server.ts';

/** Real runs in a real browser that dies, reloads, loses its tab or its connections, until they are done all the same. */

const answerKey = { task, examples };
const mind = simulatedMind(answerKey);
const concurrency = 3;
const patience = { timeout: 60_000, interval: 20 };
let host: Awaited<ReturnType<typeof serveFolder>>;
beforeAll(async () => {
  host = await serveFolder(inject('appFolder'));
});
afterAll(() => host.close());

type Scene = {
  readonly server: FaultServer;
  readonly browser: OwnBrowser;
  app: AppVisit;
  /** Calls whose answers were on disk at some moment. */
  readonly acknowledged: Set<CallKey>;
};

async function play(options: FaultServerOptions, work: (scene: Scene) => Promise<void>): Promise<void> {
  const server = await startFaultServer({
    answerKey,
    schedule: 'by-key',
    latency: { type: 'uniform', minMs: 60, maxMs: 160 },
    ...options,
  });
  const browser = await OwnBrowser.create();
  try {
    const app = appOn(await browser.start());
    await app.open();
    await prepareSmallRun(app);
    await app.fill({ 'Calls at the same time': concurrency });
    await app.setServer({ baseUrl: server.baseUrl, model: 'test-model' });
    await app.start();
    const scene: Scene = { server, browser, app, acknowledged: new Set() };
    await work(scene).catch(async (error: unknown) => {
      // what is wrong cannot be seen from what was waited for
      const shown = await scene.app.page
        .locator('body')
        .innerText({ timeout: 5000 })
        .catch((reason: unknown) => `nothing: ${String(reason)}`);
      throw new Error(`${String(error)}\n\nThe page showed:\n${shown}`, { cause: error });
    });
  } finally {
    await browser.remove();
    await server.close();
  }
}

const appOn = (page: Page): AppVisit => new AppVisit(page, host.url, [], []);
const badge = (app: AppVisit) => app.page.locator('main header .badge').first();
const ended = (app: AppVisit) => badge(app).filter({ hasText: /Finished|Needs you/ });

/** Opens the run again and says that it may go on. @returns whether it is finished. */
async function takeUp(scene: Scene, run: string): Promise<boolean> {
  const { app } = scene;
  await app.open(`#/runs/${run}`);
  const resume = app.button(/^Resume/).first();
  const finished = badge(app).filter({ hasText: 'Finished' });
  await resume.or(finished).first().waitFor();
  for (const { key } of await app.records('answers')) scene.acknowledged.add(key as CallKey);
  if (await finished.isVisible()) return true;
  await resume.click();
  return false;
}

/**
 * Waits until so many more answers are on disk, and a little longer: in the middle of the next ones. What the server has sent would
 * not do: on a busy machine the page is far behind, and would be ended again and again before it has kept anything.
 */
async function afterAnswers({ app }: Scene, more: number, delayMs: number): Promise<void> {
  const kept = async (): Promise<number> => (await app.records('answers')).length;
  const until = (await kept()) + more;
  await vi.waitFor(async () => expect((await ended(app).isVisible()) || (await kept()) >= until).toBe(true), patience);
  await delay(delayMs);
}

/** The same run in a process that nobody disturbs. */
async function undisturbed(spec: RunSpec, { dataset }: RunBundle): Promise<unknown> {
  const { journal, answers } = memoryStorage();
  const traffic = new Traffic({ clock: systemClock, random: createRandom(1) });
  const tools = createSessionTools({ journal, answers, dataset: () => Promise.resolve(dataset) }, () => ({}), traffic);
  const session = new RunSession(spec.id, tools);
  await session.begin(spec);
  await session.drive();
  return digest(session.state);
}

/** A request that a kill has cut off three times is sent again only when a person says so. */
async function untilFinished(app: AppVisit): Promise<void> {
  for (;;) {
    await ended(app).waitFor();
    if ((await badge(app).innerText()) === 'Finished') return;
    await app.page.getByText(/was cut off 3 times/).waitFor();
    await app.press(/^Resume/);
    await badge(app).filter({ hasText: 'Needs you' }).waitFor({ state: 'hidden' });
  }
}

async function finish(scene: Scene): Promise<void> {
  const { server, app, acknowledged } = scene;
  await untilFinished(app);
  await server.settled();
  await app.showTab('Result');
  const bundle = JSON.parse((await app.save(/^Whole run/)).text) as RunBundle;
  const answers = new Map(
    (await app.records('answers')).map(({ key, value }) => [key as CallKey, value as Completion]),
  );
  const ledger = [...server.ledger];
  const spec = bundle.entries.flatMap(({ event }) => (event.type === 'run-started' ? event.spec : []))[0];
  if (!spec) throw new Error('a run without a beginning');
  server.set({ rules: [], latency: { type: 'fixed', ms: 0 } });
  await expectPromisesKept({
    entries: bundle.entries,
    ledger,
    nameOf: await namesAt(server.baseUrl, ['test-model'], spec.id),
    answers,
    acknowledged,
    expectedText: async ({ body }: LedgerRow) => (await mind(body as WireBody, 0)).text,
    digests: { actual: digest(stateOf(bundle.entries)), reference: await undisturbed(spec, bundle) },
    hiddenResends: 'possible',
  });
  expect(acknowledged.size).toBeGreaterThan(10);
}

it(
  'B05 P1 P2 P3 survives up to twenty kills of the browser: the same end, nothing lost, nothing paid for twice by us',
  () =>
    // slow answers: on a busy machine, too, only a few come between two kills
    play({ latency: { type: 'uniform', minMs: 300, maxMs: 1000 } }, async (scene) => {
      const random = createRandom('kill -9');
      const run = scene.app.runId;
      let kills = 0;
      for (let isFinished = false; kills < 20 && !isFinished; kills += 1) {
        await afterAnswers(scene, 1, random.integer(300));
        await scene.browser.kill();
        scene.app = appOn(await scene.browser.start());
        isFinished = await takeUp(scene, run);
      }
      await finish(scene);
      expect(kills).toBeGreaterThanOrEqual(10);
    }),
  600_000,
);

it('B01 B02 N04 N06 N21 survives reloads, closed tabs, dropped connections and a server that fails now and then', () => {
  const rules = [
    { name: 'reset', p: 0.04, when: { path: '/chat/completions' }, fault: { type: 'rst-before' } },
    { name: 'lost', p: 0.04, when: { path: '/chat/completions' }, fault: { type: 'rst-after-generation' } },
  ] as const;
  return play({ rules }, async (scene) => {
    const random = createRandom('reloads');
    const run = scene.app.runId;
    for (let turn = 0, isFinished = false; turn < 18 && !isFinished; turn += 1) {
      await afterAnswers(scene, 1 + random.integer(5), random.integer(60));
      if (turn % 3 === 0) {
        scene.server.drop();
        continue;
      }
      if (turn % 3 === 1) {
        await scene.app.page.reload();
      } else {
        const [old, next] = [scene.app.page, await scene.browser.newPage()];
        await old.close();
        scene.app = appOn(next);
      }
      isFinished = await takeUp(scene, run);
    }
    await finish(scene);
  });
}, 600_000);
