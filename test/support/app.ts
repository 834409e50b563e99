import { mkdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContextOptions, type Locator, type Page, type Request } from 'playwright';
import { afterAll, expect, inject } from 'vitest';
import type { JournalEntry } from '#core/run.ts';
import { entriesIn, type Block } from '#storage/blocks.ts';
import { launchOptions } from '../../scripts/chrome.mjs';
import { serveFolder } from './static-server.ts';

/**
 * The built app in a browser, with verbs. One browser and one static host serve all tests of a file; each visit has a profile of its
 * own, and ends with a look at what must never happen: a word on the console, a breach of the Content-Security-Policy, a request to
 * a server that the test did not name.
 */

export type VisitOptions = {
  /** Model servers that the page may talk to. */
  readonly servers?: readonly { readonly origin: string }[];
  /** What the browser itself writes on the console in this test, such as a request that was refused on purpose. */
  readonly expected?: readonly RegExp[];
  readonly context?: BrowserContextOptions;
};

type Shared = { readonly browser: Browser; readonly host: Awaited<ReturnType<typeof serveFolder>> };
let shared: Promise<Shared> | undefined;

async function share(): Promise<Shared> {
  const [browser, host] = await Promise.all([chromium.launch(launchOptions()), serveFolder(inject('appFolder'))]);
  return { browser, host };
}
afterAll(async () => {
  if (!shared) return;
  const { browser, host } = await shared;
  await Promise.all([browser.close(), host.close()]);
});

const pictures = fileURLToPath(new URL('../../.cache/e2e/failures/', import.meta.url));

/** Opens the app in a fresh profile, lets the test work there, and looks afterwards whether anything was out of order. */
export async function visit<T>(work: (app: AppVisit) => Promise<T>, options: VisitOptions = {}): Promise<T> {
  shared ??= share();
  const { browser, host } = await shared;
  const context = await browser.newContext({ reducedMotion: 'reduce', acceptDownloads: true, ...options.context });
  context.setDefaultTimeout(60_000);
  const allowed = new Set([host.origin, ...(options.servers ?? []).map(({ origin }) => origin)]);
  const requests: Request[] = [];
  const said: string[] = [];
  context.on('request', (request) => requests.push(request));
  context.on('console', (message) => {
    // hints of the browser for developers, which it shows to nobody unasked
    const kind: string = message.type();
    if (kind !== 'verbose') said.push(`${kind}: ${message.text()}`);
  });
  context.on('weberror', (error) => said.push(`uncaught: ${error.error().stack ?? String(error.error())}`));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) =>
      console.error(`Content-Security-Policy: ${violatedDirective} refused ${blockedURI} (${sourceFile})`),
    );
  });
  try {
    const page = await context.newPage();
    // Whoever listens only when a file is wanted may be too late: the browser is told to hand over its file pickers in its own time.
    page.on('filechooser', () => undefined);
    const app = new AppVisit(page, host.url, requests, said);
    await app.open();
    let result: T;
    try {
      result = await work(app);
    } catch (error) {
      await mkdir(pictures, { recursive: true });
      const name = (expect.getState().currentTestName ?? 'test').replace(/\W+/g, '-');
      await page.screenshot({ path: `${pictures}${name}.png`, fullPage: true }).catch(() => undefined);
      if (error instanceof Error && said.length > 0) error.message += `\nThe console said:\n${said.join('\n')}`;
      throw error;
    }
    const strangers = requests
      .map((request) => new URL(request.url()))
      .filter(({ protocol, origin }) => protocol !== 'blob:' && protocol !== 'data:' && !allowed.has(origin));
    const surprises = said.filter((line) => !(options.expected ?? []).some((known) => known.test(line)));
    const wrong = [
      ...surprises.map((line) => `The console said: ${line}`),
      ...strangers.map(({ href }) => `A request went to a server that was not named: ${href}`),
    ];
    if (wrong.length > 0) throw new Error(wrong.join('\n'));
    return result;
  } finally {
    await context.close();
  }
}

export type Saved = { readonly name: string; readonly text: string };
/** All that stands in IndexedDB: records by database and store. */
export type Dump = Readonly<Record<string, Readonly<Record<string, readonly { key: unknown; value: unknown }[]>>>>;

export class AppVisit {
  readonly page: Page;
  /** Where the app stands. */
  readonly url: string;
  /** Every request of the page and its workers so far. */
  readonly requests: readonly Request[];
  /** Every line of the console so far. */
  readonly said: readonly string[];

  constructor(page: Page, url: string, requests: readonly Request[], said: readonly string[]) {
    this.page = page;
    this.url = url;
    this.requests = requests;
    this.said = said;
  }

