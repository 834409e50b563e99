import type { Dataset } from '#core/example.ts';
import type { RunSpec } from '#core/run.ts';
import { Traffic } from '#engine/calls/traffic.ts';
import { RunSession } from '#engine/session.ts';
import { systemClock } from '#lib/clock.ts';
import { createRandom } from '#lib/random.ts';
import { memoryStorage, type Storage } from '#storage/index.ts';
import { createSessionTools } from '../../src/compose.ts';
import { makeSpec } from './builders.ts';
import { isCompletionRow } from './fault-server/ledger.ts';
import { startFaultServer, type FaultServer } from './fault-server/server.ts';
import type { FaultServerOptions, LedgerRow } from './fault-server/types.ts';

/** A run as the app makes it, the product's own client and a real server included; only the disk is memory. */
export class ServedRun {
  readonly storage: Storage;
  readonly server: FaultServer;
  readonly dataset: Dataset;
  readonly spec: RunSpec;
  apiKey = 'sk-good';
  readonly #traffic = new Traffic({ clock: systemClock, random: createRandom(1) });

  constructor(server: FaultServer, dataset: Dataset, spec: RunSpec, storage = memoryStorage()) {
    this.storage = storage;
    this.server = server;
    this.dataset = dataset;
    this.spec = spec;
  }

  /** The same run again, as after a reload: from what is kept. */
  open(): RunSession {
    const { journal, answers } = this.storage;
    const dataset = () => Promise.resolve(this.dataset);
    const secrets = () => ({ apiKey: this.apiKey });
    return new RunSession(this.spec.id, createSessionTools({ journal, answers, dataset }, secrets, this.#traffic));
  }

  /** Until it has ended, or waits for a person. */
  async begin(): Promise<RunSession> {
    const session = this.open();
    await session.begin(this.spec);
    await session.drive();
    return session;
  }

  get calls(): readonly LedgerRow[] {
    return this.server.ledger.filter(isCompletionRow);
  }

  /** Calls that were billed more than once. */
  get paidTwice(): readonly string[] {
    const billed = this.calls.filter((row) => row.billed).map(({ call }) => call ?? '');
    return billed.filter((call, index) => billed.indexOf(call) !== index);
  }
}

type Served = {
  readonly dataset: Dataset;
  readonly server?: FaultServerOptions;
  readonly spec?: Parameters<typeof makeSpec>[1];
  /** What stands behind the origin, and which model is asked for. */
  readonly path?: string;
  readonly model?: string;
};

/** Serves a small run, lets `work` look at it, and takes the server down. */
export async function withServedRun<T>(
  { dataset, server: options, spec: over, path = '/v1', model = 'test-model' }: Served,
  work: (run: ServedRun) => Promise<T>,
): Promise<T> {
  const answerKey = { task: makeSpec(dataset).task, examples: dataset.examples };
  const server = await startFaultServer({ answerKey, ...options });
  try {
    const choice = { provider: 'openai-compatible', values: { baseUrl: `${server.origin}${path}`, model } };
    const spec = makeSpec(dataset, {
      models: { evaluation: choice, generator: choice },
      concurrency: 4,
      simulated: false,
      ...over,
      values: { rounds: 1, proposals: 1, ...over?.values },
    });
    return await work(new ServedRun(server, dataset, spec));
  } finally {
    await server.close();
  }
}
