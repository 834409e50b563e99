import { AppError } from '#core/error.ts';
import type { ImportProgress, ReadOptions } from '#core/import.ts';
import { proxy, releaseProxy, wrap } from '#lib/rpc.ts';
import { startWorker as startThread } from '#lib/worker.ts';
import type { SourceFile } from './index.ts';
import type { PlacedTable } from './table.ts';
import type { ImportApi } from './worker.ts';
import workerAddress from './worker.ts?worker&url';

export type ImportWorker = {
  /**
   * Reads a file away from the page, which stays quick however large the file is. One worker per file: aborting ends it in the
   * middle of whatever it does.
   * @throws AppError with an `import-…` code; the signal's reason when aborted.
   */
  readFile(
    file: SourceFile,
    options: ReadOptions,
    onProgress: (progress: ImportProgress) => void,
    signal: AbortSignal,
  ): Promise<PlacedTable>;
};

const startWorker = (): Worker => startThread(workerAddress, 'import');

async function readIn(
  worker: Worker,
  file: SourceFile,
  options: ReadOptions,
  onProgress: (progress: ImportProgress) => void,
  signal: AbortSignal,
): Promise<PlacedTable> {
  const api = wrap<ImportApi>(worker);
  let answered = false;
  const ended = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    worker.addEventListener('error', (event) => reject(new Error(`The import worker failed: ${event.message}`)));
  });
  try {
    // its words travel by another way than the table, and the last may come after it
    const tell = (progress: ImportProgress): void => (answered ? undefined : onProgress(progress));
    const answer = await Promise.race([api.readFile(file, options, proxy(tell)), ended]);
    answered = true;
    if (answer.type === 'read') return answer.table;
    throw new AppError(answer.error.code, answer.error.details);
  } finally {
    api[releaseProxy]();
    worker.terminate();
  }
}

/** `start` is for tests. */
export const createImportWorker = (start: () => Worker = startWorker): ImportWorker => ({
  async readFile(file, options, onProgress, signal) {
    signal.throwIfAborted();
    return readIn(start(), file, options, onProgress, signal);
  },
});
