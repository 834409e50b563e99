import type { ExampleId } from '#core/id.ts';
import type { Procedure } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import type { Workbench } from '../parts/workbench.ts';

/** When to stop because more prompts would gain nothing. */

/** No wrong answer on so many rows, and so sure of them: then the others are asked too. */
const headroomRows = 40;
const firstStep = 10;
const sureOf = 0.95;
/** So many prompts were tried, and no more than this share of their answers differs from the best one's. */
const triedPrompts = 20;
const differingShare = 0.02;

/** Every answer that is known is right, and the model is sure of them. */
const isPerfect = ({ book }: Workbench, { id }: Candidate): boolean =>
  book.accuracy(id)?.value === 1 && (book.mean(id)?.value ?? 0) >= 1 - (1 - sureOf) * book.weight;

/**
 * Whether the incumbent leaves anything to be gained; it is asked about more rows to know.
 * @param order of the train rows.
 */
export function* hasHeadroom(bench: Workbench, incumbent: Candidate, order: readonly ExampleId[]): Procedure<boolean> {
  // in growing steps: the first wrong answer tells enough, and what is left of the budget is for the search
  for (let rows = headroomRows, step = firstStep; isPerfect(bench, incumbent); rows += step, step *= 2) {
    if (!(yield* bench.evaluate([incumbent], order.slice(0, rows)))) return true;
    if (rows >= order.length) return !isPerfect(bench, incumbent);
  }
  return true;
}

/** The same of a later incumbent, without asking: only where it is known on every row that it does not show itself, half of them at least. */
export function isSettled(bench: Workbench, incumbent: Candidate, order: readonly ExampleId[]): boolean {
  const asked = order.length - (incumbent.demos?.examples.length ?? 0);
  return bench.book.rows(incumbent.id).length >= Math.max(asked, order.length / 2) && isPerfect(bench, incumbent);
}

/**
 * Whether the prompts that were tried hardly change the answers: then more of them will not either. Right against not right, on the
 * rows that each shares with the incumbent.
 * @param leastRows that a prompt has to share on average.
 */
export function hasNoEffect(bench: Workbench, incumbent: Candidate, leastRows: number): boolean {
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
  return shared >= others.length * leastRows && unlike <= differingShare * shared;
}
