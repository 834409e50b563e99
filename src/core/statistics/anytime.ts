import { binomialTail, logBeta } from '#lib/special-functions.ts';
import { pairedDifference, type Difference, type PairedCounts } from './paired.ts';

/** From this e-value on, "better" may be said at any time: if the prompts are equal, it is ever reached in at most 5 % of the cases. */
export const anytimeBetter = 20;
/** From this one on "better" or "worse", whichever it is: looked for in both directions, 5 % are shared. */
export const anytimeEither = 2 * anytimeBetter;

/**
 * Evidence that the first of two prompts is better, valid however often it is looked at while rows come in: how much more likely the
 * wins and losses are under an unknown chance of winning above one half (all equally likely before) than under one half.
 * Only for a pair that was fixed beforehand, on rows that were used neither to write nor to choose either of them.
 * J. Ville's inequality; e-values: Grünwald, de Heide and Koolen, "Safe testing", JRSS B 86 (2024).
 * @returns at least 0; 1 without any row that tells them apart.
 */
export function anytimeEvidence({ wins, losses }: Pick<PairedCounts, 'wins' | 'losses'>): number {
  const n = wins + losses;
  // the part of Beta(wins + 1, losses + 1) above one half is a binomial tail
  const above = binomialTail(losses + 1, n + 1);
  const evidence = above * Math.exp(Math.min(700, (n + 1) * Math.LN2 + logBeta(wins + 1, losses + 1)));
  return Math.min(evidence, Number.MAX_VALUE);
}

/**
 * As `pairedDifference`, while rows are still coming in: a person looks on, and may end it when they like what they see. So the verdict is
 * that of the evidence, "better" and "worse" alike, and the interval reaches zero as long as it cannot tell.
 */
export function differenceSoFar(counts: PairedCounts): Difference | undefined {
  const found = pairedDifference(counts);
  if (!found) return undefined;
  const { wins, losses } = counts;
  const isClear = anytimeEvidence({ wins: Math.max(wins, losses), losses: Math.min(wins, losses) }) >= anytimeEither;
  if (isClear || found.verdict === 'cannot-tell') return found;
  return { ...found, lo: Math.min(found.lo, 0), hi: Math.max(found.hi, 0), verdict: 'cannot-tell' };
}
