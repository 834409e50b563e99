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

/** Draws so many different items, each time one by its weight among those that are left. */
export function sampleWeighted<T>(
  items: readonly T[],
  weightOf: (item: T) => number,
  count: number,
  random: Random,
): readonly T[] {
  const left = [...items];
  const drawn: T[] = [];
  while (drawn.length < count && left.length > 0) {
    const next = pickWeighted(left, weightOf, random);
    left.splice(left.indexOf(next), 1);
    drawn.push(next);
  }
  return drawn;
}

/** A draw from the Poisson distribution (Knuth's product of uniform draws; for small means). */
export function poisson(mean: number, random: Random): number {
  const end = Math.exp(-mean);
  let count = 0;
  for (let product = random.next(); product > end; product *= random.next()) count += 1;
  return count;
}
