// STAND-IN by the lead so that the tree compiles: helper "Calls" replaces this file.
import type { Clock } from '#lib/clock.ts';
import type { Random } from '#lib/random.ts';
import type { RateHint } from '#core/completion.ts';

export type Weather =
  | { readonly type: 'clear' }
  | { readonly type: 'limited'; readonly perMinute: number }
  | { readonly type: 'waiting'; readonly until: number; readonly reason: 'rate' | 'overload' | 'offline' };
export type Permit = {
  succeeded(of: { readonly latencyMs: number; readonly tokens: number }): void;
  rejected(hint: { readonly waitMs?: number }): void;
  broke(): void;
  settled(): void;
};
export class Limiter {
  readonly weather: Weather = { type: 'clear' };
  readonly isBroken = false;
  #until = 0;
  readonly #clock: Clock;
  constructor(tools: {
    readonly clock: Clock;
    readonly random: Random;
    readonly mostInFlight: number;
    changed?(weather: Weather): void;
  }) {
    this.#clock = tools.clock;
  }
  async admit(_: { readonly tokens: number }, signal: AbortSignal): Promise<Permit> {
    const wait = this.#until - this.#clock.elapsedMs();
    if (wait > 0) await this.#clock.sleep(wait, signal);
    const nothing = (): void => undefined;
    return {
      succeeded: nothing,
      rejected: ({ waitMs = 500 }) => (this.#until = this.#clock.elapsedMs() + waitMs),
      broke: () => (this.#until = this.#clock.elapsedMs() + 500),
      settled: nothing,
    };
  }
  hear(_: RateHint): void {}
  wake(): void {}
  slept(): void {}
}
