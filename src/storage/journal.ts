import { AppError } from '#core/error.ts';
import type { RunId } from '#core/id.ts';
import type { JournalWrite, RunJournal } from '#core/journal.ts';
import { assert } from '#lib/assert.ts';
import { keepAnswers } from './answers.ts';
import { addBlocks, blocksOf, entriesIn, packBlocks } from './blocks.ts';
import type { Database } from './database.ts';
import { blockSize } from './packed.ts';

/** The keys of a run's requests that are under way: in the order of keys, a list comes after every text. */
export const attemptsOf = (run: RunId): IDBKeyRange => IDBKeyRange.bound([run, ''], [run, []]);

export function createJournal(database: Database): RunJournal {
  /** Entries that this connection wrote since it last packed the run. */
  const loose = new Map<RunId, number>();

  /** In the background: it makes reading faster and nothing else, so its failure is nobody's concern. */
  const packWhenDue = (run: RunId, { entries }: JournalWrite): void => {
    const count = (loose.get(run) ?? 0) + entries.length;
    const ended = entries.at(-1)?.event.type === 'run-ended';
    loose.set(run, count < blockSize ? count : 0);
    if (ended) loose.delete(run);
    if (!ended && count < blockSize) return;
    database.write(['journal'], ({ store }) => packBlocks(store, run, ended)).catch(() => undefined);
  };

  return {
    async read(run, from) {
      const entries = entriesIn(await database.read(['journal'], ({ store }) => store.getAll(blocksOf(run, from))));
      return from === undefined ? entries : entries.filter(({ seq }) => seq >= from);
    },

    async append(run, write) {
      await database.write(['journal', 'answers', 'attempts'], async (transaction) => {
        const { entries, answers, sent, settled } = write;
        const journal = transaction.objectStore('journal');
        const attempts = transaction.objectStore('attempts');
        const end = await journal.openKeyCursor(blocksOf(run), 'prev');
        checkPlace(run, end?.key[1], write);
        await addBlocks(journal, run, entries);
        await keepAnswers(transaction.objectStore('answers'), answers);
        await Promise.all(sent.map(async (attempt) => attempts.add(attempt, [run, attempt.id])));
        await Promise.all(settled.map((id) => attempts.delete([run, id])));
      });
      packWhenDue(run, write);
    },

    open: (run) => database.read(['attempts'], ({ store }) => store.getAll(attemptsOf(run))),
  };
}

/**
 * Whether this may follow a journal that ends at `end` (undefined: there is none). The fence holds for writes without entries too: a
 * driver that was replaced must not write down another request and send it.
 */
export function checkPlace(
  run: RunId,
  end: number | undefined,
  { next, entries, sent, settled }: Pick<JournalWrite, 'next' | 'entries' | 'sent' | 'settled'>,
): void {
  for (const [index, { seq }] of entries.entries())
    assert(seq === next + index, `entries of run ${run} are not in a row: ${seq} in place of ${next + index}`);
  if (end === undefined) {
    // a journal without its start would be one that came back after it was deleted
    const begins = entries[0] ? entries[0].event.type === 'run-started' : sent.length + settled.length === 0;
    if (next !== 0 || !begins) throw new AppError('run-missing', { run });
  } else if (next !== end + 1) throw new AppError('run-busy', { run });
}
