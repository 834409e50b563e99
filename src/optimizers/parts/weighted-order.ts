import type { Random } from '#lib/random.ts';

/**
 * All items in a random order in which heavier ones tend to come first (P. Efraimidis, P. Spirakis, IPL 97 (2006)).
 * @param weight above 0.
 */
export function weightedOrder<T>(items: readonly T[], weight: (item: T) => number, random: Random): T[] {
  return items
    .map((item) => ({ item, key: Math.log(1 - random.next()) / weight(item) }))
    .sort((a, b) => b.key - a.key)
    .map(({ item }) => item);
}
