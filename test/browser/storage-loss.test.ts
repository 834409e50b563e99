import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cdp } from 'vitest/browser';
import { releaseProxy, wrap, type Remote } from '#lib/rpc.ts';
import { callKey, runId, type RunId } from '#core/id.ts';
import type { JournalWrite } from '#core/journal.ts';
import { openStorage, type Storage } from '#storage/index.ts';
import { openPrivateFiles } from '#storage/private-files.ts';
import { readLog } from '#storage/run-log.ts';
import { attemptOf, completionOf, datasetOf, entriesOf, headOfRun, writeOf } from '../storage/samples.ts';
import type { StorageWorker } from './storage-worker.ts';

/** The database is deleted, shortened or emptied behind the back of the app; the files beside it bring everything back. */

type Send = (method: string, values?: Readonly<Record<string, unknown>>) => Promise<unknown>;
const { origin } = location;
const send: Send = (method, values) => (cdp() as unknown as { send: Send }).send(method, values);

const run = runId(Date.UTC(2026, 0, 2), 1);
const started = entriesOf(run, 0, 1)[0]?.event;
const dataset = {
  ...datasetOf('one', 3, 1),
  id: started?.type === 'run-started' ? started.spec.dataset.id : datasetOf('one', 3, 1).id,
};
const call = callKey('test', { text: 'paid' });
const patience = { timeout: 20_000 };

let name = '';
let page: Storage;
let worker: Worker;
let engine: Remote<StorageWorker>;
let count = 0;

const startWorker = async (): Promise<void> => {
  worker = new Worker(new URL('./storage-worker.ts', import.meta.url), { type: 'module' });
  engine = wrap<StorageWorker>(worker);
  await engine.open(name);
};
const stopWorker = (): void => {
  engine[releaseProxy]();
  worker.terminate();
};
const logOf = async (of: RunId = run) => {
  const files = await openPrivateFiles(name);
  return readLog((await files?.readLog(of)) ?? new Uint8Array());
};
const append = async (write: JournalWrite): Promise<void> => expect(await engine.append(run, write)).toBe('ok');
const copied = (entries: number) => expect.poll(async () => (await logOf()).entries.length, patience).toBe(entries);
/** What a disk error does in Chromium: the database is gone, and the next one is empty. */
const loseDatabase = async (): Promise<void> => {
  page.close();
  stopWorker();
  await new Promise<void>((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(new Error('not deleted'));
  });
};
const reopen = async (): Promise<void> => {
  page = await openStorage(name);
  await startWorker();
};

beforeEach(async () => {
  name = `loss ${Date.now()} ${count++}`;
  await reopen();
  expect(await page.rescue.find()).toBeUndefined(); // a first visit
  await page.library.putDataset(dataset);
  await page.library.putRun(headOfRun(run, 1));
  const answer = { call, completion: completionOf('\ud800 paid for') };
  await append(writeOf(entriesOf(run, 0, 2), [answer], { sent: [attemptOf('a'), attemptOf('b')] }));
  await append(writeOf(entriesOf(run, 2, 3), [], { settled: ['a'] }));
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await page.deleteEverything();
  page.close();
  stopWorker();
});

const expectEverything = async (entries: number): Promise<void> => {
  expect(await page.journal.read(run)).toEqual(entriesOf(run, 0, entries));
  expect(await page.answers.get(call)).toEqual(completionOf('\ud800 paid for'));
  expect(await page.journal.open(run)).toEqual([attemptOf('b')]);
  expect((await page.library.runs()).map(({ id }) => id)).toEqual([run]);
  expect(await page.library.dataset(dataset.id)).toEqual(dataset);
};

