import { execFileSync } from 'node:child_process';
import type { CDPSession, Page } from 'playwright';
import { expect, inject, vi } from 'vitest';
import { createRandom } from '#lib/random.ts';
import { systemClock } from '#lib/clock.ts';
import type { Completion } from '#core/completion.ts';
import type { CallKey, RunId } from '#core/id.ts';
import type { RunBundle } from '#core/run.ts';
import { Traffic } from '#engine/calls/traffic.ts';
import { RunSession } from '#engine/session.ts';
import { memoryStorage } from '#storage/index.ts';
import { createSessionTools } from '../../src/compose.ts';
import { AppVisit } from './app.ts';
import { task } from './builders.ts';
import { expectPromisesKept } from './checker/check.ts';
import { namesAt } from './checker/naming.ts';
import { digest, stateOf } from './drive.ts';
import { isCompletionRow } from './fault-server/ledger.ts';
import { simulatedMind } from './fault-server/mind.ts';
import { startFaultServer, type FaultServer } from './fault-server/server.ts';
import type { FaultServerOptions, LedgerRow, WireBody } from './fault-server/types.ts';
import { examples, prepareSmallRun } from './made-set.ts';
import { OwnBrowser } from './own-browser.ts';
import { serveFolder } from './static-server.ts';

/** One run of the built app in a browser of its own, something that befalls it, and a look at what became of the promises. */

const answerKey = { task, examples };
const mind = simulatedMind(answerKey);
export const concurrency = 3;
const patience = { timeout: 30_000, interval: 20 };

export type LifeOptions = {
  readonly server?: FaultServerOptions;
  /** Of the browser. */
  readonly flags?: readonly string[];
  /** What is there before the app is, in every page. */
  readonly initScript?: () => void;
  /** Further files of the host, by name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly fields?: Readonly<Record<string, string | number>>;
  /** After everything is filled in, before the run is started. */
  readonly beforeStart?: (run: LivedRun) => Promise<void>;
};

/** The app in a browser of its own, without a run. */
export async function withApp(
  work: (app: AppVisit, browser: OwnBrowser, host: LivedRun['host']) => Promise<void>,
  options: Pick<LifeOptions, 'initScript' | 'files'> & { readonly open?: boolean },
): Promise<void> {
  const host = await serveFolder(inject('appFolder'), undefined, options.files);
  const browser = await OwnBrowser.create();
  try {
    const page = await browser.start();
    if (options.initScript) await page.addInitScript(options.initScript);
    const app = new AppVisit(page, host.url, [], []);
    if (options.open !== false) await app.open();
    await work(app, browser, host);
  } finally {
    await browser.remove();
    await host.close();
  }
}

/** Starts a run against a fault server, lets the test work, and tidies up. */
export async function liveThrough(work: (run: LivedRun) => Promise<void>, options: LifeOptions = {}): Promise<void> {
  const host = await serveFolder(inject('appFolder'), undefined, options.files);
  const server = await startFaultServer({
    answerKey,
    latency: { type: 'fixed', ms: 150 },
    ...options.server,
  });
  const browser = await OwnBrowser.create(options.flags);
  try {
    const run = new LivedRun(server, browser, host, await browser.start(), options.initScript);
    await run.begin(options);
    await work(run);
  } finally {
    await browser.remove();
    await Promise.all([server.close(), host.close()]);
  }
}

export class LivedRun {
  readonly server: FaultServer;
  readonly browser: OwnBrowser;
  readonly host: Awaited<ReturnType<typeof serveFolder>>;
  readonly #initScript: (() => void) | undefined;
  #id = '';
  app: AppVisit;
  /** Calls whose answers were on disk at some moment. */
  readonly #acknowledged = new Set<CallKey>();

  constructor(
    server: FaultServer,
    browser: OwnBrowser,
    host: LivedRun['host'],
    page: Page,
    initScript: (() => void) | undefined,
  ) {
    this.server = server;
    this.browser = browser;
    this.host = host;
    this.#initScript = initScript;
    this.app = new AppVisit(page, host.url, [], []);
  }

