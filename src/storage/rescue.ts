import type { RunId } from '#core/id.ts';
import { headFrom } from '#core/run-head.ts';
import { keepAnswers } from './answers.ts';
import { addBlocks, entriesIn } from './blocks.ts';
import { runsGone, updateCanary } from './canary.ts';
import type { Database } from './database.ts';
import { headOf } from './library.ts';
import { blocksOf, blockSize } from './journal-keys.ts';
import type { PrivateFiles } from './private-files.ts';
import type { Rescue, RestoredRun } from './rescue-door.ts';
import { endOfLog, readLog, type RunLogContents } from './run-log.ts';

const tailBytes = 65_536;

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
      const gone = Math.max(0, (await runsGone(name, database)) - runs.length);
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
  const head = headFrom(entries) ?? log.head?.run;
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
