import { History } from './history.ts';
import { drawKnobs, noFaults, type Knobs } from './knobs.ts';
import type { Sabotage } from './life.ts';
import { difference, resultOf } from './oracle.ts';
import type { Violation, World } from './world.ts';

export type Course = {
  readonly knobs: Knobs;
  readonly violations: readonly Violation[];
  readonly trace: readonly string[];
  readonly sent: number;
  readonly compared: boolean;
};

/** One seed, one history, the same events each time. */
export const runHistory = (seed: number): Promise<Course> => play(drawKnobs(seed));

export async function play(knobs: Knobs, sabotage?: Sabotage): Promise<Course> {
  const history = new History(knobs, sabotage);
  const state = await history.play();
  const { world } = history;
  const compared = isComparable(history) && state !== undefined && world.violations.length === 0;
  if (compared) {
    const expected = await untroubledResult(withoutTrouble(knobs), world);
    const found = expected === undefined ? '' : difference(expected, resultOf(state));
    if (found) world.violated('P3', `another result than without trouble: ${found}`);
  }
  if (knobs.seed % repeatedEvery === 0) await compareCourse(world, knobs, 'P22', 'the same seed again', sabotage);
  if (knobs.happenings.some(({ type }) => type === 'wall-clock'))
    await compareCourse(world, withoutClockJumps(knobs), 'P21', 'without the jumps of the clock', sabotage);
  return { knobs, violations: world.violations, trace: world.trace, sent: history.provider.sent, compared };
}

/** The newest one is kept: a loop over all places of one fault compares with the same result each time. */
let newest: { readonly name: string; readonly result: unknown } | undefined;

async function untroubledResult(knobs: Knobs, world: World): Promise<unknown> {
  const name = JSON.stringify(knobs);
  if (newest?.name === name) return newest.result;
  const untroubled = new History(knobs);
  const state = await untroubled.play();
  for (const { promise, what } of untroubled.world.violations) world.violated(promise, `untroubled: ${what}`);
  const result = state && resultOf(state);
  newest = { name, result };
  return result;
}

/** Every so many histories are played twice. */
const repeatedEvery = 25;

/** The same events at the same (monotonic) times. */
async function compareCourse(
  world: World,
  knobs: Knobs,
  promise: string,
  what: string,
  sabotage?: Sabotage,
): Promise<void> {
  const other = new History(knobs, sabotage);
  await other.play();
  const [found, expected] = [world, other.world].map(({ trace }) => trace.filter((line) => !line.includes('**')));
  const at = expected?.findIndex((line, index) => line !== found?.[index]) ?? -1;
  if (at >= 0 || expected?.length !== found?.length)
    world.violated(promise, `${what}: “${found?.[at] ?? ''}” in place of “${expected?.[at] ?? ''}”`);
}

const withoutClockJumps = (knobs: Knobs): Knobs => ({
  ...knobs,
  happenings: knobs.happenings.map((happening) =>
    happening.type === 'wall-clock' ? { ...happening, byMs: 0 } : happening,
  ),
});

/** The same run on a good day: one request at a time. */
const withoutTrouble = (knobs: Knobs): Knobs => ({
  ...knobs,
  concurrency: 1,
  diskMs: 0,
  faults: noFaults,
  diskFaults: [],
  happenings: [],
  callFault: { at: 0, kind: 'hang' },
});

/** Where trouble must not change the result. Retries use up a tight budget, time the minutes, and the person may steer. */
const isComparable = ({ steered, gaveUp, unaffordable, world: { knobs } }: History): boolean =>
  !steered &&
  !gaveUp &&
  !unaffordable &&
  (knobs.budget.of === 'ample' || knobs.budget.of === 'rounds') &&
  !knobs.forgetsLogprobs;
