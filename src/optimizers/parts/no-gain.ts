import type { ExampleId } from '#core/id.ts';
import { isShownBy, type Candidate } from '#core/prompt.ts';
import type { Workbench } from './workbench.ts';

/** So sure of its answers that hardly anything is left to be gained in them. */
const sureOf = 0.95;
/** Without a mistake on fewer rows a prompt may be lucky; all rows do where there are no more. */
const enoughRows = 20;

export const nothingToGain = 'Nothing to gain: the best prompt gets every training row right.';
/** The same of a search that goes by only so many of all training rows: nobody has asked the others. */
export const nothingToGainOn = (rows: number, all: number): string =>
  rows < all
    ? `Nothing to gain: the best prompt gets all ${rows} training rows right that this search goes by.`
    : nothingToGain;

/** Every answer that is known is right, and the model is sure of them. */
export function isPerfect({ book }: Workbench, candidate: Candidate): boolean {
  if (book.accuracy(candidate.id)?.value !== 1) return false;
  // a handful of draws is smoothed, so that it never looks sure, however right: then being right has to do
  const isEstimated = book.scored(candidate).summary.crossEntropy?.estimated ?? false;
  return isEstimated || (book.mean(candidate.id)?.value ?? 0) >= 1 - (1 - sureOf) * book.weight;
}

/**
 * Whether a prompt is right, and sure, on all rows that a search goes by: then no other can be better there. Rows that it shows itself
 * cannot be asked, and half of all must be left; one that failed may be wrong.
 */
export function winsAll(bench: Workbench, candidate: Candidate, rows: readonly ExampleId[]): boolean {
  const isKnown = (row: ExampleId): boolean => bench.book.grade(candidate.id, row) !== undefined;
  const known = rows.filter(isKnown).length;
  const isEnough = known >= enoughRows || (rows.length === bench.context.train.length && known >= rows.length / 2);
  return isEnough && rows.every((row) => isKnown(row) || isShownBy(candidate, row)) && isPerfect(bench, candidate);
}
