import { AppError } from '#core/error.ts';
import type { RunId } from '#core/id.ts';
import type { JournalWrite, RunJournal } from '#core/journal.ts';
import { assert } from '#lib/assert.ts';
import { keepAnswers } from './answers.ts';
import type { Database } from './database.ts';

/** The keys of a run's blocks that hold entries from this sequence number on. */
export const blocksOf = (run: RunId, from = -Infinity): IDBKeyRange => IDBKeyRange.bound([run, from], [run, Infinity]);
/** The keys of a run's requests that are under way: in the order of keys, a list comes after every text. */
export const attemptsOf = (run: RunId): IDBKeyRange => IDBKeyRange.bound([run, ''], [run, []]);

export const createJournal = (database: Database): RunJournal => ({
  async read(run, from) {
    const blocks = await database.read(['journal'], ({ store }) => store.getAll(blocksOf(run, from)));
    const entries = blocks.flat();
    return from === undefined ? entries : entries.filter(({ seq }) => seq >= from);
  },

  append: (run, write) =>
    database.write(['journal', 'answers', 'attempts'], async (transaction) => {
      const { entries, answers, sent, settled } = write;
      const journal = transaction.objectStore('journal');
      const attempts = transaction.objectStore('attempts');
      const end = await journal.openKeyCursor(blocksOf(run), 'prev');
      const last = checkPlace(run, end?.key[1], write);
      if (entries.length > 0) await journal.add(entries, [run, last]);
      await keepAnswers(transaction.objectStore('answers'), answers);
      await Promise.all(sent.map(async (attempt) => attempts.add(attempt, [run, attempt.id])));
      await Promise.all(settled.map((id) => attempts.delete([run, id])));
    }),

  open: (run) => database.read(['attempts'], ({ store }) => store.getAll(attemptsOf(run))),
});

/**
 * Whether this may follow a journal that ends at `end` (undefined: there is none); the sequence number at which it ends then. The
 * fence holds for writes without entries too: a driver that was replaced must not write down another request and send it.
 */
export function checkPlace(
  run: RunId,
  end: number | undefined,
  { next, entries, sent, settled }: Pick<JournalWrite, 'next' | 'entries' | 'sent' | 'settled'>,
): number {
  for (const [index, { seq }] of entries.entries())
    assert(seq === next + index, `entries of run ${run} are not in a row: ${seq} in place of ${next + index}`);
  if (end === undefined) {
    // a journal without its start would be one that came back after it was deleted
    const begins = entries[0] ? entries[0].event.type === 'run-started' : sent.length + settled.length === 0;
    if (next !== 0 || !begins) throw new AppError('run-missing', { run });
  } else if (next !== end + 1) throw new AppError('run-busy', { run });
  return next + entries.length - 1;
}
