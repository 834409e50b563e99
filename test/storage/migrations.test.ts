import 'fake-indexeddb/auto';
import { readdirSync, readFileSync } from 'node:fs';
import { openDB } from 'idb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openStorage } from '#storage/index.ts';
import { migrations, schemaVersion } from '#storage/migrations/index.ts';
import { dumpDatabase, restoreDatabase, type Dump } from './dump.ts';
import { entriesOf, fillGolden, golden, headOfRun, writeOf } from './samples.ts';

const folder = (path: string): URL => new URL(path, import.meta.url);
const goldenFile = (version: number): string => `../fixtures/databases/v${version}.json`;

afterEach(() => vi.useRealTimers());

describe('migrations', () => {
  it('are numbered without gaps, one file each', () => {
    const files = readdirSync(folder('../../src/storage/migrations/')).filter((file) => file !== 'index.ts');
    expect(files.map((file) => Number(file.slice(0, 3)))).toEqual(migrations.map(({ version }) => version));
    expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1));
  });

  // The first run with a new schema writes its golden file. The file of a released schema is never written again.
  it('make the database of the newest golden file', async () => {
    const storage = await openStorage('newest');
    await fillGolden(storage);
    storage.close();
    await expect(`${JSON.stringify(await dumpDatabase('newest'), null, 1)}\n`).toMatchFileSnapshot(
      goldenFile(schemaVersion),
    );
  });

  it.each(migrations.map(({ version }) => version))(
    'U01 P13 open a database of version %i with all that is in it',
    async (v) => {
      const dump = JSON.parse(readFileSync(folder(goldenFile(v)), 'utf8')) as Dump;
      expect(dump.version).toBe(v);
      await restoreDatabase(`golden ${v}`, dump);
      const storage = await openStorage(`golden ${v}`);
      const { run, call, completion, attempt, dataset, setting } = golden;
      expect(await storage.journal.read(run)).toEqual(entriesOf(run, 0, 5));
      expect(await storage.journal.open(run)).toEqual(v < 2 ? [] : [attempt]);
      expect(await storage.answers.get(call)).toEqual(completion);
      expect(await storage.library.dataset(dataset.id)).toEqual(dataset);
      expect(await storage.library.runs()).toEqual([headOfRun(run, 1_700_000_000_000)]);
      expect(await storage.settings.get('look')).toEqual(setting);
      await storage.journal.append(run, writeOf(entriesOf(run, 5, 1)));
      storage.close();
      expect((await dumpDatabase(`golden ${v}`)).version).toBe(schemaVersion);
    },
  );

  it('U03 that an old tab holds up say so, and go on when it is closed', async () => {
    const name = 'held up';
    await restoreDatabase(name, JSON.parse(readFileSync(folder(goldenFile(1)), 'utf8')) as Dump);
    // a page of the old version that does not give way
    const old = await openDB(name, 1);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const refused = expect(openStorage(name)).rejects.toMatchObject({
      code: 'storage-unavailable',
      details: { remedy: expect.stringContaining('Close the other tabs') as string },
    });
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(1));
    vi.advanceTimersByTime(3000);
    await refused;
    expect([...old.objectStoreNames].length).toBeGreaterThan(0);
    const waiting = openStorage(name);
    old.close();
    const storage = await waiting;
    vi.useRealTimers();
    expect(await storage.journal.read(golden.run)).toEqual(entriesOf(golden.run, 0, 5));
    storage.close();
    expect((await dumpDatabase(name)).version).toBe(schemaVersion);
  });

  it.each([1])('U02 P13 that break off in the middle leave a database of version %i as it was', async (v) => {
    const name = `broken off ${v}`;
    const dump = JSON.parse(readFileSync(folder(goldenFile(v)), 'utf8')) as Dump;
    await restoreDatabase(name, dump);
    const create = vi.spyOn(IDBDatabase.prototype, 'createObjectStore').mockImplementationOnce(function (
      this: IDBDatabase,
      ...given
    ) {
      create.mockRestore();
      this.createObjectStore(...given);
      throw new Error('killed');
    });
    await expect(openStorage(name)).rejects.toMatchObject({ code: 'storage-unavailable' });
    expect(await dumpDatabase(name)).toEqual(dump);
    const storage = await openStorage(name);
    expect(await storage.journal.read(golden.run)).toEqual(entriesOf(golden.run, 0, 5));
    storage.close();
    expect((await dumpDatabase(name)).version).toBe(schemaVersion);
  });
});