  /** The app from its first request on, or one of its addresses. */
  async open(hash = ''): Promise<void> {
    await this.page.goto(`${this.url}${hash}`);
    await this.page.getByRole('heading', { level: 1 }).waitFor();
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' });
  }
  heading(name: string | RegExp, level = 1): Locator {
    return this.page.getByRole('heading', { name, level, exact: typeof name === 'string' });
  }
  label(name: string): Locator {
    return this.page.getByLabel(name, { exact: true });
  }
  async press(name: string | RegExp): Promise<void> {
    await this.button(name).click();
  }
  /** By the navigation at the top. */
  async goTo(name: 'Home' | 'Data' | 'Runs' | 'Settings'): Promise<void> {
    await this.page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name, exact: true }).click();
  }

  // data

  /** Hands a file to the button that asks for one. */
  async chooseFile(button: string | RegExp, file: Saved): Promise<void> {
    const chooser = this.page.waitForEvent('filechooser');
    await this.press(button);
    await (await chooser).setFiles({ name: file.name, mimeType: 'text/plain', buffer: Buffer.from(file.text) });
  }
  /** On the page Data: from the file to the saved set, with the guessed columns. */
  async importFile(file: Saved): Promise<void> {
    await this.goTo('Data');
    await this.chooseFile(/^Choose a file/, file);
    await this.press('Save data set');
    await this.page.getByText('Saved.', { exact: true }).waitFor();
  }

  // a new run

  /** Fills in fields by their labels. */
  async fill(values: Readonly<Record<string, string | number>>): Promise<void> {
    for (const [name, value] of Object.entries(values)) await this.label(name).fill(String(value));
  }
  /** By the beginning of its name; it may be among those that are folded away. */
  async chooseOptimizer(name: string): Promise<void> {
    const part = this.page.locator('#new-run-optimizer');
    const choice = part.getByRole('radio', { name: new RegExp(`^${name}`) });
    await part.waitFor();
    if (!(await choice.isVisible())) await part.getByText('Other optimizers').click();
    await choice.check();
  }
  async setPrompts(prompts: readonly string[]): Promise<void> {
    for (const [index, prompt] of prompts.entries()) {
      if (index > 0) await this.press('Add a prompt');
      await this.label(`Prompt ${index + 1}`).fill(prompt);
    }
  }
  async setServer({ baseUrl, key, model }: { baseUrl: string; key?: string; model?: string }): Promise<void> {
    const editor = this.page.locator('#new-run-evaluation');
    await editor.getByRole('radio', { name: 'OpenAI or compatible' }).check();
    await editor.getByLabel('Address of the API', { exact: true }).fill(baseUrl);
    if (key !== undefined) await this.keyField.fill(key);
    if (model !== undefined) await editor.getByLabel('Model', { exact: true }).fill(model);
  }
  get keyField(): Locator {
    return this.page.getByLabel('API key', { exact: true });
  }
  async start(): Promise<void> {
    await this.press('Start the run');
    await this.page.waitForURL(/#\/runs\/./);
  }
  /** The two presses from the first page to a run that goes. */
  async startSimulated(): Promise<void> {
    await this.press('Start a simulated run');
    await this.start();
  }

  // a run

  get runId(): string {
    const id = /#\/runs\/([^/]+)/.exec(this.page.url())?.[1];
    if (id === undefined) throw new Error(`No run is open at ${this.page.url()}`);
    return decodeURIComponent(id);
  }
  tab(name: string): Locator {
    return this.page.getByRole('tab', { name: new RegExp(`^${name}`) });
  }
  async showTab(name: string): Promise<Locator> {
    await this.tab(name).click();
    return this.page.getByRole('tabpanel', { name: new RegExp(`^${name}`) });
  }
  /** The badge beside the name of the run. */
  async untilState(words: string): Promise<void> {
    await this.page.locator('main header .badge', { hasText: words }).waitFor({ timeout: 60_000 });
  }
  /** Of a run that may end either way. */
  async untilEnded(): Promise<void> {
    await this.page.locator('main header .badge', { hasText: /Finished|Budget reached/ }).waitFor({ timeout: 60_000 });
  }
  async save(button: string | RegExp): Promise<Saved> {
    const download = this.page.waitForEvent('download');
    await this.press(button);
    const file = await download;
    return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
  }

  // keyboard

  /** Walks on by Tab until this has the focus; nothing that a person needs may be out of its reach. */
  async tabTo(target: Locator, most = 150): Promise<void> {
    await target.waitFor();
    for (let presses = 0; presses < most; presses += 1) {
      await this.page.keyboard.press('Tab');
      if (await target.evaluate((element) => element === document.activeElement)) return;
    }
    throw new Error(`${most} presses of Tab did not reach ${String(target)}`);
  }
  async key(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  // what is kept

  databases(): Promise<readonly string[]> {
    return this.page.evaluate(async () => (await indexedDB.databases()).flatMap(({ name }) => name ?? []));
  }
  dump(): Promise<Dump> {
    return this.page.evaluate(async () => {
      const done = <R>(request: IDBRequest<R>): Promise<R> =>
        new Promise((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error ?? new Error('IndexedDB'));
        });
      const all: Record<string, Record<string, { key: unknown; value: unknown }[]>> = {};
      for (const { name } of await indexedDB.databases()) {
        if (name === undefined) continue;
        const database = await done(indexedDB.open(name));
        const stores: Record<string, { key: unknown; value: unknown }[]> = {};
        for (const store of database.objectStoreNames) {
          const source = database.transaction(store).objectStore(store);
          const [keys, values] = await Promise.all([done(source.getAllKeys()), done<unknown[]>(source.getAll())]);
          stores[store] = keys.map((key, index) => ({ key, value: values[index] }));
        }
        database.close();
        all[name] = stores;
      }
      return all;
    });
  }
  /** The records of one store, in whichever database it is. */
  async records(store: string): Promise<readonly { key: unknown; value: unknown }[]> {
    return Object.values(await this.dump()).flatMap((stores) => stores[store] ?? []);
  }
  /** The journal of the run on screen, as far as it is on disk. */
  async journal(): Promise<readonly JournalEntry[]> {
    const id = this.runId;
    const blocks = (await this.records('journal')).filter(({ key }) => (key as readonly unknown[])[0] === id);
    return entriesIn(blocks.map(({ value }) => value as Block));
  }
}
