import { describe, expect, it } from 'vitest';
import { watchSleep, type Clock } from '#lib/clock.ts';

/** Two clocks that are set apart: which of them moved by how much while a tick of a second was waited for. */
function createTicks() {
  let [elapsed, wall] = [0, 1_700_000_000_000];
  let wake: (() => void) | undefined;
  const clock: Clock = {
    now: () => wall,
    elapsedMs: () => elapsed,
    sleep: (_, signal) =>
      new Promise((resolve, reject) => {
        wake = resolve;
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      }),
  };
  const tick = async (elapsedMs: number, wallMs: number): Promise<void> => {
    elapsed += elapsedMs;
    wall += wallMs;
    wake?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { clock, tick };
}

describe('a sleep of the machine', () => {
  it.each([
    ['C04 by the wall clock alone, where the monotonic one stood still', 1000, 28_801_000, 1],
    ['by both clocks', 28_801_000, 28_801_000, 1],
    ['by the monotonic clock, where somebody set the other one back', 28_801_000, -3_600_000, 1],
    ['not in a busy second', 4000, 4000, 0],
    ['C01 not where somebody set the wall clock back', 1000, -31_536_000_000, 0],
  ])('is noticed: %s', async (_, elapsedMs, wallMs, times) => {
    const { clock, tick } = createTicks();
    let slept = 0;
    const stop = watchSleep(clock, () => slept++);
    await tick(1000, 1000);
    expect(slept).toBe(0);
    await tick(elapsedMs, wallMs);
    expect(slept).toBe(times);
    await tick(1000, 1000);
    expect(slept).toBe(times);
    stop();
    await tick(28_801_000, 28_801_000);
    expect(slept).toBe(times);
  });
});
