import { normalQuantile } from '#lib/special-functions.ts';

/**
 * Of the variance of a difference between two prompts, what is left when both answer the same rows: from the released logs of
 * a published optimizer (CAPO, finitearth/capo), 0.26 to 0.44 by task.
 */
const pairedShare = 0.365;

export type Sight = {
  /** Accuracy around which the two prompts lie. */
  readonly base: number;
  /** Chance of a false alarm, one-sided. */
  readonly alpha?: number;
  /** Chance of seeing a difference that is there. */
  readonly power?: number;
};

const factor = ({ base, alpha = 0.1, power = 0.8 }: Sight): number =>
  (normalQuantile(1 - alpha) + normalQuantile(power)) ** 2 * 2 * base * (1 - base) * pairedShare;

/** Shared rows that it takes to see a difference of two accuracies (a share, above 0): round up. */
export const rowsNeeded = (difference: number, sight: Sight): number => factor(sight) / difference ** 2;

/** The smallest difference of two accuracies, as a share, that so many shared rows (above 0) show. */
export const smallestDifference = (rows: number, sight: Sight): number => Math.sqrt(factor(sight) / rows);
