import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AnswerCache, RunJournal } from '#engine/seams.ts';
import { openDatabase } from '#storage/database.ts';
import { memoryStorage, openNewerStorage, openStorage } from '#storage/index.ts';
import { schemaVersion } from '#storage/migrations/index.ts';
import { dumpDatabase } from './dump.ts';
import { entriesOf, fillGolden, golden } from './samples.ts';

let count = 0;
const fresh = (): string => `database ${count++}`;

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('storage', () => {
  it('fits the seams of the engine', async () => {
    for (const storage of [memoryStorage(), await openStorage(fresh())]) {
      const journal: RunJournal = storage.journal;
      const answers: AnswerCache = storage.answers;
      expect([journal, answers]).toHaveLength(2);
      storage.close();
    }
  });
});

describe('opening', () => {
  it('U04 refuses data of a newer version and leaves it as it is', async () => {
    const name = fresh();
    const storage = await openStorage(name);
    await fillGolden(storage);
    storage.close();
    (await openDB(name, schemaVersion + 4)).close();
    const before = await dumpDatabase(name);
    await expect(openStorage(name)).rejects.toMatchObject({
      code: 'storage-newer',
      details: { found: schemaVersion + 4, known: schemaVersion },
    });
    expect(await dumpDatabase(name)).toEqual(before);
  });

  it('U04 lets one read the runs of a newer version, and changes nothing', async () => {
    const name = fresh();
    const storage = await openStorage(name);
    await fillGolden(storage);
    storage.close();
    (
      await openDB(name, schemaVersion + 4, { upgrade: (database) => void database.createObjectStore('later') })
    ).close();
    const before = await dumpDatabase(name);
    const newer = await openNewerStorage(name);
    expect((await newer.library.runs()).map(({ id }) => id)).toEqual([golden.run]);
    expect(await newer.journal.read(golden.run)).toEqual(entriesOf(golden.run, 0, 5));
    expect(await newer.library.dataset(golden.dataset.id)).toEqual(golden.dataset);
    newer.close();
    expect(await dumpDatabase(name)).toEqual(before);
    const nothing = fresh();
    await expect(openNewerStorage(nothing)).rejects.toMatchObject({ code: 'storage-unavailable' });
    expect((await indexedDB.databases()).map((database) => database.name)).not.toContain(nothing);
  });

  it('gives way to a newer version in another tab, and then says so', async () => {
    const name = fresh();
    const storage = await openStorage(name);
    (await openDB(name, schemaVersion + 1)).close();
    await expect(storage.settings.get('theme')).rejects.toMatchObject({ code: 'storage-newer' });
  });

  it('says so when there is no IndexedDB', async () => {
    vi.stubGlobal('indexedDB', undefined);
    await expect(openStorage(fresh())).rejects.toMatchObject({ code: 'storage-unavailable' });
  });

  it.each(['SecurityError', 'InvalidStateError', 'UnknownError', 'AbortError'])(
    'says so when the browser refuses it with %s',
    async (problem) => {
      vi.spyOn(indexedDB, 'open').mockImplementation(() => {
        throw new DOMException('not here', problem);
      });
      await expect(openStorage(fresh())).rejects.toMatchObject({
        code: 'storage-unavailable',
        details: { reason: `${problem}: not here` },
      });
    },
  );

  it('opens once more what the browser closed while it was being opened, as when it clears the data of the site', async () => {
    const opening = vi.spyOn(indexedDB, 'open').mockImplementationOnce(() => {
      throw new DOMException('The connection was closed.', 'AbortError');
    });
    const storage = await openStorage(fresh());
    expect(opening).toHaveBeenCalledTimes(2);
    expect(await storage.library.runs()).toEqual([]);
    storage.close();
  });

  it('does not wait for ever for a tab that holds an old version open', async () => {
    const name = fresh();
    const stubborn = await openDB(name, schemaVersion);
    const deleting = (await openStorage(name)).deleteEverything();
    await expect(deleting).rejects.toMatchObject({ code: 'storage-unavailable' });
    stubborn.close();
    const storage = await openStorage(name); // deleted in the meantime
    expect(await storage.library.runs()).toEqual([]);
  });
});

describe('a transaction', () => {
  const failingWith = async (problem: string): Promise<unknown> => {
    const database = await openDatabase(fresh());
    const error = await database
      .write(['settings'], () => Promise.reject(new DOMException('at commit', problem)))
      .catch((failure: unknown) => failure);
    const next = await database.read(['settings'], ({ store }) => store.count()).catch((failure: unknown) => failure);
    database.close();
    return { error, next };
  };

  it('that finds no room can be tried again', async () => {
    expect(await failingWith('QuotaExceededError')).toMatchObject({ error: { code: 'storage-full' }, next: 0 });
  });

  it('that the browser aborts is an error and never the abort of a person', async () => {
    expect(await failingWith('AbortError')).toMatchObject({ error: { code: 'storage-unavailable' }, next: 0 });
  });

  it('that fails on the disk ends the trust in the database', async () => {
    const refused = { code: 'storage-unavailable', details: { reason: 'UnknownError: at commit' } };
    expect(await failingWith('UnknownError')).toMatchObject({ error: refused, next: refused });
  });

  it('that ends the trust is told to who watches, once; closing is not', async () => {
    const ended = vi.fn();
    const database = await openDatabase(fresh(), ended);
    const broken = () => database.write(['settings'], () => Promise.reject(new DOMException('', 'UnknownError')));
    await expect(broken()).rejects.toMatchObject({ code: 'storage-unavailable' });
    await expect(broken()).rejects.toMatchObject({ code: 'storage-unavailable' });
    expect(ended).toHaveBeenCalledTimes(1);
    const closed = vi.fn();
    (await openDatabase(fresh(), closed)).close();
    expect(closed).not.toHaveBeenCalled();
  });

  it('S05 that the browser never reports ends the trust in the database', async () => {
    const database = await openDatabase(fresh());
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const writing = database.write(['settings'], () => new Promise(() => undefined));
    const end = expect(writing).rejects.toMatchObject({ code: 'storage-unavailable' });
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1));
    vi.advanceTimersByTime(10_000);
    await end;
    await expect(database.read(['settings'], ({ store }) => store.count())).rejects.toMatchObject({
      code: 'storage-unavailable',
    });
  });

  it('is undone by what its work throws', async () => {
    const database = await openDatabase(fresh());
    const writing = database.write(['settings'], async ({ store }) => {
      await store.put(1, 'one');
      throw new RangeError('thrown by the work');
    });
    await expect(writing).rejects.toThrow('thrown by the work');
    expect(await database.read(['settings'], ({ store }) => store.count())).toBe(0);
    database.close();
  });

  it('asks for the disk, not only for the memory of the browser', async () => {
    const storage = await openStorage(fresh());
    const asked = vi.spyOn(IDBDatabase.prototype, 'transaction');
    await fillGolden(storage);
    expect(asked).toHaveBeenCalled();
    for (const call of asked.mock.calls) expect(call.slice(1)).toEqual(['readwrite', { durability: 'strict' }]);
    storage.close();
  });
});
