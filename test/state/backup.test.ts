import { describe, expect, it } from 'vitest';
import { headOf } from '#core/run-head.ts';
import { printBackup, restoreBackup } from '#state/backup.ts';
import { memoryStorage } from '#storage/index.ts';
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

describe('a backup of everything', () => {
  it('brings back data sets, runs, journals and answers on another machine, to the last letter', async () => {
    const { session, storage } = await machineWithRun();
    await session?.rename('The one for Monday');
    const head = { ...headOf(spec, (await storage.journal.read(spec.id))[0]?.at ?? -1), name: 'The one for Monday' };
    await storage.library.putRun(head);
    const text = await (await printBackup(storage)).text();
    const other = memoryStorage();
    expect(await restoreBackup(text, 'all.json', other)).toEqual({ datasets: 1, runs: 1, known: 0 });
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
    expect(await (await printBackup(other)).text()).toBe(text);
  });

  it('leaves what is there as it is', async () => {
    const { storage } = await machineWithRun();
    const text = await (await printBackup(storage)).text();
    expect(await restoreBackup(text, 'all.json', storage)).toEqual({ datasets: 0, runs: 0, known: 1 });
    expect(await (await printBackup(storage)).text()).toBe(text);
  });

  it('P12: completes a run of which a restore that was broken off has left the beginning', async () => {
    const { storage } = await machineWithRun();
    const text = await (await printBackup(storage)).text();
    const entries = await storage.journal.read(spec.id);
    const nothingElse = { answers: [], sent: [], settled: [] };
    for (const kept of [1, 20, entries.length]) {
      const other = memoryStorage();
      await other.journal.append(spec.id, { next: 0, entries: entries.slice(0, kept), ...nothingElse });
      expect(await restoreBackup(text, 'all.json', other)).toMatchObject({ runs: 1, known: 0 });
      expect(await other.journal.read(spec.id)).toEqual(entries);
      expect((await other.library.runs()).map(({ id }) => id)).toEqual([spec.id]);
    }
  });

  it('keeps to what is here where a journal without a place in the list went another way', async () => {
    const { storage } = await machineWithRun();
    const text = await (await printBackup(storage)).text();
    const [start] = await storage.journal.read(spec.id);
    if (!start) throw new Error('no run');
    const other = memoryStorage();
    const own = [{ ...start, at: start.at + 1 }];
    await other.journal.append(spec.id, { next: 0, entries: own, answers: [], sent: [], settled: [] });
    await restoreBackup(text, 'all.json', other);
    expect(await other.journal.read(spec.id)).toEqual(own);
    expect(await other.library.runs()).toHaveLength(1);
  });

  it('says what a file is that is none, and keeps nothing of it', async () => {
    const storage = memoryStorage();
    const refused = (text: string) => restoreBackup(text, 'mine.json', storage);
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
});
