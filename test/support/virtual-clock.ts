import { setMaxListeners } from 'node:events';
import type { Clock } from '#lib/clock.ts';

/**
 * A clock whose time passes only when it is told to. Sleepers wake one at a time, in the order of their time (and, at one time, in the
 * order in which they lay down); between two of them all work that needs no time is done to its end. So the same program gives the same
 * course of events each time, and an hour takes as long as its events do.
 */
export type VirtualClock = Clock & {
  /** Sleepers that are not awake yet. */
  readonly sleeping: number;
  /** Lets time pass, and wakes all who wanted to be woken in it. */
  advance(durationMs: number): Promise<void>;
  /** Lets time pass until nobody sleeps any more. @throws when that takes longer than `mostMs`: somebody always sleeps again. */
  runUntilIdle(mostMs?: number): Promise<void>;
  /** Lets time pass until the work has come to its end. @throws when the work waits for something that no time brings. */
  finish<T>(work: Promise<T>, mostMs?: number): Promise<T>;
  /** The machine sleeps: time passes, and those who should have woken in it wake late, at its end. */
  suspend(durationMs: number): Promise<void>;
  /** Somebody sets the clock on the wall; durations are as they were. */
  setWallClock(now: number): void;
};

const oneDayMs = 86_400_000;

export function createVirtualClock(startsAt = 0): VirtualClock {
  let elapsed = 0;
  let wallOffset = startsAt;
  let count = 0;
  const sleepers = createHeap();

  const wakeNext = async (untilMs: number): Promise<boolean> => {
    const first = sleepers.first();
    if (!first || first.at > untilMs) return false;
    sleepers.take();
    elapsed = Math.max(elapsed, first.at);
    if (first.wake()) await settled();
    return true;
  };
  const clock: VirtualClock = {
    now: () => wallOffset + elapsed,
    elapsedMs: () => elapsed,
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        const stop = (): void => {
          sleeper.awake = true;
          sleepers.forgetOne();
          reject(signal.reason as Error);
        };
        const sleeper: Sleeper = {
          at: elapsed + Math.max(0, delayMs),
          order: ++count,
          awake: false,
          wake: () => {
            if (sleeper.awake) return false;
            sleeper.awake = true;
            signal.removeEventListener('abort', stop);
            resolve();
            return true;
          },
        };
        if (Number.isNaN(sleeper.at)) throw new Error('Bug: a sleep of NaN milliseconds');
        if (signal.aborted) {
          reject(signal.reason as Error);
          return;
        }
        setMaxListeners(0, signal); // one run may have thousands of sleepers
        signal.addEventListener('abort', stop, { once: true });
        sleepers.add(sleeper);
      }),
    get sleeping() {
      return sleepers.size();
    },
    async advance(durationMs) {
      const until = elapsed + durationMs;
      await settled();
      while (await wakeNext(until));
      elapsed = until;
    },
    async runUntilIdle(mostMs = oneDayMs) {
      const until = elapsed + mostMs;
      await settled();
      while (await wakeNext(until));
      if (sleepers.first()) throw new Error(`Somebody still sleeps after ${mostMs} ms`);
    },
    async finish(work, mostMs = oneDayMs) {
      const until = elapsed + mostMs;
      const state = { over: false };
      const end = (): void => {
        state.over = true;
      };
      work.then(end, end);
      await settled();
      while (!state.over) {
        if (await wakeNext(until)) continue;
        throw new Error(sleepers.first() ? `The work is not done after ${mostMs} ms` : 'The work waits for ever');
      }
      return work;
    },
    async suspend(durationMs) {
      await settled();
      elapsed += durationMs;
      while (await wakeNext(elapsed));
    },
    setWallClock(now) {
      wallOffset = now - elapsed;
    },
  };
  return clock;
}

/** All promises that can settle without time passing have settled. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

type Sleeper = { readonly at: number; readonly order: number; awake: boolean; wake(): boolean };

const isBefore = (a: Sleeper, b: Sleeper): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** A binary heap; who was woken otherwise stays in it until it would be his turn. */
function createHeap() {
  const heap: Sleeper[] = [];
  let awake = 0;
  const at = (index: number): Sleeper => heap[index] as Sleeper;
  const swap = (a: number, b: number): void => {
    [heap[a], heap[b]] = [at(b), at(a)];
  };
  const take = (): void => {
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    heap[0] = last;
    for (let i = 0; ;) {
      const left = 2 * i + 1;
      if (left >= heap.length) return;
      const least = left + 1 < heap.length && isBefore(at(left + 1), at(left)) ? left + 1 : left;
      if (!isBefore(at(least), at(i))) return;
      swap(least, i);
      i = least;
    }
  };
  return {
    size: (): number => heap.length - awake,
    forgetOne: (): void => {
      awake++;
    },
    first(): Sleeper | undefined {
      while (heap[0]?.awake) {
        awake--;
        take();
      }
      return heap[0];
    },
    take,
    add(sleeper: Sleeper): void {
      heap.push(sleeper);
      for (let i = heap.length - 1; i > 0;) {
        const parent = (i - 1) >> 1;
        if (!isBefore(at(i), at(parent))) return;
        swap(i, parent);
        i = parent;
      }
    },
  };
}
