import type { CandidateId, ExampleId } from '#core/id.ts';
import { notCompared, type Procedure, type SearchOutcome } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import { confirm } from './confirmation.ts';
import type { Mean, ScoreBook } from './score-book.ts';
import type { Workbench } from './workbench.ts';

/** How the winner is chosen, on rows that the generator never saw. */
export type ChoiceOptions = {
  /** Prompts that meet on the validation rows, besides the best starting prompt; 0: the winner is chosen on the train rows. */
  readonly finalists: number;
  /** Starting prompts that meet there: more than one where the search knows them on few rows (default: 1). */
  readonly baselines?: number;
  /**
   * A starting prompt that the train rows exclude is not among them: what it would take is spent on the best ones. And where the best
   * prompt is a starting one, the next best takes its other place.
   */
  readonly fillsPlaces?: boolean;
  /** Whatever the search has left is spent on more rows of the choice, unless it was told to stop or its time was up; its plan says so. */
  readonly endsWithAll?: boolean;
};

export type Choice = {
  readonly ended: SearchOutcome['ended'];
  readonly reason: string;
  /** Best first. */
  readonly order: readonly Candidate[];
  /** By how much the train rows put a candidate above the first of the order, and on how many rows that rests; without it the validation rows decide alone. */
  readonly prior?: ((candidate: Candidate) => Mean) | undefined;
};

/**
 * Questions by which a driver finds out what the models accept: they are of the same budget, and the search does not hear of them. Left
 * alone, or how many rows the choice is made on would hang on what an earlier run had paid for.
 */
export const firstQuestions = 8;
/** Shared rows that a prompt has to lose, and win none, to be out of the question: by chance one in 32, and half of the rows besides. */
const excludedBy = 5;

/** Ends a search: the first of the order and the best starting prompts meet on validation rows, and the best there wins. */
export function* chooseWinner(
  bench: Workbench,
  { finalists: most, baselines = 1, fillsPlaces = false, endsWithAll = false }: ChoiceOptions,
  { ended, reason, order, prior }: Choice,
): Procedure<SearchOutcome> {
  const { book, validation, finalRows: fewest, calls } = bench;
  const seed = bench.bestSeed();
  const best = order[0] ?? seed;
  // two starting prompts are no progress
  const baseline = best.origin.type === 'start' ? best : seed;
  if (most === 0 || validation.length === 0) return { best: best.id, baseline: baseline.id, reason, ended };
  const seeds = bestSeeds(bench, seed, baselines);
  const rivals = fillsPlaces ? seeds.filter(({ id }) => !isExcluded(book, id, best.id)) : seeds;
  // where no starting prompt is in question, or the best one is a starting prompt, the second best is
  const isFree = rivals.length === 0 || (fillsPlaces && rivals.includes(best));
  const finalists = [...new Set([...order.slice(0, most + Number(isFree)), ...rivals])];
  const spends = endsWithAll && !bench.isStopped && !bench.isCutShort;
  const held = spends ? Math.floor((calls.all - calls.asked - firstQuestions) / finalists.length) : 0;
  let examples: readonly ExampleId[] = validation.slice(0, Math.max(fewest.length, held));
  const isReserved = (): boolean => examples.length <= fewest.length;
  let standings = yield* confirm(finalists, examples, book, prior, isReserved());
  // lost calls may have taken more than was counted here, or the minutes are up: what was reserved is there in any case
  while (standings === 'exhausted' && !isReserved()) {
    examples = examples.slice(0, fewest.length + Math.floor((examples.length - fewest.length) / 2));
    standings = yield* confirm(finalists, examples, book, prior, isReserved());
  }
  if (standings === 'exhausted') {
    const short = `${reason} ${notCompared}`;
    return { best: best.id, baseline: baseline.id, reason: short, ended };
  }
  // chosen on the same rows as the winner: two starting prompts that swapped places are no progress
  const start = standings.find(({ origin }) => origin.type === 'start') ?? seed;
  return { best: standings[0]?.id ?? best.id, baseline: start.id, reason, ended };
}

/** The best starting prompt, and those that come next, as far as the rows that they share with it tell. */
function bestSeeds({ book, context }: Workbench, best: Candidate, count: number): readonly Candidate[] {
  const value = ({ id }: Candidate): number => book.estimate(id, best.id);
  const others = context.seeds.filter(({ id }) => id !== best.id).sort((a, b) => value(b) - value(a));
  return [best, ...others.slice(0, count - 1)];
}

/** Far behind on the rows that both answered, and right on none where the other is wrong, over enough rows to be no chance. */
function isExcluded(book: ScoreBook, candidate: CandidateId, best: CandidateId): boolean {
  const shared = book.rows(candidate).filter((row) => book.grade(best, row) !== undefined);
  const isRight = (id: CandidateId, row: ExampleId): boolean => book.accuracy(id, [row])?.value === 1;
  const lost = shared.filter((row) => isRight(best, row) && !isRight(candidate, row)).length;
  const won = shared.filter((row) => !isRight(best, row) && isRight(candidate, row)).length;
  return won === 0 && lost >= excludedBy && lost >= shared.length / 2;
}
