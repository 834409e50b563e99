import { describe, expect, it } from 'vitest';
import type { Dataset } from '#core/example.ts';
import { callKey, datasetId, exampleId, runId, type CallKey } from '#core/id.ts';
import type { RunHead } from '#core/run.ts';
import { completionOf, datasetOf, entriesOf, headOfRun, writeOf } from '../samples.ts';
import type { Bench } from './bench.ts';

const run = runId(Date.UTC(2026, 0, 2), 1);
const other = runId(Date.UTC(2026, 0, 2), 10); // one id is the beginning of the other
const call = (text: string): CallKey => callKey('test', { text });

export function promisesOfTheLibrary({ start }: Bench): void {
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
      expect(Object.keys(heads[0] ?? {}).sort()).toEqual(['examples', 'fields', 'id', 'importedAt', 'name', 'source']);
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
      await journal.append(
        run,
        writeOf(entriesOf(run, 0, 3), [{ call: call('a'), completion: completionOf('paid for') }]),
      );
      await journal.append(other, writeOf(entriesOf(other, 0, 3)));
      expect(await library.runs()).toEqual([heads[1], heads[0]]);
      await library.deleteRun(run);
      expect(await library.runs()).toEqual([heads[1]]);
      expect(await journal.read(run)).toEqual([]);
      expect(await journal.read(other)).toHaveLength(3);
      expect((await answers.get(call('a')))?.text).toBe('paid for');
    });
  });

  describe('the name of a run', () => {
    it('is changed where the run is there, and brings none back that was deleted', async () => {
      const { library } = await start();
      await library.putRun(headOfRun(run, 1));
      await library.renameRun(run, 'Its new name');
      expect(await library.runs()).toEqual([{ ...headOfRun(run, 1), name: 'Its new name' }]);
      await library.deleteRun(run);
      await library.renameRun(run, 'Its last name');
      expect(await library.runs()).toEqual([]);
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
}
