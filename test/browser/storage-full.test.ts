import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cdp } from 'vitest/browser';
import { releaseProxy, wrap, type Remote } from '#lib/rpc.ts';
import { callKey, runId } from '#core/id.ts';
import { ballastBytes } from '#storage/ballast.ts';
import { memoryStorage, openStorage, type Storage } from '#storage/index.ts';
import { attemptOf, completionOf, entriesOf, writeOf } from '../storage/samples.ts';
import type { StorageWorker } from './storage-worker.ts';

/** The disk, or the share of it that the browser gives to this site, is full in the middle of a run. */

type Send = (method: string, values?: Readonly<Record<string, unknown>>) => Promise<unknown>;
const { origin } = location;
const send: Send = (method, values) => (cdp() as unknown as { send: Send }).send(method, values);
const setQuota = (bytes?: number) =>
  send('Storage.overrideQuotaForOrigin', { origin, ...(bytes ? { quotaSize: bytes } : {}) });

const run = runId(Date.UTC(2026, 0, 2), 1);
/** Chromium remembers for half a minute how much room an origin had: what is written meanwhile must be less than the ballast. */
const patience = { timeout: 90_000, interval: 1000 };
/** Random text, because the browser packs what repeats itself. */
const noise = (bytes: number): string =>
  Array.from({ length: Math.ceil(bytes / 65_536) }, () =>
    Array.from(crypto.getRandomValues(new Uint8Array(32_768)), (byte) => byte.toString(16).padStart(2, '0')).join(''),
  ).join('');

let name = '';
let count = 0;
let page: Storage;
let worker: Worker;
let engine: Remote<StorageWorker>;

const ballast = async (): Promise<number> => {
  const root = await navigator.storage.getDirectory();
  try {
    return (await (await (await root.getDirectoryHandle(name)).getFileHandle('ballast')).getFile()).size;
  } catch {
    return 0;
  }
};

beforeEach(async () => {
  name = `full ${Date.now()} ${count++}`;
  page = await openStorage(name);
  worker = new Worker(new URL('./storage-worker.ts', import.meta.url), { type: 'module' });
  engine = wrap<StorageWorker>(worker);
  await engine.open(name);
});
afterEach(async () => {
  await setQuota();
  await page.deleteEverything();
  page.close();
  engine[releaseProxy]();
  worker.terminate();
  vi.unstubAllGlobals();
});
afterAll(() => setQuota());

describe('a disk that is full', () => {
  it('S01 S02 P11 has room set aside: what is under way is kept, then the run hears of it, and goes on when there is room', async () => {
    expect(await engine.append(run, writeOf(entriesOf(run, 0, 1)))).toBe('ok');
    await expect.poll(ballast, patience).toBe(ballastBytes);
    const { usage = 0 } = await navigator.storage.estimate();
    // room for a little, and none for the next answers: only the ballast makes some
    await setQuota(usage + 200_000);
    let seq = 1;
    const codes: string[] = [];
    const write = async (): Promise<string> => {
      const answers = [{ call: callKey('full', { seq }), completion: completionOf(noise(65_536)) }];
      const write = writeOf(entriesOf(run, seq, 1), answers, { sent: [attemptOf(`a${seq}`)] });
      const code = await engine.append(run, write);
      if (code === 'ok') seq += 1;
      codes.push(code);
      return code;
    };
    await expect
      .poll(async () => {
        await write();
        return (await engine.safety()).state;
      }, patience)
      .toBe('full');
    expect(await ballast()).toBe(0);
    expect(codes).not.toContain('storage-full'); // the write that found no room found that of the ballast
    // nothing of what was acknowledged is lost, nothing else is there
    await expect.poll(write, { timeout: 90_000, interval: 20 }).toBe('storage-full');
    expect(await page.journal.read(run)).toEqual(entriesOf(run, 0, seq));
    expect((await page.journal.open(run)).length).toBe(seq - 1);
    expect((await page.answers.get(callKey('full', { seq: seq - 1 })))?.text.length).toBe(65_536);
    expect(await page.answers.get(callKey('full', { seq }))).toBeUndefined();
    // a request that cannot be written down is not sent
    const only = writeOf([], [], { next: seq, sent: [attemptOf(noise(65_536))] });
    await expect.poll(() => engine.append(run, only), patience).toBe('storage-full');

    await setQuota();
    const resumed = { seq, at: 1, event: { type: 'run-resumed' } } as const;
    await expect.poll(() => engine.append(run, writeOf([resumed])), patience).toBe('ok');
    await expect.poll(async () => (await engine.safety()).state, patience).toBe('ok');
    expect(await ballast()).toBe(ballastBytes);
    seq += 1;
    expect(await write()).toBe('ok');
    await expect.poll(async () => (await engine.safety()).secondCopy, patience).toBe(true);
  }, 240_000);
});

describe('a browser that gives less', () => {
  it('runs without private files, and says that there is no second copy', async () => {
    vi.stubGlobal('navigator', { storage: {}, locks: navigator.locks });
    const storage = await openStorage(`${name} plain`);
    expect(storage.safety.current).toEqual({ state: 'ok', secondCopy: false, persisted: undefined });
    await storage.journal.append(run, writeOf(entriesOf(run, 0, 2)));
    expect(await storage.rescue.find()).toBeUndefined();
    expect(await storage.askToPersist()).toBe(false);
    await storage.library.deleteRun(run);
    await storage.deleteEverything();
    storage.close();
  });

  it.each([
    ['nothing at all', undefined],
    ['a database that is refused', { open: () => refused() }],
  ] as const)('without IndexedDB (%s) says so, and memory stands in for it', async (_, there) => {
    vi.stubGlobal('indexedDB', there);
    await expect(openStorage(name)).rejects.toMatchObject({ code: 'storage-unavailable' });
    const memory = memoryStorage();
    expect(memory.safety.current.state).toBe('memory-only');
    vi.unstubAllGlobals();
  });

  it('asks to persist, and says what became of it', async () => {
    const heard = vi.fn();
    const stop = page.safety.watch(heard);
    vi.stubGlobal('navigator', { storage: { persist: () => Promise.resolve(true) } });
    expect(await page.askToPersist()).toBe(true);
    expect(page.safety.current.persisted).toBe(true);
    await page.askToPersist();
    expect(heard).toHaveBeenCalledTimes(1);
    stop();
  });
});

const refused = (): never => {
  throw new DOMException('not here', 'SecurityError');
};
