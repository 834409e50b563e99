import { AppError } from '#core/error.ts';
import type { Dataset } from '#core/example.ts';
import type { CallKey } from '#core/id.ts';
import type { StoredAnswer } from '#core/journal.ts';
import { headFrom } from '#core/run-head.ts';
import type { JournalEntry, RunBundle } from '#core/run.ts';
import { printRunBundle, readRunBundle } from '#exporters/run-bundle.ts';
import { readStored } from '#exporters/stored-shapes.ts';
import type { Storage } from '#storage/index.ts';
import { backupFormat, BackupFiles } from './backup-files.ts';

type Backup = {
  readonly format: typeof backupFormat;
  readonly version: 1;
  readonly datasets: readonly Dataset[];
  readonly runs: readonly (readonly JournalEntry[])[];
  readonly answers: readonly StoredAnswer[];
};
type Source = Pick<Storage, 'library' | 'journal' | 'answers'>;

/** Bytes of one file: with room below what can be read again, also for one that was written elsewhere. */
const fullBytes = 400_000_000;
/** A file is read as one text, and Chromium has none that is longer (in letters, of which a byte holds one at most). */
const readableBytes = 2 ** 29 - 24;

/**
 * One file, or several where the whole takes more than so many bytes; only what is larger by itself, a single run or data set, makes a
 * larger file.
 */
export async function printBackup(
  { library, journal, answers }: Source,
  largest = fullBytes,
): Promise<readonly Blob[]> {
  const files = new BackupFiles(largest);
  const calls = new Set<CallKey>();
  for (const { id } of await library.datasets()) {
    const dataset = await library.dataset(id);
    if (dataset) files.add('datasets', dataset);
  }
  for (const { id, dataset } of await library.runs()) {
    const entries = await journal.read(id);
    if (entries.length === 0) continue;
    for (const call of callsOf(entries)) calls.add(call);
    // by the same road as the export of one run, which takes out of addresses what could be a key
    files.add('runs', (JSON.parse(printRunBundle(standIn(dataset), entries)) as RunBundle).entries);
  }
  for (const call of calls) {
    const completion = await answers.get(call);
    if (completion) files.add('answers', { call, completion });
  }
  return files.all();
}

/** Entries and answers that are written at once. */
const piece = 4096;

export type RestoredBackup = { readonly datasets: number; readonly runs: number; readonly known: number };

/**
 * Adds what is not here yet; what is here stays as it is. The files of one backup may come in any order, together or one by one.
 * @throws AppError `import-too-large` before any of them is read; `import-bad-json`, or `import-not-ours` with what is wrong with a file:
 * nothing of that one is kept.
 */
export async function restoreBackup(
  files: readonly Pick<File, 'name' | 'size' | 'text'>[],
  storage: Source,
  largest = readableBytes,
): Promise<RestoredBackup> {
  for (const { name, size } of files)
    if (size > largest)
      throw new AppError('import-too-large', {
        file: name,
        place: 'the whole file',
        size: inMegabytes(size),
        limit: `${inMegabytes(largest)} for one file`,
        remedy: 'Back up everything again where it came from: it is then saved as several files. Restore all of them.',
      });
  let [datasets, runs, known] = [0, 0, 0];
  for (const file of files) {
    const restored = await restoreFile(await file.text(), file.name, storage);
    datasets += restored.datasets;
    runs += restored.runs;
    known += restored.known;
  }
  return { datasets, runs, known };
}

const inMegabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

async function restoreFile(text: string, file: string, storage: Source): Promise<RestoredBackup> {
  const { datasets, runs, answers } = readBackup(text, file);
  const bundles = runs.map((entries) => {
    const first = entries[0]?.event;
    const dataset = datasets.find(({ id }) => first?.type === 'run-started' && id === first.spec.dataset.id);
    const id = first?.type === 'run-started' ? first.spec.dataset.id : ('' as Dataset['id']);
    return readRunBundle(
      JSON.stringify({
        format: 'automated-prompt-generator/run',
        version: 1,
        dataset: dataset ?? standIn(id),
        entries,
      }),
      file,
    );
  });
  const there = new Set((await storage.library.datasets()).map(({ id }) => id));
  const listed = new Set((await storage.library.runs()).map(({ id }) => id));
  const missing = datasets.filter(({ id }) => !there.has(id));
  for (const dataset of missing) await storage.library.putDataset(dataset);
  // in pieces, so that no write takes long
  for (let at = 0; at < answers.length; at += piece) await storage.answers.put(answers.slice(at, at + piece));
  let added = 0;
  for (const { entries } of bundles) {
    const head = headFrom(entries);
    if (!head || listed.has(head.id)) continue;
    // one that was broken off in the middle of it has a journal and no place in the list
    const known = await storage.journal.read(head.id);
    const isBeginning = known.every((entry, seq) => JSON.stringify(entry) === JSON.stringify(entries[seq]));
    const nothingElse = { answers: [], sent: [], settled: [] };
    for (let next = known.length; isBeginning && next < entries.length; next += piece)
      await storage.journal.append(head.id, { next, entries: entries.slice(next, next + piece), ...nothingElse });
    await storage.library.putRun(isBeginning ? head : (headFrom(known) ?? head));
    added += 1;
  }
  return { datasets: missing.length, runs: added, known: bundles.length - added };
}

function readBackup(text: string, file: string): Backup {
  const refuse = (problem: string): never => {
    throw new AppError('import-not-ours', { file, wanted: 'a backup', problem });
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new AppError('import-bad-json', {
      file,
      line: 1,
      problem: 'the JSON ends too early or has a stray character.',
    });
  }
  const found = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (found['format'] === 'automated-prompt-generator/run') return refuse('it is one run. Open it on the page Runs.');
  if (found['format'] !== backupFormat) return refuse('it is no backup of this app.');
  if (found['version'] !== 1)
    return refuse(
      `it has version ${String(found['version'])}; this page reads version 1. Reload the page to get the newest one.`,
    );
  for (const part of ['datasets', 'runs', 'answers'])
    if (!Array.isArray(found[part])) return refuse(`its part “${part}” is missing.`);
  const backup = value as Backup;
  const datasets = readStored(backup);
  return typeof datasets === 'string' ? refuse(datasets) : { ...backup, datasets };
}

/** For a run whose data set was deleted: its id is all that is left. */
const standIn = (id: Dataset['id']): Dataset => ({
  id,
  name: '',
  source: '',
  examples: [],
  fields: [],
  notes: [],
  importedAt: 0,
});

/** The calls whose answers a journal names. */
const callsOf = (entries: readonly JournalEntry[]): readonly CallKey[] =>
  entries.flatMap(({ event }) => {
    if (event.type === 'text-generated') return event.call ?? [];
    return event.type === 'example-evaluated' && event.result.type === 'answered' ? event.result.call : [];
  });
