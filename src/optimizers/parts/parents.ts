import type { Random } from '#lib/random.ts';
import { pickWeighted } from './weighted.ts';

/** `ranks`: better ones more often, whatever their scores; `roulette`: in proportion to the scores; `uniform`: anyone. */
export type ParentDraw = 'ranks' | 'roulette' | 'uniform';

/**
 * Two of the population, drawn by chance.
 * @param population best first, with scores of 0 or more.
 * @param isDistinct never the same one twice, where there are two.
 */
export function drawParents<T>(
  population: readonly { readonly item: T; readonly score: number }[],
  draw: ParentDraw,
  isDistinct: boolean,
  random: Random,
): readonly [T, T] {
  const places = [...population.keys()];
  const weightOf = (place: number): number =>
    draw === 'uniform' ? 1 : draw === 'ranks' ? population.length - place : (population[place]?.score ?? 0);
  const first = pickWeighted(places, weightOf, random);
  const others = isDistinct && population.length > 1 ? places.filter((place) => place !== first) : places;
  const [a, b] = [population[first], population[pickWeighted(others, weightOf, random)]];
  if (!a || !b) throw new Error('Bug: parents of nobody');
  return [a.item, b.item];
}
