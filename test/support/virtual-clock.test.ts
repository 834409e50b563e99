import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import { createVirtualClock } from './virtual-clock.ts';

const never = new AbortController().signal;

describe('the virtual clock', () => {
  it('wakes all sleepers in the order of their time, at that time', async () => {
    const clock = createVirtualClock();
    const random = createRandom(1);
    const woken: { readonly wanted: number; readonly at: number }[] = [];
    const wish = Array.from({ length: 500 }, () => random.integer(1000));
    for (const wanted of wish)
      void clock.sleep(wanted, never).then(() => woken.push({ wanted, at: clock.elapsedMs() }));
    expect(clock.sleeping).toBe(500);
    await clock.runUntilIdle();
    expect(woken.map(({ at }) => at)).toEqual([...wish].sort((a, b) => a - b));
    expect(woken.every(({ wanted, at }) => wanted === at)).toBe(true);
    expect(clock.sleeping).toBe(0);
  });

  it('wakes those who lie down meanwhile in the same stretch of time', async () => {
    const clock = createVirtualClock(5);
    const times: number[] = [];
    const tick = async (): Promise<void> => {
      for (let i = 0; i < 3; i++) {
        await clock.sleep(10, never);
        times.push(clock.now());
      }
    };
    const work = tick();
    await clock.advance(25);
    expect([times, clock.elapsedMs()]).toEqual([[15, 25], 25]);
    await clock.finish(work);
    expect(times).toEqual([15, 25, 35]);
  });

  it('forgets who was called off', async () => {
    const clock = createVirtualClock();
    const stop = new AbortController();
    const sleep = clock.sleep(10, stop.signal).catch((reason: unknown) => reason);
    stop.abort('enough');
    expect(await sleep).toBe('enough');
    expect(clock.sleeping).toBe(0);
    await clock.runUntilIdle();
    expect(clock.elapsedMs()).toBe(0);
  });

  it('says so when the work waits for ever, or too long', async () => {
    const clock = createVirtualClock();
    await expect(clock.finish(new Promise(() => undefined))).rejects.toThrow('for ever');
    await expect(clock.finish(clock.sleep(100, never), 50)).rejects.toThrow('50 ms');
  });

  it('wakes late after the machine slept, and keeps durations when the wall clock is set', async () => {
    const clock = createVirtualClock();
    let woken = -1;
    void clock.sleep(10, never).then(() => (woken = clock.elapsedMs()));
    clock.setWallClock(-1e12);
    await clock.suspend(3_600_000);
    expect([woken, clock.now()]).toEqual([3_600_000, -1e12 + 3_600_000]);
  });
});
