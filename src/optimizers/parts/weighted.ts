import type { Random } from '#lib/random.ts';

/** Draws one item with a chance in proportion to its weight; evenly where all weights are zero. */
export function pickWeighted<T>(items: readonly T[], weightOf: (item: T) => number, random: Random): T {
  const weights = items.map((item) => Math.max(0, weightOf(item)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!(total > 0) || !Number.isFinite(total)) return random.pick(items);
  let left = random.next() * total;
  for (const [index, item] of items.entries()) {
    left -= weights[index] ?? 0;
    if (left < 0) return item;
  }
  // rounding may leave a crumb behind the last item
  return items.findLast((_, index) => (weights[index] ?? 0) > 0) ?? random.pick(items);
}
