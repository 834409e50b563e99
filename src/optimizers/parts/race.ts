import type { ExampleId } from '#core/id.ts';
import type { Procedure, SearchFact } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import type { Workbench } from './workbench.ts';

/** What a race came to. `spent`: the budget ended it early. */
export type RaceEnd = { readonly order: readonly Candidate[]; readonly spent: boolean };

/**
 * Sequential halving on shared rows (Z. Karnin et al., ICML 2013; paired as in F-race): all are asked about the first rows, the better
 * half about twice as many, until one is left or the rows end. No test and no threshold: it cannot stop early by mistake.
 * @param rows in the order in which they are asked.
 * @param first rows of the first rung.
 * @returns the candidates, best first: survivors of later rungs before those of earlier ones.
 */
export function* halvingRace(
  bench: Workbench,
  round: number,
  candidates: readonly Candidate[],
  rows: readonly ExampleId[],
  first: number,
): Procedure<RaceEnd> {
  let alive = candidates;
  const beaten: Candidate[] = [];
  const order = (): readonly Candidate[] => [...alive, ...beaten];
  for (let rung = 1, asked = first; ; rung++, asked *= 2) {
    const shared = rows.slice(0, asked);
    if (!(yield* bench.evaluate(alive, shared))) return { order: order(), spent: true };
    const standings = byGrade(bench, alive, shared);
    const keep = Math.ceil(standings.length / 2);
    const isLast = standings.length <= 1 || shared.length >= rows.length;
    const out = isLast ? [] : standings.slice(keep);
    alive = standings.slice(0, standings.length - out.length);
    beaten.unshift(...out);
    if (candidates.length > 1) yield* bench.announce(rungFact(bench, round, rung, shared, standings, out));
    if (isLast || alive.length <= 1) return { order: order(), spent: false };
  }
}

/** Best first by the mean grade on these rows; the shorter prompt where they are equal. */
const byGrade = (
  bench: Workbench,
  candidates: readonly Candidate[],
  rows: readonly ExampleId[],
): readonly Candidate[] =>
  candidates
    .map((candidate, index) => ({ candidate, index, value: bench.book.mean(candidate.id, rows)?.value ?? -1 }))
    .sort((a, b) => b.value - a.value || a.candidate.prompt.length - b.candidate.prompt.length || a.index - b.index)
    .map(({ candidate }) => candidate);

/** The standings of a rung, for the journal and the screen. */
export const rungFact = (
  { book }: Workbench,
  round: number,
  rung: number,
  rows: readonly ExampleId[],
  standings: readonly Candidate[],
  out: readonly Candidate[],
): SearchFact => ({
  type: 'race-rung',
  round,
  rung,
  rows: rows.length,
  standings: standings.map(({ id }) => {
    const mean = book.mean(id, rows);
    return { candidate: id, score: mean?.value ?? 0, rows: mean?.n ?? 0 };
  }),
  out: out.map(({ id }) => id),
});
