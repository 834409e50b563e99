import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Request } from 'playwright';
import { launchOptions } from '../../scripts/chrome.mjs';
import { AppVisit } from './app.ts';

/** A browser whose profile stays on the disk, so that the disk can be searched after it was closed. */
export type Profile = {
  readonly context: BrowserContext;
  /** The app in a new tab. */
  open(url: string): Promise<AppVisit>;
  close(): Promise<void>;
  /** Files of the profile that hold a piece of this text. */
  search(text: string): Promise<readonly string[]>;
  remove(): Promise<void>;
};

export async function openProfile(): Promise<Profile> {
  const folder = await mkdtemp(join(tmpdir(), 'apg-profile-'));
  const context = await chromium.launchPersistentContext(folder, { ...launchOptions(), reducedMotion: 'reduce' });
  context.setDefaultTimeout(60_000);
  return {
    context,
    async open(url) {
      const page = await context.newPage();
      const requests: Request[] = [];
      const said: string[] = [];
      page.on('request', (request) => requests.push(request));
      page.on('console', (message) => said.push(message.text()));
      page.on('filechooser', () => undefined);
      const app = new AppVisit(page, url, requests, said);
      await app.open();
      return app;
    },
    close: () => context.close(),
    search: (text) => searchFolder(folder, text),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Databases compress what they write, which leaves pieces: windows of this length are looked for, as UTF-8 and as UTF-16. */
const windowLength = 10;

async function searchFolder(folder: string, text: string): Promise<readonly string[]> {
  const pieces = Array.from({ length: text.length - windowLength + 1 }, (_, at) => text.slice(at, at + windowLength));
  const needles = pieces.flatMap((piece) => [Buffer.from(piece, 'utf8'), Buffer.from(piece, 'utf16le')]);
  const found: string[] = [];
  for (const name of await readdir(folder, { recursive: true })) {
    const file = join(folder, name);
    if (!(await stat(file).catch(() => undefined))?.isFile()) continue;
    const bytes = await readFile(file).catch(() => Buffer.alloc(0));
    if (needles.some((needle) => bytes.includes(needle))) found.push(name);
  }
  return found;
}
