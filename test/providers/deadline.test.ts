import { describe, expect, it } from 'vitest';
import { Deadline } from '../../src/providers/openai/deadline.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const never = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.catch((error: unknown) => (error as { code?: unknown }).code ?? error);

describe('the deadline of a piece of work', () => {
  it('is its own: of many under one timer, each is given up in its time, whatever the order in which they began', async () => {
    const clock = createVirtualClock();
    const deadline = new Deadline(clock);
    const ends: [number, unknown][] = [];
    const { signal } = new AbortController();
    for (const afterMs of [500, 200, 900, 200, 50])
      void codeOf(deadline.within(afterMs, signal, never)).then((code) => ends.push([clock.elapsedMs(), code]));
    await clock.runUntilIdle();
    expect(ends).toEqual([50, 200, 200, 500, 900].map((at) => [at, 'provider-timeout']));
  });

  it('leaves no timer behind when all work is done', async () => {
    const clock = createVirtualClock();
    const deadline = new Deadline(clock);
    const { signal } = new AbortController();
    expect(
      await Promise.all([1, 2].map((value) => deadline.within(100, signal, () => Promise.resolve(value)))),
    ).toEqual([1, 2]);
    expect(clock.sleeping).toBe(0);
  });

  it('gives up all work of the signal that aborts, with its reason, and no other', async () => {
    const clock = createVirtualClock();
    const deadline = new Deadline(clock);
    const [mine, other] = [new AbortController(), new AbortController()];
    const ended = [mine, mine, other].map(({ signal }) => codeOf(deadline.within(1000, signal, never)));
    mine.abort('left');
    expect(await Promise.all(ended.slice(0, 2))).toEqual(['left', 'left']);
    await clock.advance(1000);
    expect(await ended[2]).toBe('provider-timeout');
    await expect(deadline.within(1000, mine.signal, never)).rejects.toBe('left');
  });

  it('waits on after a sleep of the machine, for what began before it and for what begins after', async () => {
    const clock = createVirtualClock();
    const deadline = new Deadline(clock);
    const { signal } = new AbortController();
    let answer = (_: string): void => undefined;
    const answered = deadline.within(1000, signal, () => new Promise<string>((resolve) => (answer = resolve)));
    const silent = codeOf(deadline.within(1000, signal, never));
    await clock.suspend(60_000);
    await clock.advance(4000);
    answer('came while it slept');
    expect(await answered).toBe('came while it slept');
    await clock.advance(1000);
    expect(await silent).toBe('provider-timeout');
  });
});
