import { createRandom } from '#lib/random.ts';
import type { ExampleResult } from './evaluation.ts';
import type { ExampleId } from './id.ts';
import { bootstrapMean } from './statistics/bootstrap.ts';
import type { Interval } from './statistics/intervals.ts';
import { mostFlipped, signFlipP } from './statistics/sign-flip.ts';

/** By how much the right answers surprise a model more under one prompt than under another. */
export type EntropyDifference = Interval & {
  readonly n: number;
  /** Whether chance alone would seldom (5 %) make such a difference. */
  readonly clear: boolean;
};

/**
 * Cross entropy of the first minus that of the second in nats, over the rows where both are known and neither is only a bound; below zero
 * the first is better. The interval is a paired bootstrap; with few rows an exact sign-flip test says whether the difference is clear.
 * Undefined with fewer than two such rows.
 */
export function entropyDifference(
  a: ReadonlyMap<ExampleId, ExampleResult>,
  b: ReadonlyMap<ExampleId, ExampleResult>,
): EntropyDifference | undefined {
  const differences = [...a].flatMap(([row, result]) => {
    const [mine, theirs] = [known(result), known(b.get(row))];
    return mine === undefined || theirs === undefined ? [] : [mine - theirs];
  });
  const n = differences.length;
  if (n < 2) return undefined;
  const interval = bootstrapMean(differences, createRandom('entropy difference'));
  const clear = n <= mostFlipped ? signFlipP(differences) <= 0.05 : interval.lo > 0 || interval.hi < 0;
  return { ...interval, n, clear };
}

function known(result: ExampleResult | undefined): number | undefined {
  if (result?.type !== 'answered' || result.crossEntropy.type === 'unscored') return undefined;
  return result.crossEntropy.bound === 'at-least' ? undefined : result.crossEntropy.value;
}
