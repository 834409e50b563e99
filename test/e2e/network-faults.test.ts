import { expect, it } from 'vitest';
import type { Completion } from '#core/completion.ts';
import type { CallKey, RunId } from '#core/id.ts';
import type { RunBundle } from '#core/run.ts';
import { visit, type AppVisit } from '../support/app.ts';
import { task } from '../support/builders.ts';
import { callFiles } from '../support/checker/call-files.ts';
import { expectPromisesKept } from '../support/checker/check.ts';
import type { Evidence } from '../support/checker/evidence.ts';
import { namesAt } from '../support/checker/naming.ts';
import { startRecorder, type Recorder } from '../support/fault-server/recorder.ts';
import { startFaultServer, type FaultServer } from '../support/fault-server/server.ts';
import type { FaultServerOptions } from '../support/fault-server/types.ts';
import { examples, prepareSmallRun } from '../support/made-set.ts';

/** What only a real browser does to requests: preflights, hidden resends, its own queue, being offline. */

/** Said by the browser itself whenever a request comes to nothing. */
const expected = [/Failed to load resource/, /has been blocked by CORS policy/, /net::ERR_/];
const completions = { path: '/chat/completions' } as const;

async function play(
  options: FaultServerOptions,
  work: (app: AppVisit, server: FaultServer) => Promise<void>,
  { concurrency = 4, others = [] }: { readonly concurrency?: number; readonly others?: readonly Recorder[] } = {},
): Promise<void> {
  const server = await startFaultServer({ answerKey: { task, examples }, ...options });
  try {
    await visit(
      async (app) => {
        await prepareSmallRun(app);
        await app.fill({ 'Calls at the same time': concurrency });
        await app.setServer({ baseUrl: server.baseUrl, key: 'sk-canary-55aa', model: 'test-model' });
        await work(app, server);
      },
      { servers: [server, ...others], expected },
    );
  } finally {
    await server.close();
  }
}

/** The run on screen, when it has ended: what the app believes beside what the server knows. */
async function evidenceOf(app: AppVisit, server: FaultServer): Promise<Evidence> {
  await app.untilState('Finished');
  await server.settled();
  await app.showTab('Result');
  const bundle = JSON.parse((await app.save(/^Whole run/)).text) as RunBundle;
  return {
    entries: bundle.entries,
    ledger: server.ledger,
    nameOf: await namesAt(server.baseUrl, ['test-model'], app.runId as RunId),
    answers: new Map((await app.records('answers')).map(({ key, value }) => [key as CallKey, value as Completion])),
    hiddenResends: 'possible',
    keyStart: 'sk-canar',
  };
}
const failedRows = ({ entries }: Evidence): number =>
  entries.filter(({ event }) => event.type === 'example-evaluated' && event.result.type === 'failed').length;

it('N05 N17 P2: the browser sends again what broke on a used connection; the double is bounded; nothing but two headers is sent', () =>
  play(
    {
      rules: [
        {
          name: 'broken',
          when: { ...completions, reusedConnection: true },
          every: 8,
          times: 4,
          fault: { type: 'rst-after-generation' },
        },
      ],
    },
    async (app, server) => {
      await app.start();
      const evidence = await evidenceOf(app, server);
      await expectPromisesKept(evidence);
      expect(failedRows(evidence)).toBe(0);
      const broken = server.ledger.filter(({ rule }) => rule === 'broken');
      // how many connections are used again is for the browser to say: on a busy machine fewer
      expect(broken.length).toBeGreaterThan(0);
      expect(broken.length).toBeLessThanOrEqual(4);
      const hidden = [...callFiles(evidence).values()].reduce((sum, file) => sum + file.hidden, 0);
      expect(hidden, 'requests that the page never knew of').toBeGreaterThan(0);
      expect(server.summary().extraPaid).toBeLessThanOrEqual(broken.length);
      // the server's preflight allows these and no others
      const asked = server.ledger.filter(({ method }) => method === 'OPTIONS');
      expect(asked.length).toBeGreaterThan(0);
    },
  ));

it('N15: a server without CORS headers is told apart from a dead one, with the way out', () =>
  play({ cors: { origin: null, allowHeaders: '', expose: [], missingOnStatus: [] } }, async (app, server) => {
    await app.start();
    await app.page.getByText('The server does not let this page in').first().waitFor();
    await app.page.getByText('OLLAMA_ORIGINS').first().waitFor();
    expect(server.summary()).toMatchObject({ billed: 0 });
  }));

