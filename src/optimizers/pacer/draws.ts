import type { ExampleId } from '#core/id.ts';
import type { Candidate } from '#core/prompt.ts';
import type { Random } from '#lib/random.ts';
import { leads, type Archive } from '../parts/archive.ts';
import type { ScoreBook } from '../parts/score-book.ts';
import { weightedOrder } from '../parts/weighted-order.ts';
import type { Workbench } from '../parts/workbench.ts';

/** What chance decides in a round: on which rows it is raced, and from which prompt a new one is written. */

/**
 * Rows of one round: those that the incumbent knows first, in an order of chance in which doubtful ones tend to come early (they tell
 * prompts apart), then the others. A new order each round: a fixed first block would be overfitted.
 */
export function rowsFor(
  book: ScoreBook,
  incumbent: Candidate,
  order: readonly ExampleId[],
  random: Random,
): readonly ExampleId[] {
  const known = book.rows(incumbent.id);
  const doubt = (row: ExampleId): number => {
    const grade = book.grade(incumbent.id, row) ?? 0.5;
    return 0.2 + 4 * grade * (1 - grade);
  };
  // a row that it shows, or that failed for it, can be no row of a comparison with it
  const useless = new Set([...book.resultsOf(incumbent.id).keys(), ...(incumbent.demos?.examples ?? [])]);
  const open = order.filter((row) => !useless.has(row));
  return [...weightedOrder(known, doubt, random), ...random.fork('open').shuffle(open)];
}

/** Half the incumbent, some of the archive, some that are the best on rows of their own. */
export function drawParent(bench: Workbench, archive: Archive, paretoShare: number, random: Random): Candidate {
  const { incumbent, residents } = archive;
  const draw = random.next();
  if (draw >= paretoShare) return draw < paretoShare + 0.3 ? random.pick(residents) : incumbent;
  const rows = bench.book.rows(incumbent.id);
  const least = Math.min(10, rows.length);
  const known = bench.candidates().filter(({ id }) => bench.book.gradesOf(id).size >= least);
  const counts = leads(known, rows, bench.book);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  let left = random.next() * total;
  return known.find(({ id }) => (left -= counts.get(id) ?? 0) < 0) ?? incumbent;
}
