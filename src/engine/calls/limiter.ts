import type { RateHint } from '#core/completion.ts';
import type { Clock } from '#lib/clock.ts';
import type { Random } from '#lib/random.ts';
import { Breaker } from './breaker.ts';
import { Pace, type Sent } from './pace.ts';

/** What holds requests up at one address, for the screen. `until` is a time of the wall clock, in milliseconds since 1970. */
export type Weather =
  | { readonly type: 'clear' }
  | { readonly type: 'limited'; readonly perMinute: number }
  | { readonly type: 'waiting'; readonly until: number; readonly reason: 'rate' | 'overload' | 'offline' };

/** Leave to send one request. Exactly one of its words has to be said when the request has come to its end; later words are not heard. */
export type Permit = {
  /** It asks whether a server that was down is back: its failure counts for no budget. */
  readonly isProbe: boolean;
  /** A whole answer. */
  succeeded(facts: { readonly latencyMs: number; readonly tokens: number }): void;
  /** Refused because of the rate (class `rate`). `waitMs`: how long the server asked to be left alone. */
  rejected(facts?: { readonly waitMs?: number }): void;
  /** Overloaded, or not reached (classes `overload` and `network`). */
  broke(facts?: { readonly reason?: 'overload' | 'network'; readonly waitMs?: number }): void;
  /** Anything else. `answered`: the server did say something, so it is not down. */
  settled(facts?: { readonly answered?: boolean }): void;
};

export type LimiterTools = {
  readonly clock: Clock;
  readonly random: Random;
  /** Requests that may be under way at the same time, in all runs together. */
  readonly mostInFlight: number;
};

type Waiting = { readonly tokens: number; pressed: boolean; admit(permit: Permit): void };

/** A wait shorter than this is pace, not waiting. */
const worthTellingMs = 2000;
/** A 429 without CORS headers looks like a broken network: so many of those, so close together, between good answers, are taken for it. */
const opaqueFailures = 3;
const opaqueWithinMs = 10_000;

/**
 * Decides when requests to one address may go, for all runs together: by the rate that the server takes, by what it asks us to wait,
 * by the number under way, and not at all, but for one probe now and then, while it is down. First come, first served.
 */
export class Limiter {
  readonly #clock: Clock;
  readonly #pace = new Pace();
  readonly #breaker: Breaker;
  readonly #listeners = new Set<(weather: Weather) => void>();
  readonly #queue: Waiting[] = [];
  #mostInFlight: number;
  #inFlight = 0;
  #reason: 'overload' | 'offline' = 'overload';
  #opaque: number[] = [];
  #pressed = false;
  #alarm: { readonly at: number; readonly off: AbortController } | undefined;
  #weather: Weather = { type: 'clear' };

  constructor({ clock, random, mostInFlight }: LimiterTools) {
    this.#clock = clock;
    this.#mostInFlight = mostInFlight;
    this.#breaker = new Breaker(random.fork('breaker'));
  }

  get weather(): Weather {
    return this.#weather;
  }

  /** The server is down: failures now say nothing about the request that failed. */
  get isBroken(): boolean {
    return this.#breaker.isOpen;
  }

  /** The server has named a time, and it has not come yet: a request that had its leave before it said so must not go either. */
  get isHeld(): boolean {
    return this.#pace.holdUntil > this.#clock.elapsedMs();
  }

  /** Whether a request of this size would have leave at once. */
  isFree({ tokens }: { readonly tokens: number }): boolean {
    const now = this.#clock.elapsedMs();
    const isFirst = this.#queue.length === 0 && this.#inFlight < this.#mostInFlight;
    return isFirst && !this.#breaker.isOpen && this.#pace.dueAt(now, tokens) <= now;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get mostInFlight(): number {
    return this.#mostInFlight;
  }

  set mostInFlight(most: number) {
    this.#mostInFlight = most;
    this.#pump();
  }

  /** Returns how to stop listening. */
  onWeather(listener: (weather: Weather) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Waits for leave to send one request.
   * @param tokens the most that the request can take, question and answer.
   * @throws the signal's reason.
   */
  admit({ tokens }: { readonly tokens: number }, signal: AbortSignal): Promise<Permit> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const leave = (): void => {
        this.#queue.splice(this.#queue.indexOf(waiting), 1);
        reject(signal.reason as Error);
        this.#pump();
      };
      const waiting: Waiting = {
        tokens,
        pressed: false,
        admit: (permit) => {
          signal.removeEventListener('abort', leave);
          resolve(permit);
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#queue.push(waiting);
      this.#pump();
    });
  }

  /** What the server says of its limits, with whatever it says. */
  hear(hint: RateHint): void {
    this.#pace.hear(hint, this.#inFlight, this.#clock.elapsedMs());
  }

  /** The network is back, or a person wants to know: ask now. */
  wake(): void {
    this.#breaker.wake(this.#clock.elapsedMs());
    this.#pump();
  }

