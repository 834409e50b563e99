import { describe, expect, it } from 'vitest';
import type { Completion } from '#core/completion.ts';
import { callKey, runId, type CallKey } from '#core/id.ts';
import type { Attempt } from '#core/journal.ts';
import type { JournalEntry } from '#core/run.ts';
import type { Storage } from '#storage/index.ts';
import { attemptOf, completionOf, entriesOf, writeOf } from '../samples.ts';
import type { Bench } from './bench.ts';

const run = runId(Date.UTC(2026, 0, 2), 1);
const other = runId(Date.UTC(2026, 0, 2), 10); // one id is the beginning of the other
const call = (text: string): CallKey => callKey('test', { text });
const seqs = async (storage: Storage, from?: number): Promise<readonly number[]> =>
  (await storage.journal.read(run, from)).map(({ seq }) => seq);

export function promisesOfTheJournal({ fresh, connect, start, deletes = true }: Bench): void {
  describe('journal', () => {
    it('gives back what was appended, in order, each run its own', async () => {
      const { journal } = await start();
      await journal.append(run, writeOf(entriesOf(run, 0, 3)));
      await journal.append(other, writeOf(entriesOf(other, 0, 2)));
      await journal.append(run, writeOf(entriesOf(run, 3, 9)));
      expect(await journal.read(run)).toEqual(entriesOf(run, 0, 12));
      expect(await journal.read(other)).toEqual(entriesOf(other, 0, 2));
      expect(await journal.read(runId(0, 0))).toEqual([]);
    });

    it('reads from any entry on, also from the middle of an append', async () => {
      const storage = await start();
      await storage.journal.append(run, writeOf(entriesOf(run, 0, 5)));
      await storage.journal.append(run, writeOf(entriesOf(run, 5, 5)));
      expect(await seqs(storage, 0)).toHaveLength(10);
      expect(await seqs(storage, 3)).toEqual([3, 4, 5, 6, 7, 8, 9]);
      expect(await seqs(storage, 5)).toEqual([5, 6, 7, 8, 9]);
      expect(await seqs(storage, 9)).toEqual([9]);
      expect(await seqs(storage, 10)).toEqual([]);
    });

    it('keeps appends that were not waited for, in the order of the calls', async () => {
      const storage = await start();
      await Promise.all(
        Array.from({ length: 50 }, (_, n) => storage.journal.append(run, writeOf(entriesOf(run, n, 1)))),
      );
      expect(await seqs(storage)).toEqual(Array.from({ length: 50 }, (_, n) => n));
    });

    it('refuses a sequence number that is taken, and leaves nothing of that append', async () => {
      const storage = await start();
      await storage.journal.append(run, writeOf(entriesOf(run, 0, 5)));
      const answers = [{ call: call('lost'), completion: completionOf('lost') }];
      for (const first of [0, 3, 4])
        await expect(storage.journal.append(run, writeOf(entriesOf(run, first, 4), answers))).rejects.toMatchObject({
          code: 'run-busy',
          details: { run },
        });
      expect(await seqs(storage)).toEqual([0, 1, 2, 3, 4]);
      expect(await storage.answers.get(call('lost'))).toBeUndefined();
    });

    it('refuses a gap: a lost fact would be passed over', async () => {
      const storage = await start();
      await storage.journal.append(run, writeOf(entriesOf(run, 0, 2)));
      await expect(storage.journal.append(run, writeOf(entriesOf(run, 3, 1)))).rejects.toMatchObject({
        code: 'run-busy',
      });
      const [third, fourth, fifth] = entriesOf(run, 2, 3) as [JournalEntry, JournalEntry, JournalEntry];
      await expect(storage.journal.append(run, writeOf([third, fifth, fourth]))).rejects.toThrow('Bug');
      await expect(storage.journal.append(run, writeOf([third], [], { next: 1 }))).rejects.toThrow('Bug');
      expect(await seqs(storage)).toEqual([0, 1]);
    });

    if (deletes)
      it('does not go on with a run that was deleted', async () => {
        const storage = await start();
        await storage.journal.append(run, writeOf(entriesOf(run, 0, 2)));
        await storage.library.deleteRun(run);
        await expect(storage.journal.append(run, writeOf(entriesOf(run, 2, 1)))).rejects.toMatchObject({
          code: 'run-missing',
        });
        expect(await seqs(storage)).toEqual([]);
      });

    it('lets one of two drivers through', async () => {
      const database = fresh();
      const tabs = [await connect(database), await connect(database)];
      await tabs[0]?.journal.append(run, writeOf(entriesOf(run, 0, 1)));
      const ends = await Promise.allSettled(
        tabs.map(({ journal }) => journal.append(run, writeOf(entriesOf(run, 1, 2)))),
      );
      expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    });

    it('holds no reference to what it was given or gave', async () => {
      const { journal } = await start();
      const entries = entriesOf(run, 0, 2) as JournalEntry[];
      await journal.append(run, writeOf(entries));
      entries.pop();
      ((await journal.read(run)) as JournalEntry[]).pop();
      expect(await journal.read(run)).toHaveLength(2);
    });
  });

  describe('requests under way', () => {
    const ids = async (storage: Storage, of = run): Promise<readonly string[]> =>
      (await storage.journal.open(of)).map(({ id }) => id);

    it('lists what was sent and not settled, each run its own', async () => {
      const storage = await start();
      const sent = [attemptOf('b'), attemptOf('a'), attemptOf('\ud800')];
      await storage.journal.append(run, writeOf(entriesOf(run, 0, 1), [], { sent }));
      await storage.journal.append(other, writeOf(entriesOf(other, 0, 1), [], { sent: [attemptOf('c')] }));
      expect(await storage.journal.open(run)).toEqual([attemptOf('a'), attemptOf('b'), attemptOf('\ud800')]);
      expect(await ids(storage, other)).toEqual(['c']);
      await storage.journal.append(run, writeOf(entriesOf(run, 1, 1), [], { settled: ['a', 'unknown'] }));
      expect(await ids(storage)).toEqual(['b', '\ud800']);
      await storage.journal.append(run, writeOf([], [], { next: 2, sent: [attemptOf('d')], settled: ['d', 'b'] }));
      expect(await ids(storage)).toEqual(['\ud800']);
      expect(await ids(storage, runId(0, 0))).toEqual([]);
    });

    it('are written with the entries and answers of the same write, or nothing is', async () => {
      const storage = await start();
      await storage.journal.append(run, writeOf(entriesOf(run, 0, 1), [], { sent: [attemptOf('a')] }));
      const bad = { ...attemptOf('bad'), role: () => 'a function' } as unknown as Attempt;
      const answers = [{ call: call('lost'), completion: completionOf('lost') }];
      const rest = { sent: [attemptOf('b'), bad], settled: ['a'] };
      await expect(storage.journal.append(run, writeOf(entriesOf(run, 1, 2), answers, rest))).rejects.toThrow();
      // an id is given once: the second request of this name would hide the first one
      const again = { sent: [attemptOf('b'), attemptOf('a')], settled: [] };
      await expect(storage.journal.append(run, writeOf(entriesOf(run, 1, 2), answers, again))).rejects.toThrow();
      expect(await seqs(storage)).toEqual([0]);
      expect(await ids(storage)).toEqual(['a']);
      expect(await storage.answers.get(call('lost'))).toBeUndefined();
    });

    it('cannot be added by a driver that was replaced, even without an entry', async () => {
      const database = fresh();
      const [before, after] = [await connect(database), await connect(database)];
      await before.journal.append(run, writeOf(entriesOf(run, 0, 2), [], { sent: [attemptOf('a')] }));
      await after.journal.append(run, writeOf(entriesOf(run, 2, 1)));
      for (const write of [
        writeOf([], [], { next: 2, sent: [attemptOf('b')] }),
        writeOf([], [], { next: 2, settled: ['a'] }),
        writeOf([], [{ call: call('late'), completion: completionOf('late') }], { next: 2 }),
      ])
        await expect(before.journal.append(run, write)).rejects.toMatchObject({ code: 'run-busy', details: { run } });
      expect(await ids(after)).toEqual(['a']);
      expect(await after.answers.get(call('late'))).toBeUndefined();
      await before.answers.put([{ call: call('late'), completion: completionOf('late') }]); // a fact, whoever brings it
      expect((await after.answers.get(call('late')))?.text).toBe('late');
    });

    if (deletes)
      it('go with their run', async () => {
        const storage = await start();
        await storage.journal.append(run, writeOf(entriesOf(run, 0, 1), [], { sent: [attemptOf('a')] }));
        await storage.journal.append(other, writeOf(entriesOf(other, 0, 1), [], { sent: [attemptOf('a')] }));
        await storage.library.deleteRun(run);
        expect(await ids(storage)).toEqual([]);
        expect(await ids(storage, other)).toEqual(['a']);
        for (const write of [writeOf([], [], { next: 1 }), writeOf([], [], { sent: [attemptOf('b')] })])
          await expect(storage.journal.append(run, write)).rejects.toMatchObject({ code: 'run-missing' });
      });
  });

  describe('answers', () => {
    it('keeps an answer with the entry that tells of it', async () => {
      const storage = await start();
      await storage.journal.append(
        run,
        writeOf(entriesOf(run, 0, 1), [{ call: call('a'), completion: completionOf('A') }]),
      );
      expect(await storage.answers.get(call('a'))).toEqual(completionOf('A'));
      expect(await storage.answers.get(call('b'))).toBeUndefined();
    });

    it('keeps the first answer of a call, across appends, runs and inside one append', async () => {
      const storage = await start();
      const answer = (name: string, text: string) => ({ call: call(name), completion: completionOf(text) });
      await storage.journal.append(run, writeOf(entriesOf(run, 0, 1), [answer('x', 'first'), answer('x', 'second')]));
      await storage.journal.append(
        other,
        writeOf(entriesOf(other, 0, 1), [answer('x', 'third'), answer('y', 'other')]),
      );
      expect((await storage.answers.get(call('x')))?.text).toBe('first');
      expect((await storage.answers.get(call('y')))?.text).toBe('other');
    });

    it('takes answers without an entry', async () => {
      const storage = await start();
      await storage.journal.append(run, writeOf([], [{ call: call('a'), completion: completionOf('A') }]));
      expect((await storage.answers.get(call('a')))?.text).toBe('A');
      expect(await storage.journal.read(run)).toEqual([]);
    });

    it('keeps answers that belong to no entry, and the first one that was paid for', async () => {
      const { answers } = await start();
      const answer = (text: string) => ({ call: call('x'), completion: completionOf(text) });
      await answers.put([answer('first'), answer('second')]);
      await answers.put([answer('third'), { call: call('y'), completion: completionOf('other') }]);
      expect((await answers.get(call('x')))?.text).toBe('first');
      expect((await answers.get(call('y')))?.text).toBe('other');
    });

    it('keeps neither entry nor answer when one of them cannot be kept', async () => {
      const storage = await start();
      const bad = { ...completionOf('bad'), servedModel: () => 'a function' } as unknown as Completion;
      await expect(
        storage.journal.append(
          run,
          writeOf(entriesOf(run, 0, 2), [
            { call: call('good'), completion: completionOf('good') },
            { call: call('bad'), completion: bad },
          ]),
        ),
      ).rejects.toThrow();
      expect(await storage.journal.read(run)).toEqual([]);
      expect(await storage.answers.get(call('good'))).toBeUndefined();
      await storage.journal.append(run, writeOf(entriesOf(run, 0, 1))); // and goes on working
    });
  });
}
