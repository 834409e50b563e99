import type { Completion } from '#core/completion.ts';
import type { Dataset } from '#core/example.ts';
import type { CallKey, DatasetId, RunId } from '#core/id.ts';
import type { Attempt, StoredAnswer } from '#core/journal.ts';
import type { JournalEntry, RunHead } from '#core/run.ts';
import { assert } from '#lib/assert.ts';
import { closedByUs } from './errors.ts';
import type { Storage } from './index.ts';
import { checkPlace } from './journal.ts';
import { noRescue } from './rescue-door.ts';
import { SafetyState } from './safety.ts';
import { headOf, importedAt, newestFirst, startedAt } from './library.ts';

/** What memory storages keep. Two that share it are like two tabs; one that is made of it later is like the page after a reload. */
export type MemoryContents = {
  readonly journals: Map<RunId, JournalEntry[]>;
  readonly attempts: Map<RunId, Map<string, Attempt>>;
  readonly answers: Map<CallKey, Completion>;
  readonly datasets: Map<DatasetId, Dataset>;
  readonly runs: Map<RunId, RunHead>;
  readonly settings: Map<string, unknown>;
};

export const emptyContents = (): MemoryContents => ({
  journals: new Map(),
  attempts: new Map(),
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
  const { journals, attempts, answers, datasets, runs, settings } = contents;
  const keep = (paid: readonly StoredAnswer[]): void => {
    for (const { call, completion } of paid) if (!answers.has(call)) answers.set(call, completion);
  };
  return {
    journal: {
      read: (run, from = -Infinity) => use(() => (journals.get(run) ?? []).filter(({ seq }) => seq >= from)),
      append: (run, write) =>
        use(() => {
          const journal = journals.get(run) ?? [];
          checkPlace(run, journal.at(-1)?.seq, write);
          const underWay = attempts.get(run) ?? new Map<string, Attempt>();
          for (const { id } of write.sent) assert(!underWay.has(id), `attempt ${id} of run ${run} was sent before`);
          const { entries, answers: paid, sent, settled } = structuredClone(write);
          for (const entry of entries) journal.push(entry);
          if (entries.length > 0) journals.set(run, journal);
          keep(paid);
          for (const attempt of sent) underWay.set(attempt.id, attempt);
          for (const id of settled) underWay.delete(id);
          attempts.set(run, underWay);
        }),
      open: (run) => use(() => [...(attempts.get(run)?.values() ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1))),
    },
    answers: {
      get: (call) => use(() => answers.get(call)),
      put: (paid) => use(() => keep(structuredClone(paid))),
    },
    library: {
      datasets: () => use(() => newestFirst([...datasets.values()].map(headOf), importedAt)),
      dataset: (id) => use(() => datasets.get(id)),
      putDataset: (dataset) => put(datasets, dataset.id, dataset),
      deleteDataset: (id) => remove(id, datasets),
      runs: () => use(() => newestFirst([...runs.values()], startedAt)),
      putRun: (run) => put(runs, run.id, run),
      renameRun: (id, name) =>
        use(() => {
          const head = runs.get(id);
          if (head) runs.set(id, { ...head, name });
        }),
      deleteRun: (id) => remove(id, runs, journals, attempts),
    },
    settings: {
      get: (name) => use(() => settings.get(name)),
      set: (name, value) => (value === undefined ? remove(name, settings) : put(settings, name, value)),
    },
    deleteEverything: () => use(() => Object.values(contents).forEach((map) => map.clear())),
    usage: () => use(() => ({})),
    safety: new SafetyState({ state: 'memory-only', secondCopy: false, persisted: undefined }),
    rescue: noRescue,
    askToPersist: () => Promise.resolve(false),
    close: () => {
      closed = true;
    },
  };
}
