import type { Clock } from '#lib/clock.ts';

/** A token bucket with continuous refill: exact at any moment, without windows. */
export class TokenBucket {
  #level: number;
  #at: number;
  #capacity: number;
  #perMinute: number;
  readonly #clock: Pick<Clock, 'elapsedMs'>;

  /** It begins full. */
  constructor(capacity: number, perMinute: number, clock: Pick<Clock, 'elapsedMs'>) {
    this.#level = this.#capacity = capacity;
    this.#perMinute = perMinute;
    this.#clock = clock;
    this.#at = clock.elapsedMs();
  }

  get level(): number {
    const now = this.#clock.elapsedMs();
    this.#level = Math.min(this.#capacity, this.#level + ((now - this.#at) * this.#perMinute) / 60_000);
    this.#at = now;
    return this.#level;
  }

  /** From now on; what was saved up stays, as far as it fits. */
  setRate(capacity: number, perMinute: number): void {
    this.#level = Math.min(this.level, capacity);
    this.#capacity = capacity;
    this.#perMinute = perMinute;
  }

  /** How long until so much is there; 0: now. A rounding error of the refill is not held against anybody. */
  waitMs(amount: number): number {
    const missing = amount - this.level;
    return missing <= 1e-9 ? 0 : (missing * 60_000) / this.#perMinute;
  }

  /** Takes it, below zero if need be: a rejected call can cost as well. */
  take(amount: number): void {
    this.#level = this.level - amount;
  }
}
