import type { ExampleId } from '#core/id.ts';
import type { Procedure, SearchFact } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import { bestFirst } from './ranking.ts';
import { cellsOf, rungsFrom, rungsTo, type Rung } from './rungs.ts';
import type { Workbench } from './workbench.ts';

/**
 * Sequential halving on shared rows (Z. Karnin et al., ICML 2013; paired as in F-race): all are asked about the first rows, the better
 * half about twice as many, and so on. No test and no threshold: it cannot stop early by mistake.
 */

/** How the prompts of a rung are told apart. */
type Judge = {
  /** Best first. */
  readonly order: (candidates: readonly Candidate[], rows: readonly ExampleId[]) => readonly Candidate[];
  /** What the standings say of one, and on how many rows that rests. */
  readonly standing: (
    candidate: Candidate,
    rows: readonly ExampleId[],
  ) => { readonly score: number; readonly rows: number };
};

type Raced = {
  /** Best first; who left earlier comes later. */
  readonly order: readonly Candidate[];
  /** The budget held the whole race. */
  readonly complete: boolean;
};

/** Best first by the mean grade on these rows, each where both have one; ties by length, since a shorter prompt is cheaper. */
export const byMean = (
  { book }: Workbench,
  candidates: readonly Candidate[],
  rows: readonly ExampleId[],
): readonly Candidate[] => bestFirst(candidates, book.leads(candidates, rows));

const byShared = (bench: Workbench): Judge => ({
  order: (candidates, rows) => byMean(bench, candidates, rows),
  standing: ({ id }, rows) => {
    const mean = bench.book.mean(id, rows);
    return { score: mean?.value ?? 0, rows: mean?.n ?? 0 };
  },
});

/**
 * Paired with a reference that is known on all rows, so that a prompt that shows one of the rows is not judged by another set than the
 * rest.
 */
function byReference({ book }: Workbench, reference: Candidate): Judge {
  const score = ({ id }: Candidate): number => book.estimate(id, reference.id);
  return {
    order: (candidates) => [...candidates].sort((a, b) => score(b) - score(a)),
    // the level of the reference and a difference may add up to more than all rows right
    standing: (candidate) => ({
      score: Math.min(1, Math.max(0, score(candidate))),
      rows: book.rows(candidate.id).length,
    }),
  };
}

/** The standings of a rung, for the journal and the screen. */
export const rungFact = (
  bench: Workbench,
  round: number,
  rung: number,
  rows: readonly ExampleId[],
  standings: readonly Candidate[],
  out: readonly Candidate[],
  { standing }: Pick<Judge, 'standing'> = byShared(bench),
): SearchFact => ({
  type: 'race-rung',
  round,
  rung,
  rows: rows.length,
  standings: standings.map((candidate) => ({ candidate: candidate.id, ...standing(candidate, rows) })),
  out: out.map(({ id }) => id),
});

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
  judge = byShared(bench),
): Procedure<readonly Candidate[] | 'exhausted'> {
  if (!(yield* bench.evaluate(candidates, rows))) return 'exhausted';
  const order = judge.order(candidates, rows);
  yield* bench.announce(rungFact(bench, place.round, place.rung, rows, order, order.slice(stay), judge));
  return order;
}

function* race(
  bench: Workbench,
  round: number,
  candidates: readonly Candidate[],
  rows: readonly ExampleId[],
  rungs: readonly Rung[],
  judge: Judge,
  isWorthIt: (alive: readonly Candidate[]) => boolean = () => true,
): Procedure<Raced> {
  let alive = candidates;
  let out: readonly Candidate[] = [];
  for (const [index, { rows: known, stay }] of rungs.entries()) {
    const order = yield* rung(bench, { round, rung: index + 1 }, alive, rows.slice(0, known), stay, judge);
    if (order === 'exhausted') return { order: [...alive, ...out], complete: false };
    alive = order.slice(0, stay);
    out = [...order.slice(stay), ...out];
    if (!isWorthIt(alive)) break;
  }
  return { order: [...alive, ...out], complete: true };
}

export type Halving = {
  readonly round: number;
  /** Shared rows, in the order in which they are asked. */
  readonly rows: readonly ExampleId[];
  /** Rows of the first rung. */
  readonly first: number;
};

/** Brings its winner to all rows, so that it can be compared with those that are known on all. */
export const halve = (
  bench: Workbench,
  candidates: readonly Candidate[],
  { round, rows, first }: Halving,
): Procedure<Raced> =>
  race(bench, round, candidates, rows, rungsFrom(first, candidates.length, rows.length), byShared(bench));

/** Cells that it takes at the most. */
export const halvingCells = (candidates: number, rows: number, first: number): number =>
  cellsOf(rungsFrom(first, candidates, rows));

const rungsToOne = (first: number, count: number, rows: number): readonly Rung[] =>
  rungsFrom(first, count, rows).filter(({ enter }) => enter > 1);

/** Cells that `halvingRace` takes at the most. */
export const halvingRaceCells = (candidates: number, rows: number, first: number): number =>
  candidates <= 1 ? candidates * Math.min(first, rows) : cellsOf(rungsToOne(first, candidates, rows));

/**
 * Ends as soon as one is left: the archive asks it on. Equal prompts stay in the order in which they came.
 * @param isWorthIt whether those that are left are worth another rung.
 */
export function* halvingRace(
  bench: Workbench,
  round: number,
  candidates: readonly Candidate[],
  rows: readonly ExampleId[],
  first: number,
  isWorthIt: (alive: readonly Candidate[]) => boolean = () => true,
): Procedure<{ readonly order: readonly Candidate[]; readonly spent: boolean }> {
  if (candidates.length <= 1)
    return { order: candidates, spent: !(yield* bench.evaluate(candidates, rows.slice(0, first))) };
  const rungs = rungsToOne(first, candidates.length, rows.length);
  const judge: Judge = {
    ...byShared(bench),
    order: (running, shared) => {
      const lead = bench.book.leads(running, shared);
      return [...running].sort((a, b) => lead(b) - lead(a) || a.prompt.length - b.prompt.length);
    },
  };
  const { order, complete } = yield* race(bench, round, candidates, rows, rungs, judge, isWorthIt);
  return { order, spent: !complete };
}

/**
 * A race that is planned from its end.
 * @param rows all train rows, in the order in which they are asked.
 * @param last so many come through, and are known on all rows.
 * @param reference known on all rows.
 * @returns those, best first; `exhausted` where the budget ended in between.
 */
export function* raceToAllRows(
  bench: Workbench,
  round: number,
  candidates: readonly Candidate[],
  rows: readonly ExampleId[],
  { last, reference }: { readonly last: number; readonly reference: Candidate },
): Procedure<readonly Candidate[] | 'exhausted'> {
  if (candidates.length === 0) return [];
  const rungs = rungsTo(last, candidates.length, rows.length);
  const { order, complete } = yield* race(bench, round, candidates, rows, rungs, byReference(bench, reference));
  return complete ? order.slice(0, rungs.at(-1)?.stay) : 'exhausted';
}

/** Cells that it takes at the most, where one comes through. */
export const raceCells = (candidates: number, rows: number): number =>
  // fewer may take more: the first rung of eight is larger than that of ten
  Math.max(0, ...Array.from({ length: candidates }, (_, fewer) => cellsOf(rungsTo(1, fewer + 1, rows))));
