import { summarize, type ExampleResult, type Summary } from '#core/evaluation.ts';
import type { Candidate } from '#core/prompt.ts';

/** A candidate with its results on one set of examples. */
export type Scored = {
  readonly candidate: Candidate;
  readonly results: readonly ExampleResult[];
  readonly summary: Summary;
};

export const scored = (candidate: Candidate, results: readonly ExampleResult[]): Scored => ({
  candidate,
  results,
  summary: summarize(results),
});

/** Best first by accuracy, then by what decides between equals; a prompt without any answer comes last. */
function compare(a: Scored, b: Scored, byProbability: boolean): number {
  return (
    (b.summary.accuracy?.value ?? -1) - (a.summary.accuracy?.value ?? -1) ||
    (byProbability ? difference(a.summary.crossEntropy?.value, b.summary.crossEntropy?.value) : 0) ||
    a.candidate.prompt.length - b.candidate.prompt.length ||
    (a.candidate.id < b.candidate.id ? -1 : 1)
  );
}

/** Best first by a score; ties by length, since a shorter prompt is cheaper. */
export function bestFirst(
  candidates: readonly Candidate[],
  scoreOf: (candidate: Candidate) => number,
): readonly Candidate[] {
  const scores = new Map(candidates.map((candidate) => [candidate, scoreOf(candidate)]));
  const score = (candidate: Candidate): number => scores.get(candidate) ?? -1;
  return [...candidates].sort(
    (a, b) => score(b) - score(a) || a.prompt.length - b.prompt.length || (a.id < b.id ? -1 : 1),
  );
}

/**
 * Best first: by accuracy; ties, which are common among few rows, by cross entropy (it sees progress while every answer is still
 * wrong); then the shorter prompt.
 * @param byProbability whether the probabilities count at all.
 */
export const ranked = (candidates: Iterable<Scored>, byProbability = true): readonly Scored[] =>
  [...candidates].sort((a, b) => compare(a, b, byProbability));

/** Without a value comes after any value; Infinity − Infinity would be no order at all. */
function difference(a: number | undefined, b: number | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return a - b;
}
