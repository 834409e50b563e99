import { AppError } from '#core/error.ts';
import type { RunId } from '#core/id.ts';
import type { JournalWrite, RunJournal } from '#core/journal.ts';
import type { JournalEntry } from '#core/run.ts';
import { assert } from '#lib/assert.ts';
import { keepAnswers, type Answers } from './answers.ts';
import type { Block } from './blocks.ts';
import type { Database } from './database.ts';
import { blocksOf, blockSize } from './journal-keys.ts';

/** The keys of a run's requests that are under way: in the order of keys, a list comes after every text. */
export const attemptsOf = (run: RunId): IDBKeyRange => IDBKeyRange.bound([run, ''], [run, []]);

/** How blocks are packed is loaded when there is one; a first visit has none. */
const packing = () => import('./blocks.ts');

const isPlain = (blocks: readonly Block[]): blocks is readonly (readonly JournalEntry[])[] =>
  !blocks.some((block) => 'packed' in block);

export function createJournal(database: Database, learn: Answers['learn'] = () => undefined): RunJournal {
  /** Entries that this connection wrote since it last packed the run. */
  const loose = new Map<RunId, number>();

  /** In the background: it makes reading faster and nothing else, so its failure is nobody's concern. */
  const packWhenDue = (run: RunId, { entries }: JournalWrite): void => {
    const count = (loose.get(run) ?? 0) + entries.length;
    const ended = entries.at(-1)?.event.type === 'run-ended';
    loose.set(run, count < blockSize ? count : 0);
    if (ended) loose.delete(run);
    if (!ended && count < blockSize) return;
    const pack = async (): Promise<void> => {
      const { packBlocks } = await packing();
      await database.write(['journal'], ({ store }) => packBlocks(store, run, ended));
    };
    pack().catch(() => undefined);
  };

  /**
   * Each request waits for this before it is sent, so it is quick: it keeps clear of the answers, and survives a killed browser though
   * not a power cut. What a power cut takes is the note that a request may have been charged, never an answer.
   */
  const noteRequests = (run: RunId, write: JournalWrite): Promise<void> =>
    database.write(
      ['journal', 'attempts'],
      async (transaction) => {
        const end = await transaction.objectStore('journal').openKeyCursor(blocksOf(run), 'prev');
        checkPlace(run, end?.key[1], write);
        const attempts = transaction.objectStore('attempts');
        await Promise.all(write.sent.map(async (attempt) => attempts.add(attempt, [run, attempt.id])));
      },
      'relaxed',
    );

  return {
    async read(run, from) {
      const blocks = await database.read(['journal'], ({ store }) => store.getAll(blocksOf(run, from)));
      const entries = isPlain(blocks) ? blocks.flat() : (await packing()).entriesIn(blocks);
      return from === undefined ? entries : entries.filter(({ seq }) => seq >= from);
    },

    async append(run, write) {
      const { next, entries, answers, sent, settled } = write;
      if (entries.length + answers.length + settled.length === 0) {
        await noteRequests(run, write);
        return;
      }
      const blocks = entries.length >= blockSize ? await packing() : undefined;
      await database.write(['journal', 'answers', 'attempts'], async (transaction) => {
        const journal = transaction.objectStore('journal');
        const attempts = transaction.objectStore('attempts');
        const end = await journal.openKeyCursor(blocksOf(run), 'prev');
        checkPlace(run, end?.key[1], write);
        if (blocks) await blocks.addBlocks(journal, run, entries);
        else if (entries.length > 0) await journal.add(entries, [run, next + entries.length - 1]);
        await keepAnswers(transaction.objectStore('answers'), answers);
        await Promise.all(sent.map(async (attempt) => attempts.add(attempt, [run, attempt.id])));
        await Promise.all(settled.map((id) => attempts.delete([run, id])));
      });
      learn(answers);
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
