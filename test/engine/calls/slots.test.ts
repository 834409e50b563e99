import { describe, expect, it } from 'vitest';
import { Slots } from '#engine/calls/slots.ts';

const { signal: never } = new AbortController();
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('places', () => {
  it('are given to so many at a time, first come, first served, and a place that is given back twice is one place', async () => {
    const slots = new Slots(2);
    const order: number[] = [];
    const gives: (() => void)[] = [];
    for (const who of [1, 2, 3, 4])
      void slots.take(never).then((give) => {
        order.push(who);
        gives.push(give);
      });
    await settled();
    expect(order).toEqual([1, 2]);
    expect(slots.areTaken).toBe(true);
    gives[1]?.();
    gives[1]?.();
    await settled();
    expect(order).toEqual([1, 2, 3]);
    gives[0]?.();
    gives[2]?.();
    await settled();
    expect(order).toEqual([1, 2, 3, 4]);
    expect(slots.areTaken).toBe(false);
  });

  it('are not lost with somebody who stops waiting', async () => {
    const slots = new Slots(1);
    const give = await slots.take(never);
    const leaver = new AbortController();
    const left = slots.take(leaver.signal);
    const stays = slots.take(never);
    leaver.abort('gone');
    await expect(left).rejects.toBe('gone');
    await expect(slots.take(leaver.signal)).rejects.toBe('gone');
    give();
    (await stays)();
    expect(slots.areTaken).toBe(false);
  });
});
