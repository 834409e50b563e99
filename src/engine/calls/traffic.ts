import type { Clock } from '#lib/clock.ts';
import type { Random } from '#lib/random.ts';
import type { ModelClient } from '#core/completion.ts';
import type { AppError } from '#core/error.ts';
import { DeadlinesByKind } from './deadlines.ts';
import { Limiter, type Weather } from './limiter.ts';
import { UnderWay } from './under-way.ts';

export type TrafficTools = {
  readonly clock: Clock;
  readonly random: Random;
  /** The weather at some address has changed. */
  readonly changed?: () => void;
};

/** One address: when requests may go there, how long to wait for an answer, and what came from there so far. */
export type Lane = {
  readonly limiter: Limiter;
  readonly deadlines: DeadlinesByKind;
  /** `heard`: something that could be read. `badAnswers`: answers in a row that were none. `failure`: the last one of this address. */
  readonly record: { heard: boolean; badAnswers: number; failure?: AppError };
};

/** What all runs of a worker share, because the provider sees them as one: limits of rate by address, and calls under way. */
export class Traffic {
  readonly underWay = new UnderWay();
  readonly random: Random;
  readonly #lanes = new Map<string, Lane>();
  readonly #tools: TrafficTools;

  constructor(tools: TrafficTools) {
    this.#tools = tools;
    this.random = tools.random.fork('retries');
  }

  lane({ lane: name, mostInFlight }: Pick<ModelClient, 'lane' | 'mostInFlight'>): Lane {
    const known = this.#lanes.get(name);
    if (known) return known;
    const { clock, random, changed } = this.#tools;
    const limiter = new Limiter({ clock, random: random.fork(name), mostInFlight });
    limiter.onWeather(() => changed?.());
    const lane: Lane = { limiter, deadlines: new DeadlinesByKind(), record: { heard: false, badAnswers: 0 } };
    this.#lanes.set(name, lane);
    return lane;
  }

  get weather(): readonly { readonly lane: string; readonly weather: Weather }[] {
    return [...this.#lanes].map(([lane, { limiter }]) => ({ lane, weather: limiter.weather }));
  }

  /** The network went or came back as the browser has it, or the computer woke up. */
  wake(what: 'online' | 'offline' | 'slept'): void {
    for (const { limiter } of this.#lanes.values())
      if (what === 'online') limiter.wake();
      else if (what === 'offline') limiter.wentOffline();
      else limiter.slept();
  }
}
