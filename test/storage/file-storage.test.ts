import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callKey, runId } from '#core/id.ts';
import { fileStorage, type FileStorage } from '#storage/file-storage.ts';
import { memoryStorage, type Storage } from '#storage/index.ts';
import { promisesOfTheJournal } from './promises/journal.ts';
import { attemptOf, completionOf, datasetOf, entriesOf, writeOf } from './samples.ts';

const run = runId(Date.UTC(2026, 0, 2), 1);
const call = callKey('test', { text: 'a' });
let folder = '';
const opened = new Map<string, FileStorage>();
const open = async (name = 'runs'): Promise<FileStorage> => {
  const storage = await fileStorage(join(folder, name));
  opened.set(name, storage);
  return storage;
};
const reopen = async (): Promise<FileStorage> => {
  await opened.get('runs')?.close();
  return open();
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-storage-'));
});
afterEach(async () => {
  for (const storage of opened.values()) await storage.close();
  opened.clear();
  await rm(folder, { recursive: true, force: true });
});

/** One process has a folder to itself, so a second connection is the same storage. What it has no files for is kept in memory. */
const connect = async (name: string): Promise<Storage> => {
  const { journal, answers } = opened.get(name) ?? (await open(name));
  const rest = memoryStorage();
  return { ...rest, journal, answers };
};
let count = 0;
const fresh = (): string => `runs ${count++}`;

describe('runs in a folder', () => {
  promisesOfTheJournal({ fresh, connect, start: () => connect(fresh()), deletes: false });

  it('are found again, with everything', async () => {
    const before = await open();
    const dataset = datasetOf('one', 3, 1);
    await before.putDataset({ ...dataset, id: entriesDataset });
    const answer = { call, completion: completionOf('\ud800 A') };
    await before.journal.append(run, writeOf(entriesOf(run, 0, 2), [answer], { sent: [attemptOf('a')] }));
    await before.journal.append(run, writeOf(entriesOf(run, 2, 1), [], { sent: [attemptOf('b')], settled: ['a'] }));
    await before.answers.put([{ call: callKey('test', {}), completion: completionOf('loose') }]);
    const after = await reopen();
    expect(after.runs).toEqual([run]);
    expect(after.problems).toEqual([]);
    expect(await after.journal.read(run)).toEqual(entriesOf(run, 0, 3));
    expect(await after.journal.open(run)).toEqual([attemptOf('b')]);
    expect(await after.answers.get(call)).toEqual(answer.completion);
    expect((await after.answers.get(callKey('test', {})))?.text).toBe('loose');
    expect(await after.dataset(entriesDataset)).toEqual({ ...dataset, id: entriesDataset });
    await after.journal.append(run, writeOf(entriesOf(run, 3, 1)));
    expect(await (await reopen()).journal.read(run)).toHaveLength(4);
  });

  it('go on after a write that was cut off at any byte, and take no notice of it', async () => {
    const before = await open();
    await before.journal.append(run, writeOf(entriesOf(run, 0, 1)));
    const path = join(folder, 'runs', (await readdir(join(folder, 'runs'))).find((f) => f.endsWith('.ndjson')) ?? '');
    const { length } = await readFile(path);
    await before.journal.append(run, writeOf(entriesOf(run, 1, 1)));
    const whole = await readFile(path);
    await before.close();
    for (let cut = length + 1; cut < whole.length - 1; cut += 37) {
      await writeFile(path, whole);
      await truncate(path, cut);
      const after = await open();
      expect(await after.journal.read(run)).toEqual(entriesOf(run, 0, 1));
      await after.journal.append(run, writeOf(entriesOf(run, 1, 2)));
      const later = await reopen();
      expect(await later.journal.read(run)).toEqual(entriesOf(run, 0, 3));
      expect(later.problems).toEqual([
        { file: expect.any(String) as string, damaged: [3], torn: false, unconnected: 0 },
      ]);
      await later.close();
    }
  });

  it('opens a folder with files that are not ours', async () => {
    await (await open()).close();
    await appendFile(join(folder, 'runs', 'notes.ndjson'), 'not\nours');
    await writeFile(join(folder, 'runs', 'empty.ndjson'), '');
    const { problems, runs } = await open();
    expect(runs).toEqual([]);
    expect(problems).toEqual([{ file: 'notes.ndjson', damaged: [1], torn: true, unconnected: 0 }]);
  });

  it('are written by one process at a time; a lock of one that was killed counts for nothing', async () => {
    const storage = await open();
    const path = join(folder, 'runs');
    await expect(fileStorage(path)).rejects.toMatchObject({ code: 'folder-busy', details: { process: process.pid } });
    await storage.close();
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await writeFile(join(path, 'lock'), String(other.pid));
    await expect(fileStorage(path)).rejects.toMatchObject({ code: 'folder-busy', details: { process: other.pid } });
    other.kill('SIGKILL');
    await once(other, 'exit');
    await (await open()).close();
    expect(await readdir(path)).not.toContain('lock');
  });

  it('says so where nothing can be written', async () => {
    await writeFile(join(folder, 'a file'), '');
    await expect(fileStorage(join(folder, 'a file'))).rejects.toMatchObject({ code: 'storage-unavailable' });
    const storage = await open();
    await storage.close();
    await expect(storage.journal.append(run, writeOf(entriesOf(run, 0, 1)))).rejects.toMatchObject({
      code: 'storage-unavailable',
    });
  });
});

const started = entriesOf(run, 0, 1)[0]?.event;
if (started?.type !== 'run-started') throw new Error('a run that does not start');
const entriesDataset = started.spec.dataset.id;
