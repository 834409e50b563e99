import type { Random } from '#lib/random.ts';

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
  const weights = population.map(({ score }, place) =>
    draw === 'uniform' ? 1 : draw === 'ranks' ? population.length - place : score,
  );
  const first = drawWeighted(weights, random);
  const others =
    isDistinct && population.length > 1 ? weights.map((weight, i) => (i === first ? -1 : weight)) : weights;
  const second = drawWeighted(others, random);
  const [a, b] = [population[first], population[second]];
  if (!a || !b) throw new Error('Bug: parents of nobody');
  return [a.item, b.item];
}

/** A place with the chance of its weight; a negative weight is never drawn. Where all weights are 0, each is as likely as the others. */
function drawWeighted(weights: readonly number[], random: Random): number {
  const open = weights.flatMap((weight, place) => (weight < 0 ? [] : [{ place, weight }]));
  const total = open.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return random.pick(open).place;
  let left = random.next() * total;
  return (open.find(({ weight }) => (left -= weight) < 0) ?? random.pick(open)).place;
}
