import { systemClock } from '#lib/clock.ts';
import { freshSeed } from '#lib/random.ts';
import type { RunId } from '#core/id.ts';
import { keepAnswers } from './answers.ts';
import { addBlocks, blocksOf, entriesIn } from './blocks.ts';
import { readCanary, writeCanary } from './canary.ts';
import type { Database } from './database.ts';
import { headOf } from './library.ts';
import { blockSize } from './packed.ts';
import type { PrivateFiles } from './private-files.ts';
import { headFromStart } from './run-head.ts';
import { endOfLog, readLog, type RunLogContents } from './run-log.ts';

/** What was here once and is not in the database any more. */
export type StorageLoss = {
  /** Runs that can be rebuilt, wholly or in their last part, from the files beside the database. */
  readonly runs: readonly RunId[];
  /** Runs that are known to have been here and of which nothing is left. */
  readonly gone: number;
};

export type RestoredRun = {
  readonly run: RunId;
  readonly name: string;
  /** What was added to the database. */
  readonly entries: number;
  readonly answers: number;
  /** Lines of the file that could not be read, from 1, and entries behind them that could not be used. */
  readonly damaged: readonly number[];
  readonly unconnected: number;
  /** The run in the database went another way than the file: its entries were left as they are. */
  readonly conflict: boolean;
};

export interface Rescue {
  /** To be asked once when the page opens. Undefined when nothing is missing, as on a first visit. */
  find(): Promise<StorageLoss | undefined>;
  /** Brings back what is missing. What stands in the database stays as it is; doing it again changes nothing. */
  restore(): Promise<readonly RestoredRun[]>;
  /** Does without what is missing: the files of those runs are deleted, and it is not told again. */
  dismiss(): Promise<void>;
}

export const noRescue: Rescue = {
  find: () => Promise.resolve(undefined),
  restore: () => Promise.resolve([]),
  dismiss: () => Promise.resolve(),
};

const installKey = 'storage/install';
const tailBytes = 65_536;

/** The page tells the canary what there is; kept current by `find`, and after runs come and go. Where nothing is kept, nothing is told. */
export async function updateCanary(name: string, database: Database): Promise<void> {
  if (typeof localStorage === 'undefined') return;
  const known = readCanary(name);
  const runs = await database.read(['runs'], ({ store }) => store.getAllKeys());
  if (runs.length === 0 && !known) return;
  const installId = known?.installId ?? `${systemClock.now()}-${freshSeed()}`;
  const kept = await database.write(['settings'], async ({ store }) => {
    const id = await store.get(installKey);
    if (id === undefined) await store.put(installId, installKey);
    return id ?? installId;
  });
  const ends = await database.read(['journal'], ({ store }) =>
    Promise.all(runs.map((run) => store.openKeyCursor(blocksOf(run), 'prev'))),
  );
  const entries = ends.reduce((sum, end) => sum + (end ? end.key[1] + 1 : 0), 0);
  if (typeof kept === 'string') writeCanary(name, { installId: kept, runs: runs.length, entries });
}

export function createRescue(name: string, database: Database, files: PrivateFiles | undefined): Rescue {
  const endOf = async (run: RunId): Promise<number> =>
    (await database.read(['journal'], ({ store }) => store.openKeyCursor(blocksOf(run), 'prev')))?.key[1] ?? -1;

  /** Runs whose file tells more than the database. The file is written after it, so it never does unless something was lost. */
  const shortRuns = async (): Promise<readonly RunId[]> => {
    const short: RunId[] = [];
    for (const run of (await files?.runs().catch(() => [])) ?? []) {
      const tail = (await files?.readLog(run, tailBytes).catch(() => undefined)) ?? new Uint8Array();
      const last = endOfLog(tail) ?? readLog((await files?.readLog(run).catch(() => undefined)) ?? tail).entries.length;
      if (last > (await endOf(run)) + 1) short.push(run);
    }
    return short;
  };

  return {
    async find() {
      const runs = await shortRuns();
      const installed = await database.read(['settings'], ({ store }) => store.get(installKey));
      const known = installed === undefined ? (readCanary(name)?.runs ?? 0) : 0;
      const gone = Math.max(0, known - runs.length);
      if (runs.length + gone > 0) return { runs, gone };
      await updateCanary(name, database);
      return undefined;
    },

    async restore() {
      const restored: RestoredRun[] = [];
      for (const run of await shortRuns()) {
        const bytes = await files?.readLog(run);
        if (bytes) restored.push(await restoreRun(database, run, readLog(bytes)));
      }
      // what could not be used now never can be; the log begins anew when the run goes on
      for (const run of await shortRuns()) await files?.removeLog(run);
      await updateCanary(name, database);
      return restored;
    },

    async dismiss() {
      for (const run of await shortRuns()) await files?.removeLog(run);
      await updateCanary(name, database);
    },
  };
}

async function restoreRun(database: Database, run: RunId, log: RunLogContents): Promise<RestoredRun> {
  const { entries, answers, open } = log;
  const head = log.head?.run ?? (entries[0] && headFromStart(entries[0]));
  const dataset = log.head?.dataset;
  await database.write(['runs', 'datasets', 'rows'], async (transaction) => {
    const runs = transaction.objectStore('runs');
    const datasets = transaction.objectStore('datasets');
    if (head && (await runs.getKey(run)) === undefined) await runs.add({ ...head, id: run }, run);
    if (!dataset || (await datasets.getKey(dataset.id)) !== undefined) return;
    await datasets.add(headOf(dataset), dataset.id);
    await transaction.objectStore('rows').put({ examples: dataset.examples, notes: dataset.notes }, dataset.id);
  });

  const [known] = entriesIn(
    await database.read(['journal'], async ({ store }) => {
      const end = await store.openKeyCursor(blocksOf(run), 'prev');
      const block = end && (await store.get(end.key));
      return block ? [block] : [];
    }),
  ).slice(-1);
  const start = known ? known.seq + 1 : 0;
  const conflict = known !== undefined && JSON.stringify(known) !== JSON.stringify(entries[known.seq]);
  const missing = conflict ? [] : entries.slice(start);
  let added = 0;
  // in pieces, so that no write takes long: what is there after one of them is in order
  for (let at = 0; at < Math.max(missing.length, answers.length); at += blockSize)
    added += await database.write(['journal', 'answers'], async (transaction) => {
      const cache = transaction.objectStore('answers');
      const before = await cache.count();
      await addBlocks(transaction.objectStore('journal'), run, missing.slice(at, at + blockSize));
      await keepAnswers(cache, answers.slice(at, at + blockSize));
      return (await cache.count()) - before;
    });
  await database.write(['attempts'], async ({ store }) => {
    if (!conflict) await Promise.all(open.map((attempt) => store.put(attempt, [run, attempt.id])));
  });
  const { damaged, unconnected } = log;
  return { run, name: head?.name ?? run, entries: missing.length, answers: added, damaged, unconnected, conflict };
}