  /** The browser says that there is no network. It may be wrong: probes go on. */
  wentOffline(): void {
    if (this.#breaker.isOpen) return;
    this.#reason = 'offline';
    this.#breaker.open(this.#clock.elapsedMs());
    this.#pump();
  }

  /** The machine has slept: nobody knows what the network is like now. One request first, then at half the rate. */
  slept(): void {
    const now = this.#clock.elapsedMs();
    this.#reason = 'offline';
    this.#breaker.open(now, now);
    this.#pump();
  }

  #pump(): void {
    const now = this.#clock.elapsedMs();
    for (;;) {
      const [next] = this.#queue;
      if (!next || this.#inFlight >= this.#mostInFlight) break;
      const dueAt = this.#dueAt(next, now);
      if (dueAt > now) {
        next.pressed = true;
        this.#wakeAt(dueAt, now);
        break;
      }
      this.#queue.shift();
      next.admit(this.#permit(next, now));
    }
    this.#look(now);
  }

  #dueAt({ tokens }: Waiting, now: number): number {
    return this.#breaker.isOpen ? Math.max(this.#breaker.probeAt, this.#pace.holdUntil) : this.#pace.dueAt(now, tokens);
  }

  #permit({ tokens, pressed }: Waiting, now: number): Permit {
    const isProbe = this.#breaker.isOpen;
    if (isProbe) this.#breaker.probe();
    const sent = this.#pace.sent(now, tokens, pressed && !isProbe);
    this.#pressed = pressed;
    this.#inFlight++;
    let over = false;
    const end = (hear: (now: number) => void): void => {
      if (over) return;
      over = true;
      this.#inFlight--;
      hear(this.#clock.elapsedMs());
      if (!isProbe) this.#pace.answered();
      this.#pump();
    };
    return {
      isProbe,
      succeeded: () =>
        end((at) => {
          this.#opaque = this.#opaque.filter((time) => at - time < opaqueWithinMs);
          this.#alive(isProbe, at);
          this.#pace.accepted(sent, at);
        }),
      rejected: ({ waitMs } = {}) =>
        end((at) => {
          this.#alive(isProbe, at);
          this.#pace.refused(sent, at, waitMs);
        }),
      broke: ({ reason = 'overload', waitMs } = {}) =>
        end((at) => {
          this.#broke(sent, isProbe, reason, at);
          if (waitMs !== undefined) this.#pace.hold(at + waitMs);
        }),
      settled: ({ answered = false } = {}) =>
        end((at) => {
          if (answered) this.#alive(isProbe, at);
          else if (isProbe) this.#breaker.dropped(at);
        }),
    };
  }

  /** The server answered. What was sent before it broke down and is answered late does not mean that it is back. */
  #alive(isProbe: boolean, now: number): void {
    if (this.#breaker.isOpen && !isProbe) return;
    if (isProbe) this.#pace.halve(now);
    this.#breaker.close();
  }

  #broke(sent: Sent, isProbe: boolean, reason: 'overload' | 'network', now: number): void {
    this.#reason = reason === 'network' ? 'offline' : 'overload';
    this.#pace.eased();
    this.#breaker.failed(now, isProbe);
    if (reason !== 'network' || this.#breaker.isOpen) return;
    this.#opaque = [...this.#opaque.filter((at) => now - at < opaqueWithinMs), now];
    if (this.#opaque.length < opaqueFailures) return;
    this.#pace.refused(sent, now, undefined);
  }

  /** One alarm for all who wait; the queue is gone through again then. */
  #wakeAt(at: number, now: number): void {
    if (this.#alarm?.at === at) return;
    this.#alarm?.off.abort('set to another time');
    this.#alarm = undefined;
    if (at === Infinity) return;
    const alarm = { at, off: new AbortController() };
    this.#alarm = alarm;
    const ring = async (): Promise<void> => {
      await this.#clock.sleep(Math.max(0, at - now), alarm.off.signal);
      if (this.#alarm === alarm) this.#alarm = undefined;
      this.#pump();
    };
    ring().catch(() => undefined); // ends so when it is set to another time
  }

  #look(now: number): void {
    const weather = this.#weatherAt(now);
    const old = this.#weather;
    if (isSame(weather, old)) return;
    this.#weather = weather;
    for (const listener of this.#listeners) listener(weather);
  }

  #weatherAt(now: number): Weather {
    const wall = (at: number): number => Math.round(this.#clock.now() + at - now);
    const old = this.#weather;
    const waiting = (at: number, reason: 'rate' | 'overload' | 'offline'): Weather => {
      const until = wall(at);
      const same = old.type === 'waiting' && old.reason === reason && Math.abs(old.until - until) < 1000;
      return same ? old : { type: 'waiting', until, reason };
    };
    const { probeAt } = this.#breaker;
    if (this.#breaker.isOpen) {
      if (probeAt < Infinity) return waiting(Math.max(probeAt, now), this.#reason);
      return old.type === 'waiting' ? old : waiting(now, this.#reason);
    }
    const [next] = this.#queue;
    const dueAt = next ? this.#dueAt(next, now) : this.#pace.holdUntil;
    if (dueAt < Infinity && dueAt > now + worthTellingMs) return waiting(dueAt, 'rate');
    if (!this.#pressed || this.#pace.rate === Infinity) return { type: 'clear' };
    return { type: 'limited', perMinute: Number((this.#pace.rate * 60).toPrecision(2)) };
  }
}

function isSame(a: Weather, b: Weather): boolean {
  if (a === b || a.type === 'clear') return a.type === b.type;
  if (a.type === 'limited') return b.type === 'limited' && a.perMinute === b.perMinute;
  return b.type === 'waiting' && a.until === b.until && a.reason === b.reason;
}
