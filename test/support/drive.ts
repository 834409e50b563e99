import type { Clock } from '#lib/clock.ts';
import type { ModelClient } from '#core/completion.ts';
import type { Dataset } from '#core/example.ts';
import type { JournalEntry, ModelRole, RunSpec } from '#core/run.ts';
import type { StoredAnswer } from '#core/journal.ts';
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

export type Written = { readonly entries: readonly JournalEntry[]; readonly answers: readonly StoredAnswer[] };

/** A run on a machine that can be switched off: start it, crash it after any entry, open what is left on another machine. */
export class Machine {
  readonly storage = memoryStorage();
  readonly clock = createTestClock();
  readonly written: Written[] = [];
  readonly asked: { readonly role: ModelRole; readonly body: string }[] = [];
  readonly dataset: Dataset;
  session: RunSession | undefined;
  /** Wraps each model, to break it in some way. */
  wrap: (client: ModelClient, role: ModelRole) => ModelClient = (client) => client;

  constructor(dataset: Dataset) {
    this.dataset = dataset;
  }

  open(spec: Pick<RunSpec, 'id'>): RunSession {
    const { journal, answers } = this.storage;
    const tools = createSessionTools(
      {
        journal: {
          read: (run, from) => journal.read(run, from),
          append: async (run, entries, paid) => {
            await journal.append(run, entries, paid);
            this.written.push({ entries, answers: paid });
          },
        },
        answers,
        dataset: () => Promise.resolve(this.dataset),
      },
      () => ({}),
      this.clock,
    );
    this.session = new RunSession(spec.id, {
      ...tools,
      connect: async (...given) => {
        const role = given[1];
        const client = this.wrap(await tools.connect(...given), role);
        return {
          fingerprint: client.fingerprint,
          probe: (signal) => client.probe(signal),
          complete: (request, signal) => {
            this.asked.push({ role, body: JSON.stringify(request) });
            return client.complete(request, signal);
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
  async restore(spec: RunSpec, written: readonly Written[]): Promise<void> {
    for (const { entries, answers } of written) await this.storage.journal.append(spec.id, entries, answers);
  }
}

/** What a run came to, without times and without what it cost to get there twice. */
export const digest = (state: RunState): unknown => ({
  candidates: [...state.candidates.values()].map(({ candidate, round, order, results }) => ({
    candidate,
    round,
    order,
    results: Object.fromEntries(
      Object.entries(results).map(([split, map]) => [split, [...map].sort(([a], [b]) => (a < b ? -1 : 1))]),
    ),
  })),
  facts: state.facts,
  texts: [...state.generated.values()].map(({ step, job, messages, output }) => ({ step, job, messages, output })),
  refused: [...state.refused],
  spending: state.spending,
  searchEnd: state.searchEnd,
  end: state.end,
});

export const stateOf = (entries: readonly JournalEntry[]): RunState => foldEntries(entries);
