import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cdp } from 'vitest/browser';
import { runId } from '#core/id.ts';
import { openStorage } from '#storage/index.ts';
import { appName } from '#storage/origin.ts';
import { runStoreConformance } from '../conformance/store.ts';
import { datasetOf, entriesOf, writeOf } from '../storage/samples.ts';

type Send = (method: string, values?: Readonly<Record<string, unknown>>) => Promise<unknown>;
const { origin } = location;
const send: Send = (method, values) => (cdp() as unknown as { send: Send }).send(method, values);

describe('storage in a real browser', () => {
  const run = runId(0, 1);

  it('says "full" when the disk quota is reached, keeps what it has, and goes on when there is room', async () => {
    // random text, because the browser packs what repeats itself
    const noise = Array.from({ length: 20 }, () =>
      Array.from(crypto.getRandomValues(new Uint32Array(16_384)), String).join(''),
    ).join('');
    const rows = datasetOf('noise', 1, 1);
    const big = { ...rows, examples: rows.examples.map((row) => ({ ...row, inputs: { text: noise } })) };
    await send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1_000_000 });
    const storage = await openStorage('small');
    const attempt = async (): Promise<unknown> => {
      try {
        await storage.library.putDataset(big);
        await storage.library.deleteDataset(big.id);
        return 'kept';
      } catch (error) {
        return (error as { code?: unknown }).code;
      }
    };
    const patience = { timeout: 60_000, interval: 1000 };
    try {
      await storage.journal.append(run, writeOf(entriesOf(run, 0, 2)));
      // Chromium remembers for half a minute how much room an origin had: until then the rows still fit
      await expect.poll(attempt, patience).toBe('storage-full');
    } finally {
      await send('Storage.overrideQuotaForOrigin', { origin });
    }
    expect(storage.safety.current.state).toBe('full');
    expect(await storage.library.datasets()).toEqual([]);
    expect(await storage.journal.read(run)).toHaveLength(2);
    await expect.poll(attempt, patience).toBe('kept');
    await storage.library.putDataset(big);
    expect(await storage.library.dataset(big.id)).toEqual(big);
    await storage.deleteEverything();
    storage.close();
  }, 180_000);

  it('says so when the data of the site is cleared, and does not begin anew in the middle of a run', async () => {
    const storage = await openStorage('cleared');
    await storage.journal.append(run, writeOf(entriesOf(run, 0, 2)));
    await send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' });
    await expect
      .poll(() => storage.journal.read(run).catch((error: unknown) => error))
      .toMatchObject({
        code: 'storage-unavailable',
      });
    await expect(storage.journal.append(run, writeOf(entriesOf(run, 2, 1)))).rejects.toMatchObject({
      code: 'storage-unavailable',
    });
    expect(storage.safety.current.state).toBe('broken');
    const anew = await openStorage('cleared');
    expect(await anew.journal.read(run)).toEqual([]);
    await anew.deleteEverything();
    anew.close();
  });

  describe('deleting everything', () => {
    const theirs = 'of another app on the same origin';
    beforeAll(async () => {
      for (const name of [`${appName}/theme`, theirs]) {
        localStorage.setItem(name, '1');
        await caches.open(name);
      }
    });
    afterAll(async () => {
      localStorage.removeItem(theirs);
      await caches.delete(theirs);
    });

    it('leaves no database and nothing under our name, and touches nothing else', async () => {
      const [first, second] = [await openStorage(), await openStorage()];
      await second.settings.set('theme', 'dark');
      await first.deleteEverything();
      expect((await indexedDB.databases()).map(({ name }) => name)).not.toContain(appName);
      expect(Object.keys(localStorage).filter((name) => name.startsWith(appName))).toEqual([]);
      expect((await caches.keys()).filter((name) => name.startsWith(appName))).toEqual([]);
      expect(localStorage.getItem(theirs)).toBe('1');
      expect(await caches.has(theirs)).toBe(true);
      for (const storage of [first, second]) storage.close();
      expect((await indexedDB.databases()).map(({ name }) => name)).not.toContain(appName);
    });
  });

  it('says how much the origin takes', async () => {
    const storage = await openStorage();
    expect((await storage.usage()).bytes).toBeGreaterThanOrEqual(0);
    await storage.deleteEverything();
    storage.close();
  });
});

runStoreConformance('IndexedDB', openStorage);
