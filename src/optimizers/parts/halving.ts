import type { ExampleId } from '#core/id.ts';
import type { Procedure } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import type { Workbench } from './workbench.ts';

/** A race in which the rows double and the worse half leaves; all who are still in it answer the same rows. */
export type Halving = {
  readonly round: number;
  /** Shared rows, in the order in which they are asked. */
  readonly rows: readonly ExampleId[];
  /** Rows of the first rung. */
  readonly first: number;
};

/** Best first by the mean grade on these rows; ties by length, since a shorter prompt is cheaper. */
export const byMean = (
  { book }: Workbench,
  candidates: readonly Candidate[],
  rows: readonly ExampleId[],
): readonly Candidate[] => {
  const means = new Map(candidates.map(({ id }) => [id, book.mean(id, rows)?.value ?? -1]));
  return [...candidates].sort(
    (a, b) =>
      (means.get(b.id) ?? -1) - (means.get(a.id) ?? -1) || a.prompt.length - b.prompt.length || (a.id < b.id ? -1 : 1),
  );
};

/**
 * One rung: all candidates on the same rows, best first, and the `stay` best of them go on. `exhausted`: the budget does not hold it,
 * and nothing was asked.
 */
export function* rung(
  bench: Workbench,
  place: { readonly round: number; readonly rung: number },
  candidates: readonly Candidate[],
  rows: readonly ExampleId[],
  stay: number,
): Procedure<readonly Candidate[] | 'exhausted'> {
  if (!(yield* bench.evaluate(candidates, rows))) return 'exhausted';
  const order = byMean(bench, candidates, rows);
  yield* bench.announce({
    type: 'race-rung',
    ...place,
    rows: rows.length,
    standings: order.map(({ id }) => {
      const mean = bench.book.mean(id, rows);
      return { candidate: id, score: mean?.value ?? 0, rows: mean?.n ?? 0 };
    }),
    out: order.slice(stay).map(({ id }) => id),
  });
  return order;
}

/**
 * Sequential halving (Karnin, Koren, Somekh 2013) on shared rows; the last one is brought to all rows, so that it can be compared with
 * those that are known on all. Best first; who left earlier comes later. `complete`: the budget held the whole race.
 */
export function* halve(
  bench: Workbench,
  candidates: readonly Candidate[],
  race: Halving,
): Procedure<{ readonly order: readonly Candidate[]; readonly complete: boolean }> {
  let alive = candidates;
  let out: readonly Candidate[] = [];
  for (const [index, step] of rungsOf(candidates.length, race.rows.length, race.first).entries()) {
    const isLast = step.rows === race.rows.length;
    const stay = isLast ? alive.length : Math.ceil(alive.length / 2);
    const order = yield* rung(
      bench,
      { round: race.round, rung: index + 1 },
      alive,
      race.rows.slice(0, step.rows),
      stay,
    );
    if (order === 'exhausted') return { order: [...alive, ...out], complete: false };
    alive = order.slice(0, stay);
    out = [...order.slice(stay), ...out];
  }
  return { order: [...alive, ...out], complete: true };
}

/** Cells that halving takes for so many candidates without any result. */
export const halvingCells = (candidates: number, rows: number, first: number): number =>
  rungsOf(candidates, rows, first).reduce((sum, step) => sum + step.alive * step.added, 0);

function rungsOf(
  candidates: number,
  rows: number,
  first: number,
): readonly { readonly alive: number; readonly rows: number; readonly added: number }[] {
  const rungs: { alive: number; rows: number; added: number }[] = [];
  for (let alive = candidates, known = 0; candidates > 0 && known < rows; alive = Math.ceil(alive / 2)) {
    const next = alive === 1 ? rows : Math.min(rows, known === 0 ? first : 2 * known);
    rungs.push({ alive, rows: next, added: next - known });
    known = next;
  }
  return rungs;
}
