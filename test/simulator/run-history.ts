import { History } from './history.ts';
import { drawKnobs, noFaults, type Knobs } from './knobs.ts';
import { difference, resultOf } from './oracle.ts';
import type { Violation } from './world.ts';

export type Course = {
  readonly knobs: Knobs;
  readonly violations: readonly Violation[];
  readonly trace: readonly string[];
  readonly sent: number;
  readonly compared: boolean;
};

/** One seed, one history, the same events each time. */
export const runHistory = (seed: number): Promise<Course> => play(drawKnobs(seed));

export async function play(knobs: Knobs): Promise<Course> {
  const history = new History(knobs);
  const state = await history.play();
  const { world } = history;
  const compared = isComparable(history) && state !== undefined && world.violations.length === 0;
  if (compared) {
    const untroubled = new History(withoutTrouble(knobs));
    const expected = await untroubled.play();
    for (const { promise, what } of untroubled.world.violations) world.violated(promise, `untroubled: ${what}`);
    const found = expected && difference(resultOf(expected), resultOf(state));
    if (found) world.violated('P3', `another result than without trouble: ${found}`);
  }
  return { knobs, violations: world.violations, trace: world.trace, sent: history.provider.sent, compared };
}

/** The same run on a good day: one request at a time. */
export const withoutTrouble = (knobs: Knobs): Knobs => ({
  ...knobs,
  concurrency: 1,
  diskMs: 0,
  faults: noFaults,
  diskFaults: [],
  happenings: [],
});

/** Where trouble must not change the result. Retries use up a tight budget, time the minutes, and the person may steer. */
const isComparable = ({ steered, gaveUp, world: { knobs } }: History): boolean =>
  !steered && !gaveUp && (knobs.budget.of === 'ample' || knobs.budget.of === 'rounds') && !knobs.forgetsLogprobs;
