import type { Dataset } from '#core/example.ts';
import type { ModelClient } from '#core/completion.ts';
import type { AppError } from '#core/error.ts';
import type { RunJournal } from '#core/journal.ts';
import type { JournalEntry, RunSpec } from '#core/run.ts';
import { Traffic } from '#engine/calls/traffic.ts';
import { RunSession } from '#engine/session.ts';
import { createRandom } from '#lib/random.ts';
import type { Clock } from '#lib/clock.ts';
import { metricOf, proposeReading } from '#metrics/index.ts';
import { optimizerOf } from '#optimizers/index.ts';
import { failingStorage } from '../support/failing-storage.ts';
import type { Disk } from './disk.ts';
import type { Provider, Watched } from './provider.ts';
import type { World } from './world.ts';

/** Breaks the engine from outside, so that it can be seen that the oracle notices. */
export type Sabotage = {
  readonly journal?: (journal: RunJournal) => RunJournal;
  readonly client?: (client: ModelClient) => ModelClient;
  readonly clock?: (clock: Clock) => Clock;
};

/** Everything that a page keeps in memory. It dies in a crash: then nothing that was on its way arrives any more. */
export class Life implements Watched {
  readonly index: number;
  dead = false;
  readonly holds: Watched['holds'] = new Map();
  askedAt: number | undefined;
  afterAsked = 0;
  isPaused = false;
  readonly endings: Watched['endings'] = new Set();
  /** The session that drives, from when its run is loaded. */
  session: RunSession | undefined;
  blocked: ((error: AppError | undefined) => void) | undefined;
  /** Resolves when this life no longer drives: it died, or another one took over. */
  readonly over: Promise<'crashed' | 'replaced'>;
  readonly died: Promise<void>;
  readonly traffic: Traffic;
  readonly #clock: Clock;
  readonly #world: World;
  readonly #disk: Disk;
  readonly #provider: Provider;
  readonly #sabotage: Sabotage;
  readonly #storage;
  #end: (how: 'crashed' | 'replaced') => void = () => undefined;
  #die: () => void = () => undefined;

  constructor(index: number, world: World, disk: Disk, provider: Provider, sabotage: Sabotage = {}) {
    this.index = index;
    this.#world = world;
    this.#disk = disk;
    this.#provider = provider;
    this.#sabotage = sabotage;
    this.over = new Promise((resolve) => (this.#end = resolve));
    this.died = new Promise((resolve) => (this.#die = resolve));
    const { clock } = world;
    const honest: Clock = {
      now: () => clock.now(),
      elapsedMs: () => clock.elapsedMs(),
      sleep: (delayMs, signal) => this.guard(clock.sleep(delayMs, signal)),
    };
    this.#clock = sabotage.clock?.(honest) ?? honest;
    this.traffic = new Traffic({ clock: this.#clock, random: createRandom(`life ${index} of ${world.knobs.seed}`) });
    const fault = world.knobs.diskFaults.find(({ life }) => life === index);
    const view = disk.view(this);
    const { journal, answers } = fault ? failingStorage(view, fault) : view;
    this.#storage = { journal: sabotage.journal?.(journal) ?? journal, answers };
  }

  guard<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      work.then(
        (value) => {
          if (!this.dead) resolve(value);
        },
        (error: unknown) => {
          if (!this.dead) reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  }

  die(): void {
    this.dead = true;
    // whoever was under way on the network is on its own: it is charged or not, and nobody hears
    for (const end of [...this.endings]) end();
    this.#end('crashed');
    this.#die();
  }

  replaced(): void {
    this.#end('replaced');
  }

  open(spec: RunSpec, dataset: Dataset): RunSession {
    this.askedAt = undefined;
    this.afterAsked = 0;
    this.isPaused = false;
    return new RunSession(spec.id, {
      ...this.#storage,
      clock: this.#clock,
      traffic: this.traffic,
      proposeReading,
      dataset: () => Promise.resolve(dataset),
      optimizer: optimizerOf,
      metric: metricOf,
      connect: (_spec, role) => {
        const client = this.#provider.client(this, role);
        return Promise.resolve(this.#sabotage.client?.(client) ?? client);
      },
      seen: (entries) => this.#seen(entries),
      blocked: (error) => this.blocked?.(error),
    });
  }

  /** What is shown must be there for good. */
  #seen(entries: readonly JournalEntry[]): void {
    for (const entry of entries) {
      if (this.#disk.entries[entry.seq] !== entry)
        this.#world.violated('P1', `entry ${entry.seq} was shown and is not there`);
      const { event } = entry;
      const call =
        event.type === 'text-generated'
          ? event.call
          : event.type === 'example-evaluated' && event.result.type === 'answered'
            ? event.result.call
            : undefined;
      if (call && !this.#disk.answers.has(call))
        this.#world.violated('P1', `the answer of entry ${entry.seq} is not there`);
    }
  }
}
