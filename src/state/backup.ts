import { AppError } from '#core/error.ts';
import type { Dataset } from '#core/example.ts';
import type { CallKey } from '#core/id.ts';
import type { StoredAnswer } from '#core/journal.ts';
import { headFrom } from '#core/run-head.ts';
import type { JournalEntry, RunBundle } from '#core/run.ts';
import { printRunBundle, readRunBundle } from '#exporters/run-bundle.ts';
import { readStored } from '#exporters/stored-shapes.ts';
import type { Storage } from '#storage/index.ts';

/** Everything in one file: data sets, runs with their journals, and the answers that the journals name. No keys and no settings. */
const format = 'automated-prompt-generator/backup';
type Backup = {
  readonly format: typeof format;
  readonly version: 1;
  readonly datasets: readonly Dataset[];
  readonly runs: readonly (readonly JournalEntry[])[];
  readonly answers: readonly StoredAnswer[];
};
type Source = Pick<Storage, 'library' | 'journal' | 'answers'>;

/** In pieces, because the whole may be larger than one text can be. */
export async function printBackup({ library, journal, answers }: Source): Promise<Blob> {
  const pieces: string[] = [`{"format":"${format}","version":1,"datasets":[`];
  const list = async <T>(items: readonly T[], print: (item: T) => Promise<string | undefined>): Promise<void> => {
    let first = true;
    for (const item of items) {
      const text = await print(item);
      if (text === undefined) continue;
      pieces.push(first ? text : `,${text}`);
      first = false;
    }
  };
  const calls = new Set<CallKey>();
  await list(await library.datasets(), async ({ id }) => JSON.stringify(await library.dataset(id)));
  pieces.push('],"runs":[');
  await list(await library.runs(), async ({ id, dataset }) => {
    const entries = await journal.read(id);
    for (const call of callsOf(entries)) calls.add(call);
    // by the same road as the export of one run, which takes out of addresses what could be a key
    const bundle = JSON.parse(printRunBundle(standIn(dataset), entries)) as RunBundle;
    return entries.length === 0 ? undefined : JSON.stringify(bundle.entries);
  });
  pieces.push('],"answers":[');
  await list([...calls], async (call) => {
    const completion = await answers.get(call);
    return completion && JSON.stringify({ call, completion });
  });
  pieces.push(']}\n');
  return new Blob(pieces, { type: 'application/json' });
}

/** Entries and answers that are written at once. */
const piece = 4096;

export type RestoredBackup = { readonly datasets: number; readonly runs: number; readonly known: number };

/**
 * Adds what is not here yet; what is here stays as it is.
 * @throws AppError `import-bad-json`, or `import-not-ours` with what is wrong with it; nothing is kept then.
 */
export async function restoreBackup(text: string, file: string, storage: Source): Promise<RestoredBackup> {
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
  if (found['format'] !== format) return refuse('it is no backup of this app.');
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
