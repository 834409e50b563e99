import type { Random } from '#lib/random.ts';
import { pickWeighted } from './weighted.ts';

/** A choice of one value in each category, and how it scored. `weight`: how much the score is to be believed, as rows behind it. */
export type Observation = { readonly values: readonly number[]; readonly score: number; readonly weight: number };

/** Share of the observations that count as good. */
const goodShare = 0.25;
/** Draws among which the most promising is taken. */
const draws = 24;
/** Pseudo-observations that are spread evenly, so that a value without any is not out for good. */
const prior = 1;

type Density = (values: readonly number[]) => number;

/**
 * A tree-structured Parzen estimator for categories: the next choice is one that is common among the good observations and rare among
 * the rest. Pairs that were seen are counted jointly, others by their values.
 * @param sizes how many values each category has; a value is an index.
 * @param startup so many observations are made at random first.
 * @returns undefined where no choice is allowed.
 */
export function suggest(
  observations: readonly Observation[],
  sizes: readonly number[],
  random: Random,
  { startup = 10, allowed = () => true }: { startup?: number; allowed?: (values: readonly number[]) => boolean } = {},
): readonly number[] | undefined {
  const open = combinations(sizes).filter(allowed);
  if (open.length === 0) return undefined;
  if (observations.length < startup) return random.pick(open);
  const order = [...observations].sort((a, b) => b.score - a.score);
  const good = order.slice(0, Math.max(2, Math.ceil(goodShare * order.length)));
  const rest = order.slice(good.length);
  const seen = new Set(order.map(({ values }) => values.join()));
  const [likely, unlikely] = [density(good, sizes, seen), density(rest, sizes, seen)];
  const drawn = Array.from({ length: draws }, () => pickWeighted(open, likely, random));
  return drawn.reduce((best, values) => (ratio(values) > ratio(best) ? values : best));

  function ratio(values: readonly number[]): number {
    return likely(values) / unlikely(values);
  }
}

function density(given: readonly Observation[], sizes: readonly number[], seen: ReadonlySet<string>): Density {
  // weights are relative: in rows they would drown the prior, and a value without an observation would be out for good
  const mean = given.reduce((sum, { weight }) => sum + weight, 0) / Math.max(1, given.length) || 1;
  const observations = given.map((one) => ({ ...one, weight: one.weight / mean }));
  const total = observations.reduce((sum, { weight }) => sum + weight, 0);
  const share = (fits: (values: readonly number[]) => boolean, ways: number): number =>
    (observations.reduce((sum, { values, weight }) => sum + (fits(values) ? weight : 0), 0) + prior / ways) /
    (total + prior);
  const all = sizes.reduce((product, size) => product * size, 1);
  return (values) =>
    seen.has(values.join())
      ? share((other) => other.every((value, place) => value === values[place]), all)
      : values.reduce(
          (product, value, place) => product * share((other) => other[place] === value, sizes[place] ?? 1),
          1,
        );
}

const combinations = (sizes: readonly number[]): readonly (readonly number[])[] =>
  sizes.reduce<readonly (readonly number[])[]>(
    (all, size) => all.flatMap((values) => Array.from({ length: size }, (_, value) => [...values, value])),
    [[]],
  );
