import type { Completion } from '#core/completion.ts';
import type { Dataset } from '#core/example.ts';
import type { CallKey, DatasetId, RunId } from '#core/id.ts';
import type { JournalEntry, RunHead } from '#core/run.ts';
import { closedByUs } from './errors.ts';
import type { Storage } from './index.ts';
import { checkPlace, firstOfEach } from './journal.ts';
import { headOf, importedAt, newestFirst, startedAt } from './library.ts';

/** What memory storages keep. Two that share it are like two tabs; one that is made of it later is like the page after a reload. */
export type MemoryContents = {
  readonly journals: Map<RunId, JournalEntry[]>;
  readonly answers: Map<CallKey, Completion>;
  readonly datasets: Map<DatasetId, Dataset>;
  readonly runs: Map<RunId, RunHead>;
  readonly settings: Map<string, unknown>;
};

export const emptyContents = (): MemoryContents => ({
  journals: new Map(),
  answers: new Map(),
  datasets: new Map(),
  runs: new Map(),
  settings: new Map(),
});

/** The twin of the real storage, for headless runs, for tests, and for browsers that keep nothing. */
export function memoryStorage(contents: MemoryContents = emptyContents()): Storage {
  let closed = false;
  /** Copies on the way in and out, as the real one does: nobody holds a reference into it, and what cannot be cloned is refused. */
  const use = <T>(work: () => T): Promise<T> =>
    new Promise((resolve) => {
      if (closed) throw closedByUs();
      resolve(structuredClone(work()));
    });
  const put = <K, V>(map: Map<K, V>, key: K, value: V): Promise<void> =>
    use(() => {
      map.set(key, structuredClone(value));
    });
  const remove = <K>(key: K, ...maps: readonly Map<K, unknown>[]): Promise<void> =>
    use(() => maps.forEach((map) => map.delete(key)));
  const { journals, answers, datasets, runs, settings } = contents;
  return {
    journal: {
      read: (run, from = -Infinity) => use(() => (journals.get(run) ?? []).filter(({ seq }) => seq >= from)),
      append: (run, entries, paid) =>
        use(() => {
          const journal = journals.get(run) ?? [];
          const last = checkPlace(run, journal.at(-1)?.seq, entries);
          const copy = structuredClone({ entries, paid: firstOfEach(paid) });
          for (const entry of copy.entries) journal.push(entry);
          if (last !== undefined) journals.set(run, journal);
          for (const { call, completion } of copy.paid) if (!answers.has(call)) answers.set(call, completion);
        }),
    },
    answers: { get: (call) => use(() => answers.get(call)) },
    library: {
      datasets: () => use(() => newestFirst([...datasets.values()].map(headOf), importedAt)),
      dataset: (id) => use(() => datasets.get(id)),
      putDataset: (dataset) => put(datasets, dataset.id, dataset),
      deleteDataset: (id) => remove(id, datasets),
      runs: () => use(() => newestFirst([...runs.values()], startedAt)),
      putRun: (run) => put(runs, run.id, run),
      deleteRun: (id) => remove(id, runs, journals),
    },
    settings: {
      get: (name) => use(() => settings.get(name)),
      set: (name, value) => (value === undefined ? remove(name, settings) : put(settings, name, value)),
    },
    deleteEverything: () => use(() => Object.values(contents).forEach((map) => map.clear())),
    usage: () => use(() => ({})),
    close: () => {
      closed = true;
    },
  };
}
