import type { ExampleId } from '#core/id.ts';
import { perform, type Procedure } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import { ScoreBook, type Mean } from './score-book.ts';

/** Share of all calls that goes into the choice of the winner, and the fewest rows that it is made on. */
const finalShare = 0.15;
const leastRows = 10;

/** Rows that the budget lets the choice of the winner be made on: as many as 15 % of the calls hold, and ten at the least. */
export const affordableRows = (calls: number, finalists: number): number =>
  Math.max(leastRows, Math.round((finalShare * calls) / (finalists + 1)));

/**
 * The finalists on validation rows, which the generator never saw, best first; `exhausted`: the budget does not hold it.
 * @param book says how rows are graded.
 * @param prior by how much the train rows put a candidate above the first finalist, and on how many rows that rests; without it the
 * validation rows decide alone.
 * @param isReserved calls for so many rows were kept all along; what goes beyond them ends with the limit of minutes.
 */
export function* confirm(
  finalists: readonly Candidate[],
  examples: readonly ExampleId[],
  book = new ScoreBook(),
  prior?: (candidate: Candidate) => Mean,
  isReserved = true,
): Procedure<readonly Candidate[] | 'exhausted'> {
  const told = yield* perform('evaluate', {
    ...{ candidates: finalists, examples, split: 'validation', keep: 0 },
    ...(isReserved ? { reserved: true } : {}),
  });
  if (told.status === 'exhausted') return 'exhausted';
  const all = book.blank();
  all.record(finalists, examples, told.result);
  // paired: a row that failed for one of them, or that one of them shows, says nothing about the others
  const shared = examples.filter((example) => finalists.every(({ id }) => all.grade(id, example) !== undefined));
  const final = book.blank();
  final.record(finalists, shared.length > 0 ? shared : examples, told.result);
  if (!prior) return final.ranked(finalists).map(({ candidate }) => candidate);
  const [reference] = finalists;
  // differences to one of them: levels on different rows would let the hardness of the rows decide
  const value = (candidate: Candidate): number =>
    reference ? blended(final.difference(candidate.id, reference.id), prior(candidate)) : 0;
  return [...finalists].sort(
    (a, b) => value(b) - value(a) || a.prompt.length - b.prompt.length || finalists.indexOf(a) - finalists.indexOf(b),
  );
}

/** Both means in one, each weighing as its rows; the prior no more than the rows it is joined with. */
function blended(final: Mean | undefined, prior: Mean): number {
  if (!final) return prior.value;
  const n = Math.min(prior.n, final.n);
  return (final.value * final.n + prior.value * n) / (final.n + n);
}