it('N04 P6: connections that are lost at the very first question look like nothing else, and the run goes on by itself', () =>
  play(
    { rules: [{ name: 'first', when: completions, times: 5, fault: { type: 'rst-before' } }] },
    async (app, server) => {
      await app.start();
      const evidence = await evidenceOf(app, server);
      expect(server.ledger.filter(({ rule }) => rule === 'first')).toHaveLength(5);
      const failed = evidence.entries.flatMap(({ event }) => (event.type === 'call-failed' ? event.code : []));
      expect(new Set(failed)).toEqual(new Set(['provider-unreachable']));
      expect(failedRows(evidence)).toBe(0);
      await expectPromisesKept(evidence);
    },
  ));

it('N16: refusals that the page cannot read slow it down, and no row fails', () =>
  play(
    {
      limits: { rpm: 300, rpmBurst: 3 },
      cors: { origin: '*', allowHeaders: 'content-type, authorization', expose: [], missingOnStatus: [429] },
    },
    async (app, server) => {
      await app.start();
      const evidence = await evidenceOf(app, server);
      expect(failedRows(evidence)).toBe(0);
      const { byStatus, calls } = server.summary();
      expect(byStatus['429'] ?? 0, 'the limit was met').toBeGreaterThan(0);
      expect(byStatus['429'] ?? 0).toBeLessThan(calls / 3);
      await expectPromisesKept(evidence);
    },
    { concurrency: 8 },
  ));

it('N18 N19 X03: a redirect is not followed; neither prompt nor key go where it leads', async () => {
  const recorder = await startRecorder();
  try {
    const fault = { type: 'redirect', to: `${recorder.origin}/v1/chat/completions` } as const;
    await play(
      { rules: [{ name: 'away', when: completions, fault }] },
      async (app, server) => {
        await app.start();
        await app.page.getByText('The address sends one elsewhere').first().waitFor();
        expect(server.summary()).toMatchObject({ billed: 0 });
      },
      { others: [recorder] }, // the browser tells its tools of a request there, and sends none
    );
    expect(recorder.heard).toEqual([]);
  } finally {
    await recorder.close();
  }
});

it('N20: never more under way than the browser has connections, however many are allowed', () =>
  play(
    { latency: { type: 'fixed', ms: 250 } },
    async (app, server) => {
      await app.start();
      const evidence = await evidenceOf(app, server);
      expect(server.summary().mostUnderWay).toBeLessThanOrEqual(5);
      await expectPromisesKept(evidence);
    },
    { concurrency: 50 },
  ));

it('N01: offline when a run is started: nothing is sent, and it can be started as soon as there is a line', () =>
  play({}, async (app, server) => {
    const context = app.page.context();
    await context.setOffline(true);
    await app.press('Start the run');
    await app.page.waitForTimeout(1500);
    expect(server.ledger).toEqual([]);
    await context.setOffline(false);
    if (!/#\/runs\/./.test(app.page.url())) await app.start();
    const evidence = await evidenceOf(app, server);
    expect(failedRows(evidence)).toBe(0);
    await expectPromisesKept(evidence);
  }));

it('N02: no line for a while in mid-run: it waits, goes on by itself, and no row fails', () =>
  play({ latency: { type: 'fixed', ms: 60 } }, async (app, server) => {
    const context = app.page.context();
    await app.start();
    await expect.poll(() => server.summary().billed, { timeout: 60_000 }).toBeGreaterThan(5);
    await server.stop();
    await context.setOffline(true);
    await app.page.waitForTimeout(5000);
    await server.start();
    await context.setOffline(false);
    const evidence = await evidenceOf(app, server);
    expect(failedRows(evidence)).toBe(0);
    await expectPromisesKept(evidence);
  }));

it('N24: the browser says that it is offline, and requests go through all the same: the run goes on', () =>
  play({ latency: { type: 'fixed', ms: 60 } }, async (app, server) => {
    await app.start();
    await expect.poll(() => server.summary().billed, { timeout: 60_000 }).toBeGreaterThan(5);
    // reaches the page and not the worker that the requests come from, which is the very case
    await app.page.context().setOffline(true);
    expect(await app.page.evaluate(() => navigator.onLine)).toBe(false);
    await app.untilState('Finished');
    await app.page.context().setOffline(false);
    const evidence = await evidenceOf(app, server);
    expect(failedRows(evidence)).toBe(0);
    await expectPromisesKept(evidence);
  }));