describe('a database that was lost', () => {
  it('is told from a first visit, and comes back from the files, also when it is done twice', async () => {
    await copied(5);
    expect(await page.rescue.find()).toBeUndefined();
    expect((await engine.safety()).secondCopy).toBe(true);
    await loseDatabase();
    await reopen();
    expect(await page.library.runs()).toEqual([]);
    expect(await page.rescue.find()).toEqual({ runs: [run], gone: 0 });
    expect(await page.rescue.find()).toEqual({ runs: [run], gone: 0 }); // also after a reload
    expect(await page.rescue.restore()).toEqual([
      { run, name: `A run`, entries: 5, answers: 1, damaged: [], unconnected: 0, conflict: false },
    ]);
    await expectEverything(5);
    expect(await page.rescue.find()).toBeUndefined();
    expect(await page.rescue.restore()).toEqual([]);
    await append(writeOf(entriesOf(run, 5, 1))); // and the run goes on
    await copied(6);
  });

  it('S09 that lost only its end is filled up, and what it has stays as it is', async () => {
    await copied(5);
    await loseDatabase();
    await reopen();
    const first = { call, completion: completionOf('\ud800 paid for') };
    await page.journal.append(run, writeOf(entriesOf(run, 0, 2), [first], { sent: [attemptOf('b')] }));
    expect(await page.rescue.find()).toEqual({ runs: [run], gone: 0 });
    expect(await page.rescue.restore()).toMatchObject([{ run, entries: 3, answers: 0, conflict: false }]);
    await expectEverything(5);
  });

  it('that went another way meanwhile is not mixed with the file', async () => {
    await copied(5);
    await loseDatabase();
    await reopen();
    const others = entriesOf(run, 0, 2).map((entry) => ({ ...entry, at: 1 }));
    await page.journal.append(run, writeOf(others));
    expect(await page.rescue.restore()).toMatchObject([{ run, entries: 0, answers: 1, conflict: true }]);
    expect(await page.journal.read(run)).toEqual(others);
    expect(await page.rescue.find()).toBeUndefined();
  });

  it('comes back as far as the file can be read, with all answers', async () => {
    await copied(5);
    const last = { call: callKey('test', { text: 'last' }), completion: completionOf('last') };
    await append(writeOf(entriesOf(run, 5, 1), [last]));
    await copied(6);
    const root = await navigator.storage.getDirectory();
    const folder = await (await root.getDirectoryHandle(name)).getDirectoryHandle('runs');
    const file = await folder.getFileHandle(`${run}.ndjson`);
    const lines = (await (await file.getFile()).text()).split('\n');
    const writable = await file.createWritable();
    await writable.write([lines[0], lines[1], lines[2]?.replace('yes', 'no!'), ...lines.slice(3)].join('\n'));
    await writable.close();
    await loseDatabase();
    await reopen();
    expect(await page.rescue.restore()).toMatchObject([{ run, entries: 2, answers: 2, damaged: [3], unconnected: 1 }]);
    expect(await page.journal.read(run)).toEqual(entriesOf(run, 0, 2));
    expect(await page.answers.get(last.call)).toEqual(last.completion);
    expect(await page.rescue.find()).toBeUndefined();
    await append(writeOf(entriesOf(run, 2, 1)));
    await copied(3);
  });

  it('that breaks in the middle of a run does not take along what comes in after that', async () => {
    await copied(5);
    await send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' });
    const last = { call: callKey('test', { text: 'last' }), completion: completionOf('last') };
    // the browser needs a moment to close the connection of the worker
    await expect.poll(async () => (await engine.safety()).state, patience).toBe('broken');
    expect(await engine.append(run, writeOf(entriesOf(run, 5, 1), [last]))).toBe('storage-unavailable');
    expect(await engine.append(run, writeOf([], [], { next: 6, sent: [attemptOf('z')] }))).toBe('storage-unavailable');
    await copied(6);
    page.close();
    stopWorker();
    await reopen();
    expect(await page.rescue.find()).toEqual({ runs: [run], gone: 0 });
    await page.rescue.restore();
    await expectEverything(6);
    expect(await page.answers.get(last.call)).toEqual(last.completion);
  });

  it('without files is told by the canary', async () => {
    await copied(5);
    const files = await openPrivateFiles(name);
    await files?.clear();
    await loseDatabase();
    await reopen();
    expect(await page.rescue.find()).toEqual({ runs: [], gone: 1 });
    expect(await page.rescue.find()).toEqual({ runs: [], gone: 1 });
    await page.rescue.dismiss();
    expect(await page.rescue.find()).toBeUndefined();
  });

  it('can be done without', async () => {
    await copied(5);
    await loseDatabase();
    await reopen();
    await page.rescue.dismiss();
    expect(await page.rescue.find()).toBeUndefined();
    expect(await page.library.runs()).toEqual([]);
  });

  it('is told by the files alone where localStorage throws', async () => {
    await copied(5);
    await loseDatabase();
    vi.stubGlobal('localStorage', {
      getItem: () => {
        throw new DOMException('blocked', 'SecurityError');
      },
      setItem: () => {
        throw new DOMException('blocked', 'SecurityError');
      },
    });
    await reopen();
    expect(await page.rescue.find()).toEqual({ runs: [run], gone: 0 });
    await page.rescue.restore();
    await expectEverything(5);
    expect(await page.rescue.find()).toBeUndefined();
  });
});

