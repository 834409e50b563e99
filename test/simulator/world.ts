import { setMaxListeners } from 'node:events';
import type { Budget } from '#core/budget.ts';
import type { CallKey } from '#core/id.ts';
import { callKey } from '#core/id.ts';
import type { CompletionRequest, Usage } from '#core/completion.ts';
import { createRandom, type Random } from '#lib/random.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';
import type { Happening, Knobs } from './knobs.ts';

/** One promise that was broken, with the place. */
export type Violation = { readonly promise: string; readonly what: string };

/** A request as the simulation knows it: written down, sent, charged. */
export type Written = {
  readonly id: string;
  readonly call: CallKey;
  readonly life: number;
  readonly submittedAt: number;
  readonly budget: Budget;
  dispatched: boolean;
};

// sixteen requests may listen to one signal
setMaxListeners(0);

/** What is outside of the machine, and what the oracle remembers: time, the course of events, and who was charged for what. */
export class World {
  readonly knobs: Knobs;
  readonly clock: VirtualClock = createVirtualClock(1_700_000_000_000);
  readonly random: Random;
  readonly trace: string[] = [];
  readonly violations: Violation[] = [];
  readonly never = new AbortController().signal;
  ticks = 0;
  budget: Budget = { calls: 0 };
  /** Called when a happening is due. */
  happen: (happening: Happening) => void = () => undefined;
  suspends: number[] = [];
  #wakeSuspend: () => void = () => undefined;
  readonly #waiting: Happening[];
  readonly #keys = new Map<string, CallKey>();

  constructor(knobs: Knobs) {
    this.knobs = knobs;
    this.random = createRandom(`world ${knobs.seed}`);
    this.#waiting = [...knobs.happenings];
  }

  note(what: string): void {
    this.trace.push(`${this.clock.elapsedMs().toFixed(3)} ${what}`);
  }

  violated(promise: string, what: string): void {
    if (this.violations.length >= 20) return;
    this.note(`!! ${promise}: ${what}`);
    this.violations.push({ promise, what });
  }

  /** One step of the simulation. What is due befalls now, in the middle of whatever it is. */
  tick(): void {
    this.ticks += 1;
    while (this.#waiting[0] && this.#waiting[0].tick <= this.ticks) {
      const due = this.#waiting.shift() as Happening;
      this.note(`** ${JSON.stringify(due)}`);
      this.happen(due);
    }
  }

  keyOf(request: CompletionRequest, model: string): CallKey {
    const text = JSON.stringify([model, request]);
    const known = this.#keys.get(text);
    if (known) return known;
    const key = callKey(model, request);
    this.#keys.set(text, key);
    return key;
  }

  suspend(durationMs: number): void {
    this.suspends.push(durationMs);
    this.#wakeSuspend();
  }

  /** Lets time pass until the work is done; machines sleep where they are told to. */
  async finish<T>(work: Promise<T>): Promise<T> {
    for (;;) {
      const suspended = new Promise<'suspended'>((resolve) => {
        this.#wakeSuspend = () => resolve('suspended');
      });
      const first = await this.clock.finish(
        Promise.race([work.then(() => 'done' as const), suspended]),
        1000 * 86_400_000,
      );
      if (first === 'done') return work;
      for (const durationMs of this.suspends.splice(0)) await this.clock.suspend(durationMs);
    }
  }
}

export const tokensIn = ({ inputTokens, outputTokens }: Usage): number => inputTokens + outputTokens;

/** US dollars per million tokens. */
export const price = { inputUsd: 3, outputUsd: 15 };

export const costOf = ({ inputTokens, outputTokens }: Usage): number =>
  (inputTokens * price.inputUsd + outputTokens * price.outputUsd) / 1e6;

/** FNV-1a: a number that a text always has. */
export function numberOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
