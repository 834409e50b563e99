import { describe, expect, it } from 'vitest';
import { callKey, runId, type CallKey } from '#core/id.ts';
import type { Storage } from '#storage/index.ts';
import { completionOf, datasetOf, entriesOf, headOfRun, writeOf } from '../samples.ts';
import type { Bench } from './bench.ts';

const run = runId(Date.UTC(2026, 0, 2), 1);
const call = (text: string): CallKey => callKey('test', { text });
const seqs = async (storage: Storage, from?: number): Promise<readonly number[]> =>
  (await storage.journal.read(run, from)).map(({ seq }) => seq);

export function promisesOfConnections({ fresh, connect, start }: Bench): void {
  describe('connections', () => {
    it('shows every connection what another one wrote', async () => {
      const database = fresh();
      const [first, second] = [await connect(database), await connect(database)];
      await first.journal.append(run, writeOf(entriesOf(run, 0, 2)));
      await second.journal.append(run, writeOf(entriesOf(run, 2, 2)));
      await first.settings.set('theme', 'dark');
      expect(await seqs(first)).toEqual([0, 1, 2, 3]);
      expect(await second.settings.get('theme')).toBe('dark');
    });

    it('finds everything again after it was closed', async () => {
      const database = fresh();
      const before = await connect(database);
      const last = before.journal.append(run, writeOf(entriesOf(run, 0, 2))); // not waited for
      before.close();
      await last;
      await expect(before.journal.read(run)).rejects.toMatchObject({ code: 'storage-unavailable' });
      await expect(before.settings.set('a', 1)).rejects.toMatchObject({ code: 'storage-unavailable' });
      expect(await seqs(await connect(database))).toEqual([0, 1]);
    });

    it('deletes everything while others are connected, and all of them go on', async () => {
      const database = fresh();
      const [first, second] = [await connect(database), await connect(database)];
      await first.library.putDataset(datasetOf('one', 2, 1));
      await second.library.putRun(headOfRun(run, 1));
      await second.journal.append(
        run,
        writeOf(entriesOf(run, 0, 2), [{ call: call('a'), completion: completionOf('A') }]),
      );
      await first.settings.set('theme', 'dark');
      await first.deleteEverything();
      for (const storage of [first, second]) {
        expect(await storage.library.datasets()).toEqual([]);
        expect(await storage.library.runs()).toEqual([]);
        expect(await storage.journal.read(run)).toEqual([]);
        expect(await storage.answers.get(call('a'))).toBeUndefined();
        expect(await storage.settings.get('theme')).toBeUndefined();
      }
      await expect(second.journal.append(run, writeOf(entriesOf(run, 2, 1)))).rejects.toMatchObject({
        code: 'run-missing',
      });
      await second.settings.set('theme', 'light');
      expect(await first.settings.get('theme')).toBe('light');
    });

    it('does what was called before and after a deletion in that order', async () => {
      const storage = await start();
      const ends = await Promise.all([
        storage.settings.set('before', 1),
        storage.deleteEverything(),
        storage.settings.set('after', 2),
        storage.settings.get('before'),
        storage.settings.get('after'),
      ]);
      expect(ends.slice(3)).toEqual([undefined, 2]);
    });

    it('says how much it takes, or that it does not know', async () => {
      const { bytes } = await (await start()).usage();
      expect(bytes === undefined || bytes >= 0).toBe(true);
    });
  });
}
