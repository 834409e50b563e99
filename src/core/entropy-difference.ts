import { createRandom } from '#lib/random.ts';
import type { ExampleResult } from './evaluation.ts';
import type { ExampleId } from './id.ts';
import { bootstrapMean } from './statistics/bootstrap.ts';
import type { Interval } from './statistics/intervals.ts';
import { mcNemarMidP } from './statistics/paired.ts';
import { signFlipP } from './statistics/sign-flip.ts';

/** Of five rows that all agree, chance makes such in one of sixteen cases. */
const fewestKnown = 6;

/** Work that a page can do without being felt, in rows that are drawn. */
const affordable = 4e6;
const fewestDraws = 200;
const drawsOf = (most: number, rows: number): number =>
  Math.max(fewestDraws, Math.min(most, Math.floor(affordable / rows)));

/** By how much the right answers surprise a model more under one prompt than under another. */
export type EntropyDifference = Interval & {
  readonly n: number;
  /** Whether chance alone would seldom (5 %) make such a difference. */
  readonly clear: boolean;
};

/**
 * Cross entropy of the first minus that of the second in nats, over the rows where both are known and neither is only a bound; below zero
 * the first is better. The interval is a paired bootstrap; a sign-flip test says whether the difference is clear, since the bootstrap is too
 * sure of itself where few rows differ much.
 * Rows with a bound are left out of both, and they are the ones that surprise most: a difference is clear only where a sign test over all
 * rows agrees, in which a row that does not tell its direction speaks against it. Undefined with fewer than six known rows: no difference
 * can be clear there, and an interval from so few does not hold what it says.
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
  if (n < fewestKnown) return undefined;
  const interval = bootstrapMean(differences, createRandom('entropy difference'), drawsOf(2000, n));
  const isClear = signFlipP(differences, createRandom('entropy signs'), drawsOf(4000, n)) <= 0.05;
  return { ...interval, n, clear: isClear && agrees(a, b, Math.sign(interval.value)) };
}

/** Whether the rows with a bound could turn it. Without any, there is nothing to ask. */
function agrees(
  a: ReadonlyMap<ExampleId, ExampleResult>,
  b: ReadonlyMap<ExampleId, ExampleResult>,
  direction: number,
): boolean {
  const counts = { wins: 0, losses: 0 };
  let bounds = 0;
  for (const [row, result] of a) {
    const [mine, theirs] = [entropyOf(result), entropyOf(b.get(row))];
    if (!mine || !theirs) continue;
    if (mine.isBound || theirs.isBound) bounds += 1;
    const difference = mine.value - theirs.value;
    // a bound can only grow: what it speaks for is certain where it is the greater one
    const isCertain = (!mine.isBound || difference > 0) && (!theirs.isBound || difference < 0);
    if (isCertain && difference === 0) continue;
    counts[isCertain && Math.sign(difference) === direction ? 'wins' : 'losses'] += 1;
  }
  return bounds === 0 || (counts.wins > counts.losses && mcNemarMidP(counts) <= 0.05);
}

function entropyOf(
  result: ExampleResult | undefined,
): { readonly value: number; readonly isBound: boolean } | undefined {
  if (result?.type !== 'answered' || result.crossEntropy.type === 'unscored') return undefined;
  return { value: result.crossEntropy.value, isBound: result.crossEntropy.bound === 'at-least' };
}

function known(result: ExampleResult | undefined): number | undefined {
  const found = entropyOf(result);
  return found?.isBound ? undefined : found?.value;
}