  async begin({ fields = {}, beforeStart }: LifeOptions): Promise<void> {
    const { app, server } = this;
    if (this.#initScript) await app.page.addInitScript(this.#initScript);
    await app.open();
    await prepareSmallRun(app);
    await app.setServer({ baseUrl: server.baseUrl, model: 'test-model' });
    await app.page.locator('details').evaluateAll((all) => {
      for (const fold of all) fold.setAttribute('open', '');
    });
    await app.fill({ 'Calls at the same time': concurrency, ...fields });
    await beforeStart?.(this);
    await app.start();
    this.#id = app.runId;
  }

  get page(): Page {
    return this.app.page;
  }
  /** Completion requests that have come in. */
  get sent(): number {
    return this.server.ledger.filter(isCompletionRow).length;
  }
  get answered(): number {
    return this.server.ledger.filter((row) => isCompletionRow(row) && row.completed).length;
  }
  /** Requests on the way. */
  get underWay(): number {
    return this.server.ledger.filter((row) => isCompletionRow(row) && row.doneAtMs === undefined).length;
  }
  /** Waits for so many more completion requests. */
  async calls(more: number): Promise<void> {
    const until = this.sent + more;
    await vi.waitFor(() => expect(this.sent).toBeGreaterThanOrEqual(until), patience);
  }
  /** Waits until the run is well under way, with some requests unanswered. */
  async midway(): Promise<void> {
    await vi.waitFor(() => {
      expect(this.answered).toBeGreaterThan(8);
      expect(this.underWay).toBeGreaterThan(0);
    }, patience);
  }

  /** What the browser's own tools can do to this page. */
  tools(page = this.page): Promise<CDPSession> {
    return page.context().newCDPSession(page);
  }
  /** Numbers of the browser's processes of one kind: `renderer`, or the interface of a service such as `network.mojom.NetworkService`. */
  async processes(kind: string): Promise<readonly number[]> {
    const session = await this.page.context().browser()?.newBrowserCDPSession();
    const { processInfo = [] } = (await session?.send('SystemInfo.getProcessInfo')) ?? {};
    await session?.detach();
    return processInfo.flatMap(({ type, id }) => {
      if (type === kind) return id;
      const command = execFileSync('ps', ['-o', 'command=', '-p', String(id)], { encoding: 'utf8' });
      return command.includes(`--utility-sub-type=${kind}`) ? id : [];
    });
  }

  /** Leaves the browser to itself, so that its tabs can be hidden and frozen. */
  letGo(): Promise<void> {
    return this.browser.letGo();
  }
  /** Takes hold of it again, and of the tab of the app that was opened last. */
  async hold(): Promise<void> {
    const first = await this.browser.attach();
    const page = first
      .context()
      .pages()
      .findLast((one) => one.url().startsWith(this.host.url));
    if (!page) throw new Error('the app is not open any more');
    this.app = new AppVisit(page, this.host.url, [], []);
  }
  get address(): string {
    return `${this.host.url}#/runs/${encodeURIComponent(this.#id)}`;
  }

  /** The same run in another tab. */
  async another(page?: Page): Promise<AppVisit> {
    const tab = page ?? (await this.browser.newPage());
    if (this.#initScript) await tab.addInitScript(this.#initScript);
    const app = new AppVisit(tab, this.host.url, [], []);
    await app.open(`#/runs/${encodeURIComponent(this.#id)}`);
    return app;
  }

  /** Opens the run in a new tab (or in this page, as after a start of the browser) and goes on with it. */
  async takeUp(page?: Page): Promise<void> {
    this.app = await this.another(page);
    await this.resume();
  }
  async resume(): Promise<void> {
    await this.app.untilState('Interrupted');
    for (const { key } of await this.app.records('answers')) this.#acknowledged.add(key as CallKey);
    await this.app.press(/^Resume/);
  }

  /**
   * Waits for the end, and holds what the app kept against the server's books and against the same run undisturbed.
   * @param mostAgain so many requests may repeat an earlier one
   */
  async finish(mostAgain = concurrency): Promise<void> {
    const { server, app } = this;
    await app.untilState('Finished');
    await server.settled();
    const ledger = [...server.ledger];
    await app.showTab('Result');
    const bundle = JSON.parse((await app.save(/^Whole run/)).text) as RunBundle;
    const answers = new Map(
      (await app.records('answers')).map(({ key, value }) => [key as CallKey, value as Completion]),
    );
    server.set({ rules: [], latency: { type: 'fixed', ms: 0 } });
    await expectPromisesKept({
      entries: bundle.entries,
      ledger,
      nameOf: await namesAt(server.baseUrl, ['test-model'], this.#id as RunId),
      answers,
      acknowledged: this.#acknowledged,
      expectedText: async ({ body }: LedgerRow) => (await mind(body as WireBody, 0)).text,
      digests: { actual: digest(stateOf(bundle.entries)), reference: await undisturbed(bundle) },
      hiddenResends: 'possible',
    });
    const failed = bundle.entries.filter(
      ({ event }) => event.type === 'example-evaluated' && event.result.type === 'failed',
    );
    expect(failed, 'rows that failed').toEqual([]);
    const calls = ledger.filter(isCompletionRow).map(({ call }) => call);
    expect(calls.length - new Set(calls).size, 'asked again').toBeLessThanOrEqual(mostAgain);
  }
}

/** The same run in a process that nobody disturbs. */
async function undisturbed({ dataset, entries }: RunBundle): Promise<unknown> {
  const spec = entries.flatMap(({ event }) => (event.type === 'run-started' ? event.spec : []))[0];
  if (!spec) throw new Error('a run without a beginning');
  const { journal, answers } = memoryStorage();
  const traffic = new Traffic({ clock: systemClock, random: createRandom(1) });
  const tools = createSessionTools({ journal, answers, dataset: () => Promise.resolve(dataset) }, () => ({}), traffic);
  const session = new RunSession(spec.id, tools);
  await session.begin(spec);
  await session.drive();
  return digest(session.state);
}
