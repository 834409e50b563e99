import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import { describeThrown } from '#core/messages.ts';
import { headOf } from '#core/run-head.ts';
import { printBackup, restoreBackup } from '#state/backup.ts';
import { memoryStorage, type Storage } from '#storage/index.ts';
import { makeDataset, makeSpec } from '../support/builders.ts';
import { Machine } from '../support/drive.ts';

const dataset = makeDataset(30);
const spec = makeSpec(dataset, { values: { rounds: 2 } });

async function machineWithRun(): Promise<Machine> {
  const machine = new Machine(dataset);
  await machine.storage.library.putDataset(dataset);
  await machine.storage.library.putRun(headOf(spec, 0));
  await machine.run(spec);
  return machine;
}

/** A backup in one file, as a text. */
async function printed(storage: Storage): Promise<string> {
  const files = await printBackup(storage);
  expect(files).toHaveLength(1);
  return (await files[0]?.text()) ?? '';
}
const restore = (text: string, storage: Storage): ReturnType<typeof restoreBackup> =>
  restoreBackup([new File([text], 'all.json')], storage);

describe('a backup of everything', () => {
  it('brings back data sets, runs, journals and answers on another machine, to the last letter', async () => {
    const { session, storage } = await machineWithRun();
    await session?.rename('The one for Monday');
    const head = { ...headOf(spec, (await storage.journal.read(spec.id))[0]?.at ?? -1), name: 'The one for Monday' };
    await storage.library.putRun(head);
    const text = await printed(storage);
    const other = memoryStorage();
    expect(await restore(text, other)).toEqual({ datasets: 1, runs: 1, known: 0 });
    expect(await other.library.dataset(dataset.id)).toEqual(dataset);
    expect(await other.library.runs()).toEqual(await storage.library.runs());
    const entries = await storage.journal.read(spec.id);
    expect(await other.journal.read(spec.id)).toEqual(entries);
    let answers = 0;
    for (const { event } of entries) {
      if (event.type !== 'example-evaluated' || event.result.type !== 'answered') continue;
      answers += 1;
      expect(await other.answers.get(event.result.call)).toEqual(await storage.answers.get(event.result.call));
    }
    expect(answers).toBeGreaterThan(20);
    expect(await printed(other)).toBe(text);
  });

  it('leaves what is there as it is', async () => {
    const { storage } = await machineWithRun();
    const text = await printed(storage);
    expect(await restore(text, storage)).toEqual({ datasets: 0, runs: 0, known: 1 });
    expect(await printed(storage)).toBe(text);
  });

  it('P12: completes a run of which a restore that was broken off has left the beginning', async () => {
    const { storage } = await machineWithRun();
    const text = await printed(storage);
    const entries = await storage.journal.read(spec.id);
    const nothingElse = { answers: [], sent: [], settled: [] };
    for (const kept of [1, 20, entries.length]) {
      const other = memoryStorage();
      await other.journal.append(spec.id, { next: 0, entries: entries.slice(0, kept), ...nothingElse });
      expect(await restore(text, other)).toMatchObject({ runs: 1, known: 0 });
      expect(await other.journal.read(spec.id)).toEqual(entries);
      expect((await other.library.runs()).map(({ id }) => id)).toEqual([spec.id]);
    }
  });

  it('keeps to what is here where a journal without a place in the list went another way', async () => {
    const { storage } = await machineWithRun();
    const text = await printed(storage);
    const [start] = await storage.journal.read(spec.id);
    if (!start) throw new Error('no run');
    const other = memoryStorage();
    const own = [{ ...start, at: start.at + 1 }];
    await other.journal.append(spec.id, { next: 0, entries: own, answers: [], sent: [], settled: [] });
    await restore(text, other);
    expect(await other.journal.read(spec.id)).toEqual(own);
    expect(await other.library.runs()).toHaveLength(1);
  });

  it('says what a file is that is none, and keeps nothing of it', async () => {
    const storage = memoryStorage();
    const refused = (text: string) => restore(text, storage);
    await expect(refused('{"format":')).rejects.toMatchObject({ code: 'import-bad-json' });
    await expect(refused('[]')).rejects.toMatchObject({ code: 'import-not-ours' });
    await expect(refused('{"format":"automated-prompt-generator/run"}')).rejects.toMatchObject({
      details: { problem: 'it is one run. Open it on the page Runs.' },
    });
    const broken = { format: 'automated-prompt-generator/backup', version: 1, datasets: [dataset], answers: [] };
    await expect(refused(JSON.stringify(broken))).rejects.toMatchObject({ code: 'import-not-ours' });
    await expect(refused(JSON.stringify({ ...broken, runs: [[{ seq: 4 }]] }))).rejects.toMatchObject({
      code: 'import-not-ours',
    });
    // a data set that belongs to no run, or an answer, would break the page that lists it
    for (const part of [null, { ...dataset, fields: undefined }, { ...dataset, importedAt: 1e300 }])
      await expect(refused(JSON.stringify({ ...broken, runs: [], datasets: [dataset, part] }))).rejects.toMatchObject({
        code: 'import-not-ours',
      });
    await expect(refused(JSON.stringify({ ...broken, runs: [], answers: [null] }))).rejects.toMatchObject({
      code: 'import-not-ours',
    });
    expect(await storage.library.datasets()).toEqual([]);
  });

  it('is the same library again in however many files, restored in any order, together or one by one', async () => {
    const { storage } = await machineWithRun();
    await storage.library.putDataset(makeDataset(12));
    const text = await printed(storage);
    const chance = createRandom('backup');
    // from one file to one for each data set, run and answer
    for (const largest of [text.length, text.length / 2, text.length / 9, 1000, 1]) {
      const files = (await printBackup(storage, largest)).map((file, n) => new File([file], `${n}.json`));
      const alone = files.filter(({ size }) => size > largest + 200);
      for (const file of alone) expect(partsOf(await file.text()), 'too large by itself').toBe(1);
      const shuffled = chance.shuffle(files);
      const [together, oneByOne] = [memoryStorage(), memoryStorage()];
      expect(await restoreBackup(shuffled, together)).toEqual({ datasets: 2, runs: 1, known: 0 });
      for (const file of shuffled) await restoreBackup([file], oneByOne);
      expect(await printed(together)).toBe(text);
      expect(await printed(oneByOne)).toBe(text);
      if (largest === 1) expect(files.length).toBe(partsOf(text));
    }
  });

  it('counts bytes, not letters: what is written can be read', async () => {
    const { library, ...storage } = memoryStorage();
    for (const id of ['one', 'two'])
      await library.putDataset({ ...makeDataset(3), id: id as typeof dataset.id, name: '數據'.repeat(1000) });
    const files = await printBackup({ library, ...storage }, 10_000);
    expect(files).toHaveLength(2);
    for (const { size } of files) expect(size).toBeLessThan(10_000);
  });

  it('is not begun with where a file is larger than a text can be, and that is said before it is read', async () => {
    const storage = memoryStorage();
    const { storage: full } = await machineWithRun();
    const good = new File([await printed(full)], 'good.json');
    const large = { name: 'large.json', size: good.size + 1, text: () => Promise.reject(new Error('was read')) };
    const refused: unknown = await restoreBackup([good, large], storage, good.size).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'import-too-large', details: { file: 'large.json' } });
    expect(describeThrown(refused).remedy).toContain('Back up');
    expect(await storage.library.runs()).toEqual([]);
  });
});

/** Data sets, runs and answers in it. */
function partsOf(text: string): number {
  const { datasets, runs, answers } = JSON.parse(text) as Readonly<Record<string, readonly unknown[]>>;
  return [datasets, runs, answers].reduce((sum, part) => sum + (part?.length ?? 0), 0);
}
