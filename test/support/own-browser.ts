import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium, type Browser, type Page } from 'playwright';
import { launchOptions } from '../../scripts/chrome.mjs';
import { BrowserPipe } from './browser-pipe.ts';

/** A browser with a profile that outlives it, in a process group of its own: it can be killed as by a power switch, and started again. */
export class OwnBrowser {
  readonly #profile: string;
  readonly #flags: readonly string[];
  #process: ChildProcess | undefined;
  #browser: Browser | undefined;
  #address = '';
  #pipe: BrowserPipe | undefined;

  private constructor(profile: string, flags: readonly string[]) {
    this.#profile = profile;
    this.#flags = flags;
  }

  static async create(flags: readonly string[] = []): Promise<OwnBrowser> {
    return new OwnBrowser(await mkdtemp(join(tmpdir(), 'apg-profile-')), flags);
  }

  /** Starts it. @returns its first page, empty. */
  async start(): Promise<Page> {
    const { executablePath, args } = launchOptions();
    const place = join(this.#profile, 'DevToolsActivePort');
    await rm(place, { force: true });
    const own = [
      '--headless=new',
      '--remote-debugging-port=0',
      '--remote-debugging-pipe',
      `--user-data-dir=${this.#profile}`,
      '--no-default-browser-check',
    ];
    this.#process = spawn(
      executablePath,
      [...args, ...own, ...this.#flags, '--disable-session-crashed-bubble', 'about:blank'],
      { detached: true, stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
    );
    const [, , , output, input] = this.#process.stdio;
    this.#pipe = new BrowserPipe(output as Writable, input as Readable);
    const [port = '', path = ''] = (await readWhenThere(place)).split('\n');
    this.#address = `ws://127.0.0.1:${port}${path}`;
    return this.attach();
  }

  /** Takes hold of it again. @returns its first page. */
  async attach(): Promise<Page> {
    this.#browser = await chromium.connectOverCDP(this.#address);
    const context = this.#browser.contexts()[0];
    if (!context) throw new Error('a browser without a context');
    context.setDefaultTimeout(60_000);
    return context.pages()[0] ?? (await context.newPage());
  }

  /** Leaves it to itself: while a page is held, it is told that it is in front and has the focus. */
  async letGo(): Promise<void> {
    await this.#browser?.close();
  }

  /** What reaches it while nobody holds it. */
  get pipe(): BrowserPipe {
    if (!this.#pipe) throw new Error('the browser is not running');
    return this.#pipe;
  }

  /** The number of its first process, which is that of its process group. */
  get pid(): number {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error('the browser is not running');
    return pid;
  }

  async newPage(): Promise<Page> {
    const context = this.#browser?.contexts()[0];
    if (!context) throw new Error('the browser is not running');
    return context.newPage().catch((error: unknown) => {
      // the spare renderer was killed with the others, and the browser had not noticed yet
      if (!String(error).includes('Target crashed')) throw error;
      return context.newPage();
    });
  }

  /** Closes it as a person does, and waits until it is gone. */
  async quit(): Promise<void> {
    const child = this.#process;
    if (!child) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    const session = await this.#browser?.newBrowserCDPSession();
    await session?.send('Browser.close').catch(() => undefined); // it may be gone before it answers
    await ended;
    this.#process = undefined;
  }

  /** SIGKILL to all of its processes, and the end of them awaited. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child?.pid === undefined) return;
    const ended = new Promise((resolve) => child.once('close', resolve));
    process.kill(-child.pid, 'SIGKILL');
    await ended;
    this.#process = undefined;
    await this.#browser?.close().catch(() => undefined);
    await untilGroupIsGone(child.pid);
  }

  async remove(): Promise<void> {
    await this.kill();
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/**
 * A lock of the profile that names the browser is taken over when the browser is gone. Its children hold locks, too, and on a busy machine
 * they outlive it by more than a moment: what is started meanwhile finds no storage.
 */
async function untilGroupIsGone(group: number): Promise<void> {
  const members = (): boolean =>
    execFileSync('ps', ['-eo', 'pgid=,stat='], { encoding: 'utf8' })
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .some(([pgid, state]) => Number(pgid) === group && !state?.startsWith('Z'));
  for (let waitedMs = 0; waitedMs < 30_000; waitedMs += 50) {
    if (!members()) return;
    await delay(50);
  }
  throw new Error('processes of the browser are still there 30 s after they were killed');
}

async function readWhenThere(path: string): Promise<string> {
  for (let waitedMs = 0; waitedMs < 30_000; waitedMs += 50) {
    const text = await readFile(path, 'utf8').catch(() => '');
    if (text.includes('\n')) return text;
    await delay(50);
  }
  throw new Error('the browser did not start within 30 s');
}