describe('what a person deleted', () => {
  it('is no loss', async () => {
    await copied(5);
    await page.library.deleteRun(run);
    expect(await page.rescue.find()).toBeUndefined();
    expect((await logOf()).entries).toEqual([]);
    await page.deleteEverything();
    expect(await page.rescue.find()).toBeUndefined();
    expect(Object.keys(localStorage).filter((key) => key.includes(name))).toEqual([]); // where nothing is kept, nothing is told
  });

  it('does not come back through a driver that has not noticed yet', async () => {
    await copied(5);
    await page.library.deleteRun(run);
    expect(await engine.append(run, writeOf(entriesOf(run, 5, 1)))).toBe('run-missing');
    expect(await (await openPrivateFiles(name))?.runs()).toEqual([]);
  });

  it('takes the rows along with a data set', async () => {
    await copied(5);
    await page.library.deleteDataset(dataset.id);
    expect((await logOf()).head).toBeUndefined();
    await append(writeOf(entriesOf(run, 5, 1)));
    await copied(6);
    expect((await logOf()).head?.dataset).toBeUndefined();
    expect(await page.rescue.find()).toBeUndefined();
  });
});

describe('the second copy', () => {
  it('S14 catches up after the file was held by another tab, and the run never waits for it', async () => {
    await copied(5);
    await engine.hold(name, `${run}.ndjson`);
    for (let seq = 5; seq < 9; seq++) await append(writeOf(entriesOf(run, seq, 1), [], { settled: ['b'] }));
    await expect.poll(async () => (await engine.safety()).secondCopy, patience).toBe(false);
    expect((await engine.safety()).state).toBe('ok');
    await engine.release();
    let seq = 9;
    await expect
      .poll(async () => {
        await append(writeOf(entriesOf(run, seq++, 1)));
        return (await engine.safety()).secondCopy;
      }, patience)
      .toBe(true);
    await copied(seq);
    expect(await logOf()).toMatchObject({ entries: entriesOf(run, 0, seq), open: [], damaged: [], unconnected: 0 });
  });

  it('takes up a run that was begun elsewhere, with its answers', async () => {
    const other = runId(Date.UTC(2026, 0, 2), 2);
    const event = entriesOf(other, 1, 1)[0]?.event;
    const paid = event?.type === 'example-evaluated' && event.result.type === 'answered' ? event.result.call : call;
    const answers = [{ call: paid, completion: completionOf('from a file') }];
    await page.journal.append(other, writeOf(entriesOf(other, 0, 3), answers, { sent: [attemptOf('c')] }));
    await engine.append(other, writeOf(entriesOf(other, 3, 1)));
    await expect.poll(async () => (await logOf(other)).entries.length, patience).toBe(4);
    expect(await logOf(other)).toMatchObject({
      answers,
      open: [attemptOf('c')],
      head: { run: { id: other }, dataset },
    });
  });
});
