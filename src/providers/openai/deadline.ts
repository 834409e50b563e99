import { AppError } from '#core/error.ts';
import type { Clock } from '#lib/clock.ts';

/** A reason of our own: without one, each abort makes an error with a trace of the stack. */
const ended = 'the work has ended';

/** A timer this late has slept with the machine, and an answer that came meanwhile is delivered after it: wait for that. */
const lateMs = 2000;
const graceMs = 5000;

/** One piece of work: when it has taken too long, and what tells it so. */
type Timed = { readonly at: number; readonly afterMs: number; readonly giveUp: AbortController };
/** All work under one signal. Each listening by itself would make the signal slow, with hundreds of requests under one run. */
type Group = { readonly timed: Set<Timed>; readonly stop: () => void };

/** Gives work up when it takes too long. One timer watches all of it: a fast run has hundreds of requests a second. */
export class Deadline {
  readonly #clock: Clock;
  readonly #groups = new Map<AbortSignal, Group>();
  #alarm: { readonly at: number; readonly off: AbortController } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Does the work. @throws AppError `provider-timeout`, or the reason of the signal. */
  async within<T>(afterMs: number, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const giveUp = new AbortController();
    const timed = { at: this.#clock.elapsedMs() + afterMs, afterMs, giveUp };
    const { timed: together } = this.#groupOf(signal);
    together.add(timed);
    this.#watch(timed.at);
    try {
      return await work(giveUp.signal);
    } catch (error) {
      throw giveUp.signal.aborted ? giveUp.signal.reason : error;
    } finally {
      together.delete(timed);
      if (together.size === 0) this.#forget(signal);
    }
  }

  #groupOf(signal: AbortSignal): Group {
    const known = this.#groups.get(signal);
    if (known) return known;
    const timed = new Set<Timed>();
    const stop = (): void => {
      for (const { giveUp } of timed) giveUp.abort(signal.reason);
    };
    const group = { timed, stop };
    this.#groups.set(signal, group);
    signal.addEventListener('abort', stop, { once: true });
    return group;
  }

  #forget(signal: AbortSignal): void {
    const group = this.#groups.get(signal);
    if (group) signal.removeEventListener('abort', group.stop);
    this.#groups.delete(signal);
    if (this.#groups.size === 0) this.#silence();
  }

  /** Sets the alarm to this time, unless it rings before. */
  #watch(at: number): void {
    if (this.#alarm && this.#alarm.at <= at) return;
    this.#silence();
    const alarm = { at, off: new AbortController() };
    this.#alarm = alarm;
    this.#ring(at, alarm.off.signal).catch(() => undefined); // ends so when it is set to another time
  }

  #silence(): void {
    this.#alarm?.off.abort(ended);
    this.#alarm = undefined;
  }

  async #ring(at: number, off: AbortSignal): Promise<void> {
    await this.#clock.sleep(at - this.#clock.elapsedMs(), off);
    const now = Math.max(at, this.#clock.elapsedMs());
    if (now > at + lateMs) await this.#clock.sleep(graceMs, off);
    this.#alarm = undefined;
    for (const { timed } of this.#groups.values())
      for (const { at: over, afterMs, giveUp } of timed)
        if (over > now) this.#watch(over);
        else giveUp.abort(new AppError('provider-timeout', { afterMs }));
  }
}
