import { AppError } from '#core/error.ts';
import type { RunId } from '#core/id.ts';
import type { RunJournal, StoredAnswer } from '#core/journal.ts';
import type { JournalEntry } from '#core/run.ts';
import { assert } from '#lib/assert.ts';
import type { Database } from './database.ts';

/** The keys of a run's blocks that hold entries from this sequence number on. */
export const blocksOf = (run: RunId, from = -Infinity): IDBKeyRange => IDBKeyRange.bound([run, from], [run, Infinity]);

export const createJournal = (database: Database): RunJournal => ({
  async read(run, from) {
    const blocks = await database.read(['journal'], ({ store }) => store.getAll(blocksOf(run, from)));
    const entries = blocks.flat();
    return from === undefined ? entries : entries.filter(({ seq }) => seq >= from);
  },

  append: (run, entries, answers) =>
    database.write(['journal', 'answers'], async (transaction) => {
      const journal = transaction.objectStore('journal');
      const cache = transaction.objectStore('answers');
      const end = await journal.openKeyCursor(blocksOf(run), 'prev');
      const last = checkPlace(run, end?.key[1], entries);
      const known = await Promise.all(answers.map(({ call }) => cache.getKey(call)));
      const missing = firstOfEach(answers.filter((_, index) => known[index] === undefined));
      if (last !== undefined) await journal.add(entries, [run, last]);
      // each in its own promise: a value that cannot be cloned throws at once, with others under way
      await Promise.all(missing.map(async ({ call, completion }) => cache.add(completion, call)));
    }),
});

/** The first answer of each call. */
export const firstOfEach = (answers: readonly StoredAnswer[]): readonly StoredAnswer[] => {
  const seen = new Set<string>();
  return answers.filter(({ call }) => !seen.has(call) && seen.add(call));
};

/**
 * Whether these entries may follow a journal that ends at `end` (undefined: there is none); the sequence number of the last of them.
 * A gap would be a lost fact, and a journal without its start one that came back after it was deleted: neither can be folded.
 */
export function checkPlace(run: RunId, end: number | undefined, entries: readonly JournalEntry[]): number | undefined {
  const [first] = entries;
  if (!first) return undefined;
  for (const [index, { seq }] of entries.entries())
    assert(
      seq === first.seq + index,
      `entries of run ${run} are not in a row: ${seq} in place of ${first.seq + index}`,
    );
  if (end === undefined) {
    if (first.event.type !== 'run-started') throw new AppError('run-missing', { run });
  } else {
    if (first.seq <= end) throw new AppError('run-busy', { run });
    assert(first.seq === end + 1, `the journal of run ${run} ends at ${end}, so ${first.seq} cannot follow`);
  }
  return first.seq + entries.length - 1;
}
