import { describe, expect, it } from 'vitest';
import type { Completion } from '#core/completion.ts';
import { callKey, runId, type CallKey } from '#core/id.ts';
import type { JournalEntry } from '#core/run.ts';
import type { Storage } from '#storage/index.ts';
import { completionOf, entriesOf } from '../samples.ts';
import type { Bench } from './bench.ts';

const run = runId(Date.UTC(2026, 0, 2), 1);
const other = runId(Date.UTC(2026, 0, 2), 10); // one id is the beginning of the other
const call = (text: string): CallKey => callKey('test', { text });
const seqs = async (storage: Storage, from?: number): Promise<readonly number[]> =>
  (await storage.journal.read(run, from)).map(({ seq }) => seq);

export function promisesOfTheJournal({ fresh, connect, start }: Bench): void {
  describe('journal', () => {
    it('gives back what was appended, in order, each run its own', async () => {
      const { journal } = await start();
      await journal.append(run, entriesOf(run, 0, 3), []);
      await journal.append(other, entriesOf(other, 0, 2), []);
      await journal.append(run, entriesOf(run, 3, 9), []);
      expect(await journal.read(run)).toEqual(entriesOf(run, 0, 12));
      expect(await journal.read(other)).toEqual(entriesOf(other, 0, 2));
      expect(await journal.read(runId(0, 0))).toEqual([]);
    });

    it('reads from any entry on, also from the middle of an append', async () => {
      const storage = await start();
      await storage.journal.append(run, entriesOf(run, 0, 5), []);
      await storage.journal.append(run, entriesOf(run, 5, 5), []);
      expect(await seqs(storage, 0)).toHaveLength(10);
      expect(await seqs(storage, 3)).toEqual([3, 4, 5, 6, 7, 8, 9]);
      expect(await seqs(storage, 5)).toEqual([5, 6, 7, 8, 9]);
      expect(await seqs(storage, 9)).toEqual([9]);
      expect(await seqs(storage, 10)).toEqual([]);
    });

    it('keeps appends that were not waited for, in the order of the calls', async () => {
      const storage = await start();
      await Promise.all(Array.from({ length: 50 }, (_, n) => storage.journal.append(run, entriesOf(run, n, 1), [])));
      expect(await seqs(storage)).toEqual(Array.from({ length: 50 }, (_, n) => n));
    });

    it('refuses a sequence number that is taken, and leaves nothing of that append', async () => {
      const storage = await start();
      await storage.journal.append(run, entriesOf(run, 0, 5), []);
      const answers = [{ call: call('lost'), completion: completionOf('lost') }];
      for (const first of [0, 3, 4])
        await expect(storage.journal.append(run, entriesOf(run, first, 4), answers)).rejects.toMatchObject({
          code: 'run-busy',
          details: { run },
        });
      expect(await seqs(storage)).toEqual([0, 1, 2, 3, 4]);
      expect(await storage.answers.get(call('lost'))).toBeUndefined();
    });

    it('refuses a gap: a lost fact would be passed over', async () => {
      const storage = await start();
      await storage.journal.append(run, entriesOf(run, 0, 2), []);
      await expect(storage.journal.append(run, entriesOf(run, 3, 1), [])).rejects.toThrow('Bug');
      const [third, fourth, fifth] = entriesOf(run, 2, 3) as [JournalEntry, JournalEntry, JournalEntry];
      await expect(storage.journal.append(run, [third, fifth, fourth], [])).rejects.toThrow('Bug');
      expect(await seqs(storage)).toEqual([0, 1]);
    });

    it('does not go on with a run that was deleted', async () => {
      const storage = await start();
      await storage.journal.append(run, entriesOf(run, 0, 2), []);
      await storage.library.deleteRun(run);
      await expect(storage.journal.append(run, entriesOf(run, 2, 1), [])).rejects.toMatchObject({
        code: 'run-missing',
      });
      expect(await seqs(storage)).toEqual([]);
    });

    it('lets one of two drivers through', async () => {
      const database = fresh();
      const tabs = [await connect(database), await connect(database)];
      await tabs[0]?.journal.append(run, entriesOf(run, 0, 1), []);
      const ends = await Promise.allSettled(tabs.map(({ journal }) => journal.append(run, entriesOf(run, 1, 2), [])));
      expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    });

    it('holds no reference to what it was given or gave', async () => {
      const { journal } = await start();
      const entries = entriesOf(run, 0, 2) as JournalEntry[];
      await journal.append(run, entries, []);
      entries.pop();
      ((await journal.read(run)) as JournalEntry[]).pop();
      expect(await journal.read(run)).toHaveLength(2);
    });
  });

  describe('answers', () => {
    it('keeps an answer with the entry that tells of it', async () => {
      const storage = await start();
      await storage.journal.append(run, entriesOf(run, 0, 1), [{ call: call('a'), completion: completionOf('A') }]);
      expect(await storage.answers.get(call('a'))).toEqual(completionOf('A'));
      expect(await storage.answers.get(call('b'))).toBeUndefined();
    });

    it('keeps the first answer of a call, across appends, runs and inside one append', async () => {
      const storage = await start();
      const answer = (name: string, text: string) => ({ call: call(name), completion: completionOf(text) });
      await storage.journal.append(run, entriesOf(run, 0, 1), [answer('x', 'first'), answer('x', 'second')]);
      await storage.journal.append(other, entriesOf(other, 0, 1), [answer('x', 'third'), answer('y', 'other')]);
      expect((await storage.answers.get(call('x')))?.text).toBe('first');
      expect((await storage.answers.get(call('y')))?.text).toBe('other');
    });

    it('takes answers without an entry', async () => {
      const storage = await start();
      await storage.journal.append(run, [], [{ call: call('a'), completion: completionOf('A') }]);
      expect((await storage.answers.get(call('a')))?.text).toBe('A');
      expect(await storage.journal.read(run)).toEqual([]);
    });

    it('keeps neither entry nor answer when one of them cannot be kept', async () => {
      const storage = await start();
      const bad = { ...completionOf('bad'), servedModel: () => 'a function' } as unknown as Completion;
      await expect(
        storage.journal.append(run, entriesOf(run, 0, 2), [
          { call: call('good'), completion: completionOf('good') },
          { call: call('bad'), completion: bad },
        ]),
      ).rejects.toThrow();
      expect(await storage.journal.read(run)).toEqual([]);
      expect(await storage.answers.get(call('good'))).toBeUndefined();
      await storage.journal.append(run, entriesOf(run, 0, 1), []); // and goes on working
    });
  });
}
