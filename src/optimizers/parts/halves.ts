import type { ExampleId } from '#core/id.ts';
import type { Procedure } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import type { Workbench } from './workbench.ts';

/** Rows of the first rung of a race: with fewer, chance decides alone. */
const fewest = 5;

type Rung = { readonly rows: number; readonly enter: number };

/** Rows and runners of each rung: the better half goes on, to twice the rows, until all rows are known of the last ones. */
function rungsOf(count: number, rows: number, last: number): readonly Rung[] {
  const depth = Math.max(0, Math.ceil(Math.log2(count / Math.max(1, last))));
  const rungs: Rung[] = [];
  let enter = count;
  let known = Math.min(rows, Math.max(fewest, Math.ceil(rows / 2 ** depth)));
  while (enter > last && known < rows) {
    rungs.push({ rows: known, enter });
    enter = Math.ceil(enter / 2);
    known = Math.min(rows, known * 2);
  }
  return [...rungs, { rows, enter }];
}

/** The most cells that a race takes. */
export const raceCells = (count: number, rows: number, last: number): number =>
  rungsOf(count, rows, last).reduce(
    (sum, rung, index, all) => sum + rung.enter * (rung.rows - (all[index - 1]?.rows ?? 0)),
    0,
  );

/**
 * Sequential halving on shared rows: after each rung the better half goes on. Scores are paired with a reference that is known on all
 * rows, so that a prompt that shows one of the rows is not judged by another set than the rest.
 * @param rows all train rows, in the order in which they are asked.
 * @returns those that all rows are known of, best first; `exhausted` where the budget ended in between.
 */
export function* raceByHalves(
  bench: Workbench,
  round: number,
  candidates: readonly Candidate[],
  rows: readonly ExampleId[],
  { last, reference }: { readonly last: number; readonly reference: Candidate },
): Procedure<readonly Candidate[] | 'exhausted'> {
  if (candidates.length === 0) return [];
  const scoreOf = ({ id }: Candidate): number => bench.book.estimate(id, reference.id);
  const rungs = rungsOf(candidates.length, rows.length, last);
  let running = candidates;
  for (const [index, rung] of rungs.entries()) {
    if (!(yield* bench.evaluate(running, rows.slice(0, rung.rows)))) return 'exhausted';
    const standings = [...running].sort((a, b) => scoreOf(b) - scoreOf(a));
    running = standings.slice(0, rungs[index + 1]?.enter ?? standings.length);
    yield* bench.announce({
      type: 'race-rung',
      round,
      rung: index + 1,
      rows: rung.rows,
      standings: standings.map((candidate) => ({
        candidate: candidate.id,
        score: scoreOf(candidate),
        rows: bench.book.rows(candidate.id).length,
      })),
      out: standings.slice(running.length).map(({ id }) => id),
    });
  }
  return running;
}
