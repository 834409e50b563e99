import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { deserialize, serialize } from 'node:v8';
import type { JournalEntry } from '#core/run.ts';
import { foldEntries } from '#engine/run-state.ts';
import { fileStorage } from '#storage/file-storage.ts';
import { blockSize } from '#storage/journal-keys.ts';
import { packEntries, unpackEntries, type PackedBlock } from '#storage/packed.ts';
import { benchRun, entriesFrom } from './made-run.ts';

/** What `journal.mjs` measures in Node. */

const megabytes = (bytes: number): number => Math.round(bytes / 1_048_576);
const piecesOf = function* (count: number, each: number): Generator<JournalEntry[]> {
  for (let next = 0; next < count; next += each) yield [...entriesFrom(next, Math.min(count, next + each))];
};

/** What the browser's database does apart from its disk: read blocks as values, unpack them, bring the run to its state. */
export function openBlocks(count: number) {
  const blocks = [...piecesOf(count, blockSize)].map((entries) => serialize(packEntries(entries)));
  const start = performance.now();
  const entries: JournalEntry[] = [];
  for (const block of blocks) unpackEntries(deserialize(block) as PackedBlock, entries);
  const read = performance.now();
  foldEntries(entries);
  const end = performance.now();
  return {
    readSeconds: (read - start) / 1000,
    foldSeconds: (end - read) / 1000,
    seconds: (end - start) / 1000,
    heapMb: megabytes(process.memoryUsage().heapUsed),
    sizeMb: megabytes(blocks.reduce((sum, { length }) => sum + length, 0)),
  };
}

export async function openFiles(count: number) {
  const folder = await mkdtemp(join(tmpdir(), 'bench-runs-'));
  const before = await fileStorage(folder);
  let next = 0;
  for (const entries of piecesOf(count, 1024)) {
    await before.journal.append(benchRun, { next, entries, answers: [], sent: [], settled: [] });
    next += entries.length;
  }
  await before.close();
  const start = performance.now();
  const storage = await fileStorage(folder);
  const entries = await storage.journal.read(benchRun);
  const read = performance.now();
  foldEntries(entries);
  const end = performance.now();
  const files = await Promise.all((await readdir(folder)).map((file) => stat(join(folder, file))));
  await storage.close();
  await rm(folder, { recursive: true, force: true });
  return {
    readSeconds: (read - start) / 1000,
    foldSeconds: (end - read) / 1000,
    seconds: (end - start) / 1000,
    sizeMb: megabytes(files.reduce((sum, { size }) => sum + size, 0)),
  };
}
