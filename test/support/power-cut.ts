import { setImmediate } from 'node:timers/promises';
import { createRandom } from '#lib/random.ts';
import type { ModelClient } from '#core/completion.ts';
import type { Dataset } from '#core/example.ts';
import { callKey, type CallKey, type RunId } from '#core/id.ts';
import type { Attempt } from '#core/journal.ts';
import type { RunSpec } from '#core/run.ts';
import { Traffic } from '#engine/calls/traffic.ts';
import { probeFingerprint } from '#engine/models.ts';
import type { RunState } from '#engine/run-state.ts';
import { RunSession } from '#engine/session.ts';
import { memoryStorage } from '#storage/index.ts';
import { createSessionTools } from '../../src/compose.ts';
import { asking } from './asking.ts';
import { createTestClock } from './drive.ts';
import type { LedgerRow } from './fault-server/types.ts';

/**
 * A program that can be killed at any point: before a write reaches the disk, after it and before the program hears of it, before a
 * request is sent, before and after the provider has worked, before the answer arrives. What happens after that point never happens.
 */
class Power {
  readonly #points: number;
  #passed = 0;
  #cut: () => void = () => undefined;
  readonly cut: Promise<void> = new Promise((resolve) => (this.#cut = resolve));

  constructor(points: number) {
    this.#points = points;
  }

  get isOn(): boolean {
    return this.#passed < this.#points;
  }

  get passed(): number {
    return this.#passed;
  }

  /** Resolves, or never does. */
  point(): Promise<void> {
    this.#passed += 1;
    if (this.isOn) return Promise.resolve();
    this.#cut();
    return new Promise(() => undefined);
  }
}

/** Of the model: to find out what it accepts takes three questions, two of which are answered. */
const character = { refuses: ['seed'], gives: 0 };

/** One disk and one provider's ledger, over any number of lives of the program. */
export class Lives {
  readonly storage = memoryStorage();
  readonly ledger: LedgerRow[] = [];
  /** Every request that was ever written down. */
  readonly sent: Attempt[] = [];
  /** Calls whose answers were on disk at each cut. */
  readonly acknowledged = new Set<CallKey>();
  readonly #dataset: Dataset;
  readonly #stored = new Set<CallKey>();
  #clock = createTestClock();

  constructor(dataset: Dataset) {
    this.#dataset = dataset;
  }

  /** Lets the run go on for so many points. @returns its state, when it came to its end, and how many points it took. */
  async live(spec: RunSpec, points = Infinity): Promise<{ readonly state?: RunState; readonly points: number }> {
    const power = new Power(points);
    this.#clock = createTestClock();
    const session = this.#open(spec, power);
    const run = async (): Promise<RunState> => {
      const isNew = (await this.storage.journal.read(spec.id)).length === 0;
      if (isNew) await session.begin(spec);
      await session.drive();
      return session.state;
    };
    const state = await Promise.race([run(), power.cut]);
    // what was already on its way in this turn of the event loop runs into the cut
    await setImmediate();
    for (const call of this.#stored) this.acknowledged.add(call);
    // a call that was cut off too often stalls the run: whoever opens it again says that it may go on
    return { ...(state?.status === 'ended' ? { state } : {}), points: power.passed };
  }

  #open(spec: RunSpec, power: Power): RunSession {
    const { journal, answers } = this.storage;
    const tools = createSessionTools(
      {
        journal: {
          read: (run, from) => journal.read(run, from),
          open: (run) => journal.open(run),
          append: async (run, write) => {
            await power.point();
            await journal.append(run, write);
            this.sent.push(...write.sent);
            for (const { call } of write.answers) this.#stored.add(call);
            await power.point();
          },
        },
        answers,
        dataset: () => Promise.resolve(this.#dataset),
      },
      () => ({}),
      new Traffic({ clock: this.#clock, random: createRandom(1) }),
      this.#clock,
    );
    return new RunSession(spec.id, {
      ...tools,
      connect: async (...given) => this.#billing(asking(await tools.connect(...given), character), spec.id, power),
    });
  }

  #billing(client: ModelClient, run: RunId, power: Power): ModelClient {
    return {
      ...client,
      complete: async (request, signal, options) => {
        await power.point();
        const { accepts } = options ?? {};
        const name = accepts ? probeFingerprint(client.fingerprint, run, accepts) : client.fingerprint;
        const row = rowOf(this.ledger.length + 1, callKey(name, request));
        this.ledger.push(row);
        await power.point();
        const completion = await client.complete(request, signal, options);
        row.billed = true;
        await power.point();
        return completion;
      },
    };
  }
}

const rowOf = (n: number, call: CallKey): LedgerRow => ({
  n,
  atMs: 0,
  at: 0,
  connection: 1,
  reusedConnection: false,
  protocol: 'h1',
  method: 'POST',
  path: '/v1/chat/completions',
  call,
  attempt: 1,
  keyStart: '',
  keyElsewhere: false,
  headerNames: [],
  billed: false,
  completed: true,
  clientGone: false,
});
