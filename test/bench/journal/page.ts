import { wrap } from '#lib/rpc.ts';
import { emptyRunState, foldEntries } from '#engine/run-state.ts';
import { openStorage } from '#storage/index.ts';
import { benchRun, entriesFrom } from './made-run.ts';
import type { JournalWorker } from './worker.ts';

/** What `journal.mjs` measures in the browser: it is called there by name. */

const heapMb = (): number =>
  ((performance as { memory?: { usedJSHeapSize: number } }).memory?.usedJSHeapSize ?? 0) / 1_048_576;

const bench = {
  /** Writes a run in writes of this many entries; seconds and writes a second. */
  async write(count: number, each: number) {
    const storage = await openStorage('bench');
    const start = performance.now();
    for (let next = 0; next < count; next += each)
      await storage.journal.append(benchRun, {
        next,
        entries: [...entriesFrom(next, Math.min(count, next + each))],
        answers: [],
        sent: [],
        settled: [],
      });
    await storage.settings.set('written', true); // after what is packed in the background
    const seconds = (performance.now() - start) / 1000;
    storage.close();
    return { seconds, writesPerSecond: Math.ceil(count / each) / seconds };
  },
  /** The same in a worker, where each write also goes to the file beside the database, with an answer for each entry; p99 of a write. */
  async writeInWorker(count: number, each: number) {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    const result = await wrap<JournalWorker>(worker).write(count, each);
    worker.terminate();
    return result;
  },
  /** Opens the database and brings the run to its state, as the page does. */
  async open() {
    const start = performance.now();
    const storage = await openStorage('bench');
    const entries = await storage.journal.read(benchRun);
    const read = performance.now();
    const state = foldEntries(entries, emptyRunState());
    const end = performance.now();
    const results = [...state.candidates.values()].reduce((sum, { results: of }) => sum + of.train.size, 0);
    storage.close();
    return {
      entries: entries.length,
      results,
      readSeconds: (read - start) / 1000,
      foldSeconds: (end - read) / 1000,
      seconds: (end - start) / 1000,
      heapMb: heapMb(),
      diskMb: ((await navigator.storage.estimate()).usage ?? 0) / 1_048_576,
    };
  },
  async clear() {
    const storage = await openStorage('bench');
    await storage.deleteEverything();
    storage.close();
  },
};

Object.assign(globalThis, { bench });
