import type { Clock } from '#lib/clock.ts';
import type { Random } from '#lib/random.ts';
import type { ModelClient } from '#core/completion.ts';
import { Deadlines } from './deadlines.ts';
import { Limiter, type Weather } from './limiter.ts';
import { UnderWay } from './under-way.ts';

export type TrafficTools = {
  readonly clock: Clock;
  readonly random: Random;
  readonly changed?: (lane: string, weather: Weather) => void;
};

export type Lane = { readonly limiter: Limiter; readonly deadlines: Deadlines };

/** What all runs of a worker share, because the provider sees them as one: limits of rate by address, and calls under way. */
export class Traffic {
  readonly underWay = new UnderWay();
  readonly #lanes = new Map<string, Lane>();
  readonly #tools: TrafficTools;

  constructor(tools: TrafficTools) {
    this.#tools = tools;
  }

  lane({ lane: name, mostInFlight }: Pick<ModelClient, 'lane' | 'mostInFlight'>): Lane {
    const known = this.#lanes.get(name);
    if (known) return known;
    const { clock, random, changed } = this.#tools;
    const limiter = new Limiter({
      clock,
      random: random.fork(name),
      mostInFlight,
      changed: (weather) => changed?.(name, weather),
    });
    const lane: Lane = { limiter, deadlines: new Deadlines() };
    this.#lanes.set(name, lane);
    return lane;
  }

  get weather(): readonly { readonly lane: string; readonly weather: Weather }[] {
    return [...this.#lanes].map(([lane, { limiter }]) => ({ lane, weather: limiter.weather }));
  }

  /** The network came back, or the computer woke up. */
  wake(what: 'online' | 'slept'): void {
    for (const { limiter } of this.#lanes.values())
      if (what === 'online') limiter.wake();
      else limiter.slept();
  }
}
