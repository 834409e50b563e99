import type { CandidateId, ExampleId } from '#core/id.ts';
import type { ScoreBook } from '../parts/score-book.ts';

/** Why a prompt was kept or dropped, in words for the person. */

/** A prompt against the best one, on the rows that both answered. */
export type Heat = {
  readonly rows: number;
  /** Right answers, of the prompt and of the best one. */
  readonly right: number;
  readonly best: number;
  /** Difference of the mean grades: right or wrong, and how sure. */
  readonly lead: number;
};

export function heatOf(book: ScoreBook, candidate: CandidateId, best: CandidateId, rows: readonly ExampleId[]): Heat {
  const shared = rows.filter((row) => book.grade(candidate, row) !== undefined && book.grade(best, row) !== undefined);
  const right = (id: CandidateId): number => {
    const found = book.accuracy(id, shared);
    return found ? Math.round(found.value * found.n) : 0;
  };
  const lead = book.difference(candidate, best, shared)?.value ?? 0;
  return { rows: shared.length, right: right(candidate), best: right(best), lead };
}

/** A difference of the mean grades that is none: half of a tenth of a point. */
const hardlyAny = 0.0005;

/** What speaks beside the right answers: where these are as many, or speak the other way. */
function sureness({ right, best, lead }: Heat): string {
  if (Math.abs(lead) < hardlyAny) return '';
  if (lead > 0 && right <= best) return right === best ? ', and it is surer of them' : ', but it is surer of them';
  if (lead < 0 && right >= best)
    return right === best ? ', and it is less sure of them' : ', but it is less sure of them';
  return '';
}

/** @param isGood it would have gone on, but only the better half of a round does. */
export const rejected = (heat: Heat, isGood = false): string =>
  heat.rows === 0
    ? 'Out: none of the rows has an answer with both prompts.'
    : `Out after ${rowsOf(heat)}: ${heat.right} right, the best prompt ${heat.best}${sureness(heat)}${isGood ? '; others of this round did better' : ''}.`;

export const undecided = 'Not decided: the budget ended before it was known on enough rows.';

export function admitted(isKept: boolean, isBest: boolean, heat: Heat): string {
  const score = `${heat.right} of ${rowsOf(heat)} right`;
  if (!isKept)
    return `Held its own (${score}, the best prompt ${heat.best}${sureness(heat)}), but better ones are kept already.`;
  if (!isBest) return `Kept to build on: ${score}, the best prompt ${heat.best}${sureness(heat)}.`;
  const isShorter = heat.right === heat.best && Math.abs(heat.lead) < hardlyAny;
  return `The new best: ${score}, the best before ${heat.best}${isShorter ? ', and it is shorter' : sureness(heat)}.`;
}

const rowsOf = ({ rows }: Heat): string => `${rows} shared ${rows === 1 ? 'row' : 'rows'}`;

export const setAside =
  'With some prompts the probabilities do not fit the answers, perhaps because the model thinks aloud before it answers: for these only right or wrong counts.';
