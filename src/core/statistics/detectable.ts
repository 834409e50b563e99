import { binomialChance, binomialTail, normalQuantile } from '#lib/special-functions.ts';
import { pairedDifference } from './paired.ts';

/**
 * Of the variance of a difference between two prompts, what is left when both answer the same rows: from the released logs of
 * a published optimizer (CAPO, finitearth/capo), 0.26 to 0.44 by task.
 */
const pairedShare = 0.365;
/** Chance of seeing a difference that is there. */
const usualPower = 0.8;

export type Sight = {
  /** Accuracy around which the two prompts lie. */
  readonly base: number;
  /** Chance of a false alarm, one-sided. */
  readonly alpha?: number;
  readonly power?: number;
};

const variance = (base: number): number => 2 * base * (1 - base) * pairedShare;

const factor = ({ base, alpha = 0.1, power = usualPower }: Sight): number =>
  (normalQuantile(1 - alpha) + normalQuantile(power)) ** 2 * variance(base);

/** Shared rows that it takes to see a difference of two accuracies (a share, above 0), with many rows: round up. */
export const rowsNeeded = (difference: number, sight: Sight): number => factor(sight) / difference ** 2;

/** The smallest difference of two accuracies, as a share, that so many shared rows (above 0) show, where they are many. */
export const smallestDifference = (rows: number, sight: Sight): number => Math.sqrt(factor(sight) / rows);

/** Up to so many rows the chances are added up; beyond, the normal distribution says the same within half a point. */
const fewRows = 200;
/** One-sided: 5 % two-sided, as the verdict has it. */
const verdictAlpha = 0.025;

/** Wins that the verdict wants at the least, for each number of losses; none where no number is enough. */
const wanted = new Map<number, readonly number[]>();
function winsWanted(rows: number): readonly number[] {
  const known = wanted.get(rows);
  if (known) return known;
  const least: number[] = [];
  // more losses want more wins
  for (let losses = 0, wins = 0; losses <= rows; losses++) {
    while (wins + losses <= rows && pairedDifference({ wins, losses, n: rows })?.verdict !== 'better') wins += 1;
    if (wins + losses > rows) break;
    least.push(wins);
  }
  wanted.set(rows, least);
  return least;
}

/**
 * Chance of the verdict "better" where one prompt is better by this difference, over all outcomes of so many shared rows. The share of
 * rows that tell the prompts apart is the one that gives the difference its usual variance. A large one wants more such rows than that:
 * then it is the difference itself, and no row is lost.
 */
function chanceOfBetter(difference: number, rows: number, base: number): number {
  // as far around the base as accuracies go: the larger the difference, the less is left to chance
  const high = Math.min(1, Math.max(difference, base + difference / 2));
  const low = high - difference;
  const spread = (variance(high) + variance(low)) / 2;
  const apart = Math.max(difference, spread + difference ** 2);
  const [won, lost] = [(apart + difference) / 2, (apart - difference) / 2];
  return winsWanted(rows).reduce(
    (sum, wins, losses) =>
      sum + binomialChance(losses, rows, lost) * binomialTail(wins, rows - losses, Math.min(1, won / (1 - lost))),
    0,
  );
}

const seen = new Map<string, number>();

/**
 * The smallest difference of two accuracies around `base`, as a share, for which the verdict is "better" in four of five runs with so many
 * shared rows; Infinity where none is large enough. More rows never show less.
 */
export function visibleDifference(rows: number, base: number): number {
  // where nearly all or none is right, the formula says a little more than the sum does
  if (rows > fewRows)
    return Math.min(smallestDifference(rows, { base, alpha: verdictAlpha }), visibleDifference(fewRows, base));
  const key = `${rows} ${base}`;
  const known = seen.get(key);
  if (known !== undefined) return known;
  let [low, high] = [0, 1];
  if (chanceOfBetter(1, rows, base) < usualPower) low = high = Infinity;
  for (let step = 0; step < 16 && low < high; step++) {
    const middle = (low + high) / 2;
    if (chanceOfBetter(middle, rows, base) < usualPower) low = middle;
    else high = middle;
  }
  seen.set(key, high);
  return high;
}

/** The fewest shared rows from which on a difference of two accuracies around `base` is seen as above. */
export function rowsToSee(difference: number, base: number): number {
  if (visibleDifference(fewRows, base) > difference)
    return Math.max(fewRows + 1, Math.ceil(rowsNeeded(difference, { base, alpha: verdictAlpha })));
  let rows = fewRows;
  while (rows > 1 && visibleDifference(rows - 1, base) <= difference) rows -= 1;
  return rows;
}
