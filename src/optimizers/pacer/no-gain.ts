import type { ExampleId } from '#core/id.ts';
import type { Procedure } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import { isPerfect, nothingToGain } from '../parts/no-gain.ts';
import type { Workbench } from '../parts/workbench.ts';

/** When to stop because more prompts would gain nothing. */

/** No wrong answer on so many rows, and so sure of them: then the others are asked too. */
const headroomRows = 40;
const firstStep = 10;
/** So many prompts were tried, and no more than this share of their answers differs from the best one's. */
const triedPrompts = 20;
const differingShare = 0.02;
/** On so many rows each on average: fewer say too little. */
const evidenceRows = 5;

/**
 * Whether the incumbent leaves anything to be gained; while it makes no mistake it is asked about more rows to know, until a mistake shows
 * what to work on. Nothing is to be gained where all rows are known that it does not show itself, half of them at least.
 * @param order of the train rows.
 */
export function* hasHeadroom(bench: Workbench, incumbent: Candidate, order: readonly ExampleId[]): Procedure<boolean> {
  const least = order.length / 2;
  // in growing steps: the first wrong answer tells enough, and what is left of the budget is for the search
  for (let rows = headroomRows, step = firstStep; isPerfect(bench, incumbent); rows += step, step *= 2) {
    if (!(yield* bench.evaluate([incumbent], order.slice(0, rows)))) return true;
    if (rows >= order.length) return !isPerfect(bench, incumbent) || bench.book.rows(incumbent.id).length < least;
  }
  return true;
}

/** The same in words: rows that failed are missing, and nobody says that they would be right. */
export const noHeadroom = ({ book }: Workbench, { id }: Candidate): string =>
  [...book.resultsOf(id).values()].some(({ type }) => type === 'failed')
    ? 'Nothing to gain: the best prompt gets every training row right that was answered.'
    : nothingToGain;

/**
 * Whether the prompts that were tried hardly change the answers: then more of them will not either. Right against not right, on the
 * rows that each shares with the incumbent.
 */
export function hasNoEffect(bench: Workbench, incumbent: Candidate): boolean {
  const { book } = bench;
  const others = bench.candidates().filter(({ id }) => id !== incumbent.id);
  // where nothing is right yet, the probabilities may still rise
  if (others.length < triedPrompts || (book.accuracy(incumbent.id)?.value ?? 0) === 0) return false;
  let [shared, unlike] = [0, 0];
  for (const other of others)
    for (const [row, result] of book.resultsOf(other.id)) {
      const mine = book.result(incumbent.id, row);
      if (result.type === 'failed' || mine?.type !== 'answered') continue;
      shared += 1;
      if ((result.outcome === 'right') !== (mine.outcome === 'right')) unlike += 1;
    }
  return shared >= others.length * evidenceRows && unlike <= differingShare * shared;
}
