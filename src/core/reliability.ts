import type { Completion } from './completion.ts';
import type { ExampleResult } from './evaluation.ts';
import { readBy } from './reading.ts';
import { wilson, type Interval } from './statistics/intervals.ts';
import type { AnswerReading } from './task.ts';

/** An answer with the probability that the model gave it, and whether it was right. */
export type JudgedAnswer = { readonly probability: number; readonly right: boolean };

export type ReliabilityBin = {
  /** From this probability on, up to the next one; the last bin holds 1. */
  readonly from: number;
  readonly to: number;
  readonly n: number;
  readonly right: number;
  /** Mean probability of the answers in it. */
  readonly probability: number;
  /** Share of right answers with Wilson's 95 % interval. */
  readonly share: Interval;
};

/** Whether a model is right as often as it is sure. */
export type Reliability = {
  /** Bins of equal width that hold answers, from the lowest on. */
  readonly bins: readonly ReliabilityBin[];
  readonly n: number;
  /**
   * By how much share and probability differ, the mean over the answers. M. P. Naeini et al., AAAI 2015. With few answers it is
   * above zero even for a model that is perfectly calibrated.
   */
  readonly calibrationError: number;
};

/** Bins answers by their probability, 0…1. Undefined without any answer. */
export function reliabilityOf(answers: readonly JudgedAnswer[], bins = 10): Reliability | undefined {
  if (answers.length === 0) return undefined;
  const members = Array.from({ length: bins }, (): JudgedAnswer[] => []);
  for (const answer of answers) members[Math.min(bins - 1, Math.floor(answer.probability * bins))]?.push(answer);
  const full = members.flatMap((inside, place): ReliabilityBin[] => {
    const n = inside.length;
    if (n === 0) return [];
    const right = inside.filter((answer) => answer.right).length;
    const probability = inside.reduce((sum, answer) => sum + answer.probability, 0) / n;
    return [{ from: place / bins, to: (place + 1) / bins, n, right, probability, share: wilson(right, n) }];
  });
  const gaps = full.reduce((sum, { n, probability, share }) => sum + n * Math.abs(share.value - probability), 0);
  return { bins: full, n: answers.length, calibrationError: gaps / answers.length };
}

/**
 * Probability that the model gave to the answer it wrote: that of the first token of the part that counts which holds a letter or a
 * digit. Other ways to write the same token are not added, so it is a little low. Undefined without log-probabilities.
 */
export function givenProbability(
  completion: Pick<Completion, 'text' | 'tokens'>,
  reading?: AnswerReading,
): number | undefined {
  const token = readBy(completion, reading).tokens?.find((one) => /[\p{L}\p{N}]/u.test(one.token));
  if (!token || !Number.isFinite(token.logprob)) return undefined;
  return Math.min(1, Math.exp(token.logprob));
}

/**
 * The probabilities of the right answers, from what a run keeps of each: for runs whose whole answers are not in this browser. Where the
 * right answer is not among the listed ones, only an upper bound is known, and it is left out.
 */
export const rightAnswerProbabilities = (results: Iterable<ExampleResult>): readonly JudgedAnswer[] =>
  [...results].flatMap((result) =>
    result.type === 'answered' &&
    (result.outcome === 'right' || result.outcome === 'wrong') &&
    result.crossEntropy.type === 'scored' &&
    result.crossEntropy.bound === 'exact'
      ? [{ probability: Math.exp(-result.crossEntropy.value), right: result.outcome === 'right' }]
      : [],
  );
