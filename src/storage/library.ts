import type { Dataset } from '#core/example.ts';
import type { DatasetHead, Library } from '#core/library.ts';
import type { RunHead } from '#core/run.ts';
import type { Database } from './database.ts';
import { blocksOf } from './journal-keys.ts';
import { attemptsOf } from './journal.ts';

export const createLibrary = (database: Database): Library => ({
  datasets: async () => newestFirst(await database.read(['datasets'], ({ store }) => store.getAll()), importedAt),

  dataset: (id) =>
    database.read(['datasets', 'rows'], async (transaction) => {
      const [head, rows] = await Promise.all([
        transaction.objectStore('datasets').get(id),
        transaction.objectStore('rows').get(id),
      ]);
      return head && rows && { ...head, ...rows };
    }),

  putDataset: (dataset) =>
    database.write(['datasets', 'rows'], async (transaction) => {
      const { examples, notes } = dataset;
      await transaction.objectStore('datasets').put(headOf(dataset), dataset.id);
      await transaction.objectStore('rows').put({ examples, notes }, dataset.id);
    }),

  deleteDataset: (id) =>
    database.write(['datasets', 'rows'], async (transaction) => {
      await Promise.all([transaction.objectStore('datasets').delete(id), transaction.objectStore('rows').delete(id)]);
    }),

  runs: async () => newestFirst(await database.read(['runs'], ({ store }) => store.getAll()), startedAt),

  putRun: (run) =>
    database.write(['runs'], async ({ store }) => {
      await store.put(run, run.id);
    }),

  renameRun: (id, name) =>
    database.write(['runs'], async ({ store }) => {
      const head = await store.get(id);
      if (head) await store.put({ ...head, name }, id);
    }),

  deleteRun: (id) =>
    database.write(['runs', 'journal', 'attempts'], async (transaction) => {
      await Promise.all([
        transaction.objectStore('runs').delete(id),
        transaction.objectStore('journal').delete(blocksOf(id)),
        transaction.objectStore('attempts').delete(attemptsOf(id)),
      ]);
    }),
});

export const headOf = ({ id, name, source, examples, fields, importedAt }: Dataset): DatasetHead => ({
  id,
  name,
  source,
  examples: examples.length,
  fields,
  importedAt,
});

export const importedAt = (dataset: DatasetHead): number => dataset.importedAt;
export const startedAt = (run: RunHead): number => run.startedAt;

/** Lists begin with what a person did last; the id decides between equals, so that a list never jumps. */
export const newestFirst = <T extends { readonly id: string }>(items: readonly T[], at: (item: T) => number): T[] =>
  [...items].sort((a, b) => at(b) - at(a) || (a.id < b.id ? -1 : 1));
