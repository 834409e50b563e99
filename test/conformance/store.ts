import { afterEach, describe, expect, it } from 'vitest';
import type { Completion } from '#core/completion.ts';
import type { Dataset } from '#core/example.ts';
import { callKey, datasetId, exampleId, runId, type CallKey } from '#core/id.ts';
import type { JournalEntry, RunHead } from '#core/run.ts';
import type { Storage } from '#storage/index.ts';
import { completionOf, datasetOf, entriesOf, headOfRun } from '../storage/samples.ts';

/**
 * What every storage promises. `open` opens the storage of this name: the same name again is another connection to the same data.
 * Names are never used twice.
 */
export function runStoreConformance(name: string, open: (name: string) => Promise<Storage>): void {
  describe(`storage: ${name}`, () => {
    const run = runId(Date.UTC(2026, 0, 2), 1);
    const other = runId(Date.UTC(2026, 0, 2), 10); // one id is the beginning of the other
    const call = (text: string): CallKey => callKey('test', { text });
    const opened: Storage[] = [];
    let count = 0;
    const connect = async (database: string): Promise<Storage> => {
      const storage = await open(database);
      opened.push(storage);
      return storage;
    };
    const fresh = (): string => `test ${name} ${Math.random().toString(36).slice(2)} ${count++}`;
    const start = (): Promise<Storage> => connect(fresh());
    const seqs = async (storage: Storage, from?: number): Promise<readonly number[]> =>
      (await storage.journal.read(run, from)).map(({ seq }) => seq);

    afterEach(async () => {
      await opened[0]?.deleteEverything().catch(() => undefined);
      for (const storage of opened.splice(0)) storage.close();
    });

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

    describe('library', () => {
      it('lists data sets without their rows, the newest first, and gives back the whole one', async () => {
        const { library } = await start();
        const old = datasetOf('old', 3, 1);
        const recent = datasetOf('recent', 2, 2);
        await library.putDataset(old);
        await library.putDataset(recent);
        const heads = await library.datasets();
        expect(heads.map(({ name: title, examples }) => [title, examples])).toEqual([
          ['recent', 2],
          ['old', 3],
        ]);
        expect(Object.keys(heads[0] ?? {}).sort()).toEqual([
          'examples',
          'fields',
          'id',
          'importedAt',
          'name',
          'source',
        ]);
        expect(await library.dataset(old.id)).toEqual(old);
        expect(await library.dataset(datasetId({ name: 'unknown' }))).toBeUndefined();
        await library.deleteDataset(old.id);
        expect(await library.dataset(old.id)).toBeUndefined();
        expect((await library.datasets()).map(({ id }) => id)).toEqual([recent.id]);
      });

      it('takes the same data set again under another name', async () => {
        const { library } = await start();
        const dataset = datasetOf('one', 2, 1);
        await library.putDataset(dataset);
        await library.putDataset({ ...dataset, name: 'two' });
        expect((await library.datasets()).map(({ name: title }) => title)).toEqual(['two']);
      });

      it('keeps 20,000 rows', { timeout: 30_000 }, async () => {
        const { library } = await start();
        const big = datasetOf('big', 20_000, 1);
        await library.putDataset(big);
        expect((await library.datasets())[0]?.examples).toBe(20_000);
        const read = await library.dataset(big.id);
        expect(read?.examples.length).toBe(20_000);
        expect(read?.examples[19_999]).toEqual(big.examples[19_999]);
      });

      it('keeps every text as it is', async () => {
        const { library, settings } = await start();
        const hostile = [
          '\ud800',
          'a\udfffb',
          '\0',
          'a\0b',
          '\u202eright to left',
          '👩‍👩‍👧 é é',
          '\r\n\r',
          '\ufeff',
          '{{text}} ${1} </script>',
          '',
        ];
        const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', '\ud801', '\0'];
        const examples = hostile.map((text, index) => {
          // what a parser of files makes; a literal { __proto__: … } would set the prototype
          const inputs = Object.fromEntries(names.map((field) => [field, `${field}${text}`]));
          return { id: exampleId({ inputs: { index: String(index) }, targets: [text] }), inputs, targets: [text] };
        });
        const dataset: Dataset = { ...datasetOf('hostile', 0, 1), examples, fields: names };
        await library.putDataset(dataset);
        const read = await library.dataset(dataset.id);
        expect(read?.fields).toEqual(names);
        read?.examples.forEach((example, index) => {
          expect(Object.entries(example.inputs)).toEqual(Object.entries(examples[index]?.inputs ?? {}));
          expect(Object.getPrototypeOf(example.inputs)).toBe(Object.prototype);
          expect(example.targets).toEqual([hostile[index]]);
        });
        for (const setting of names) await settings.set(setting, `value of ${setting}`);
        for (const setting of names) expect(await settings.get(setting)).toBe(`value of ${setting}`);
      });

      it('lists runs, the newest first, and deletes one with its journal and nothing else', async () => {
        const { library, journal, answers } = await start();
        const heads: RunHead[] = [headOfRun(run, 1), headOfRun(other, 2)];
        for (const head of heads) await library.putRun(head);
        await journal.append(run, entriesOf(run, 0, 3), [{ call: call('a'), completion: completionOf('paid for') }]);
        await journal.append(other, entriesOf(other, 0, 3), []);
        expect(await library.runs()).toEqual([heads[1], heads[0]]);
        await library.deleteRun(run);
        expect(await library.runs()).toEqual([heads[1]]);
        expect(await journal.read(run)).toEqual([]);
        expect(await journal.read(other)).toHaveLength(3);
        expect((await answers.get(call('a')))?.text).toBe('paid for');
      });
    });

    describe('settings', () => {
      it('keeps any plain value under a name, and forgets it', async () => {
        const { settings } = await start();
        const value = { theme: 'dark', sizes: [1, 2], nothing: null };
        expect(await settings.get('look')).toBeUndefined();
        await settings.set('look', value);
        expect(await settings.get('look')).toEqual(value);
        await settings.set('look', false);
        expect(await settings.get('look')).toBe(false);
        await settings.set('look', undefined);
        expect(await settings.get('look')).toBeUndefined();
      });
    });

    describe('connections', () => {
      it('shows every connection what another one wrote', async () => {
        const database = fresh();
        const [first, second] = [await connect(database), await connect(database)];
        await first.journal.append(run, entriesOf(run, 0, 2), []);
        await second.journal.append(run, entriesOf(run, 2, 2), []);
        await first.settings.set('theme', 'dark');
        expect(await seqs(first)).toEqual([0, 1, 2, 3]);
        expect(await second.settings.get('theme')).toBe('dark');
      });

      it('finds everything again after it was closed', async () => {
        const database = fresh();
        const before = await connect(database);
        const last = before.journal.append(run, entriesOf(run, 0, 2), []); // not waited for
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
        await second.journal.append(run, entriesOf(run, 0, 2), [{ call: call('a'), completion: completionOf('A') }]);
        await first.settings.set('theme', 'dark');
        await first.deleteEverything();
        for (const storage of [first, second]) {
          expect(await storage.library.datasets()).toEqual([]);
          expect(await storage.library.runs()).toEqual([]);
          expect(await storage.journal.read(run)).toEqual([]);
          expect(await storage.answers.get(call('a'))).toBeUndefined();
          expect(await storage.settings.get('theme')).toBeUndefined();
        }
        await expect(second.journal.append(run, entriesOf(run, 2, 1), [])).rejects.toMatchObject({
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
  });
}
