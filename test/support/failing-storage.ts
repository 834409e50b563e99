import { AppError } from '#core/error.ts';
import type { AnswerCache, RunJournal } from '#core/journal.ts';

/** A disk that breaks at its k-th operation. A loop over k, until a run ends without having reached k, tries every place in it. */
export type StorageFault = {
  /** The operation that fails, from 1. */
  readonly at: number;
  /** Whether the operations after it fail too. */
  readonly lasts: 'once' | 'for-ever';
  /**
   * `full`: nothing of it is kept, `storage-full`. `broken`: nothing of it is kept, `storage-unavailable`. `unheard`: it is kept, but
   * the writer is told `storage-unavailable`, as when the browser never reports the end of a transaction.
   */
  readonly kind: 'full' | 'broken' | 'unheard';
};

type Places = { readonly journal: RunJournal; readonly answers: AnswerCache };

export type FailingStorage = Places & {
  /** Operations so far: a fault at a larger number was never reached. */
  readonly operations: () => number;
};

/** A journal and an answer cache in which one operation, or each from that one on, fails. The places below stay intact. */
export function failingStorage({ journal, answers }: Places, fault: StorageFault): FailingStorage {
  let count = 0;
  const through = async <T>(work: () => Promise<T>): Promise<T> => {
    count += 1;
    const fails = fault.lasts === 'once' ? count === fault.at : count >= fault.at;
    if (!fails) return work();
    if (fault.kind === 'full') throw new AppError('storage-full', {});
    if (fault.kind === 'unheard') await work();
    throw new AppError('storage-unavailable', { reason: `operation ${count} failed on purpose` });
  };
  return {
    journal: {
      read: (run, from) => through(() => journal.read(run, from)),
      append: (run, write) => through(() => journal.append(run, write)),
      open: (run) => through(() => journal.open(run)),
    },
    answers: {
      get: (call) => through(() => answers.get(call)),
      put: (paid) => through(() => answers.put(paid)),
    },
    operations: () => count,
  };
}
