import type { Demonstration } from '#core/demonstrations.ts';
import type { Example } from '#core/example.ts';
import type { Random } from '#lib/random.ts';

/** The demonstrations of a child: a sample of those of both parents, as many as they have on average. */
export function crossedDemonstrations(
  a: readonly Demonstration[],
  b: readonly Demonstration[],
  random: Random,
): readonly Demonstration[] {
  const union = [...new Map([...a, ...b].map((shown) => [shown.example.id, shown])).values()];
  return random.sample(union, Math.round((a.length + b.length) / 2));
}

/** One more, one less or as they are, each as likely; then shuffled. */
export function mutatedDemonstrations(
  shown: readonly Demonstration[],
  pool: readonly Example[],
  most: number,
  show: (example: Example) => Demonstration,
  random: Random,
): readonly Demonstration[] {
  const change = random.pick(['add', 'drop', 'keep'] as const);
  const kept = change === 'drop' ? random.sample(shown, shown.length - 1) : shown.slice(0, most);
  const open = pool.filter(({ id }) => !kept.some(({ example }) => example.id === id));
  const more = change === 'add' && kept.length < most ? random.sample(open, 1).map(show) : [];
  return random.shuffle([...kept, ...more]);
}
