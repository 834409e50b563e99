import type { Clock } from '#lib/clock.ts';
import { createRandom } from '#lib/random.ts';
import type { ModelClient } from '#core/completion.ts';
import type { AppError } from '#core/error.ts';
import type { Dataset } from '#core/example.ts';
import type { JournalEntry, ModelRole, RunSpec } from '#core/run.ts';
import type { JournalWrite } from '#core/journal.ts';
import { Traffic } from '#engine/calls/traffic.ts';
import { foldEntries, type RunState } from '#engine/run-state.ts';
import { RunSession } from '#engine/session.ts';
import { memoryStorage } from '#storage/index.ts';
import { createSessionTools } from '../../src/compose.ts';

/** A clock that never waits: each sleep moves it on at once. */
export function createTestClock(): Clock & { readonly slept: number[] } {
  let now = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    elapsedMs: () => now,
    sleep(delayMs, signal) {
      signal.throwIfAborted();
      now += delayMs;
      slept.push(delayMs);
      return Promise.resolve();
    },
  };
}

/** A run on a machine that can be switched off: start it, crash it after any write, open what is left on another machine. */
export class Machine {
  readonly storage = memoryStorage();
  readonly clock = createTestClock();
  readonly written: JournalWrite[] = [];
  readonly asked: { readonly role: ModelRole; readonly body: string }[] = [];
  readonly dataset: Dataset;
  readonly traffic = new Traffic({ clock: this.clock, random: createRandom(1) });
  session: RunSession | undefined;
  /** Wraps each model, to break it in some way. */
  wrap: (client: ModelClient, role: ModelRole) => ModelClient = (client) => client;

  /** Hears that there is no room, and that there is again. */
  blocked: (error: AppError | undefined) => void = () => undefined;

  constructor(dataset: Dataset) {
    this.dataset = dataset;
  }

  open(spec: Pick<RunSpec, 'id'>): RunSession {
    const { journal, answers } = this.storage;
    const tools = createSessionTools(
      {
        journal: {
          ...journal,
          append: async (run, write) => {
            await journal.append(run, write);
            this.written.push(write);
          },
        },
        answers,
        dataset: () => Promise.resolve(this.dataset),
      },
      () => ({}),
      this.traffic,
      this.clock,
    );
    this.session = new RunSession(spec.id, {
      ...tools,
      blocked: (error) => this.blocked(error),
      connect: async (...given) => {
        const role = given[1];
        const client = this.wrap(await tools.connect(...given), role);
        return {
          ...client,
          complete: (request, signal, options) => {
            this.asked.push({ role, body: JSON.stringify(request) });
            return client.complete(request, signal, options);
          },
        };
      },
    });
    return this.session;
  }

  async run(spec: RunSpec): Promise<RunState> {
    const session = this.open(spec);
    await session.begin(spec);
    await session.drive();
    return session.state;
  }

  /** Puts what another machine had written before it was switched off. */
  async restore(spec: RunSpec, written: readonly JournalWrite[]): Promise<void> {
    for (const write of written) await this.storage.journal.append(spec.id, write);
  }
}

/** What a run came to, without times and without what it cost to get there twice. */
export const digest = (state: RunState): unknown => ({
  capabilities: state.capabilities,
  candidates: [...state.candidates.values()].map(({ candidate, round, order, results }) => ({
    candidate,
    round,
    order,
    results: Object.fromEntries(
      Object.entries(results).map(([split, map]) => [split, [...map].sort(([a], [b]) => (a < b ? -1 : 1))]),
    ),
  })),
  facts: state.facts,
  heard: [...state.heard],
  texts: [...state.generated.values()].map(({ step, job, messages, output }) => ({ step, job, messages, output })),
  refused: [...state.refused],
  searchEnd: state.searchEnd,
  end: state.end,
});

export const stateOf = (entries: readonly JournalEntry[]): RunState => foldEntries(entries);
