import { systemClock } from '#lib/clock.ts';
import { logError } from '#lib/log.ts';
import { expose } from '#lib/rpc.ts';
import { toErrorRecord } from '#core/error.ts';
import { checkValues, type FieldValue } from '#core/fields.ts';
import type { ModelChoice } from '#core/run.ts';
import { providerOf } from '#providers/index.ts';
import { openStorage } from '#storage/index.ts';
import { createSessionTools } from '../compose.ts';
import { secretPlace, type Batch, type EngineApi } from './api.ts';
import { failure, RunHost, type Lock } from './host.ts';

/** Composition root of the engine's worker. Timers of a hidden page sleep; a worker's do not. */

/** Entries are gathered this long before they cross to the page: a fast run writes thousands a second. */
const gatherMs = 40;

let secrets: ReadonlyMap<string, Readonly<Record<string, FieldValue>>> = new Map();
const secretsOf = (choice: ModelChoice): Readonly<Record<string, FieldValue>> => secrets.get(secretPlace(choice)) ?? {};

let listener: ((batches: readonly Batch[]) => void) | undefined;
let waiting: Batch[] = [];
const hand = (batch: Batch): void => {
  waiting.push(batch);
  if (waiting.length > 1) return;
  setTimeout(() => {
    listener?.(waiting);
    waiting = [];
  }, gatherMs);
};

const lock: Lock = async (name, work) => {
  let granted = true;
  await navigator.locks.request(name, { ifAvailable: true }, async (held) => {
    if (held) await work();
    else granted = false;
  });
  return granted;
};

const host = openStorage().then(
  (storage) =>
    new RunHost(
      createSessionTools(
        { journal: storage.journal, answers: storage.answers, dataset: (id) => storage.library.dataset(id) },
        secretsOf,
      ),
      lock,
      (run, entries) => hand({ run, entries }),
      (error) => logError('engine', error),
    ),
);

const valuesOf = (choice: ModelChoice) => {
  const provider = providerOf(choice.provider);
  if (!provider) throw new Error(`Bug: unknown provider ${choice.provider}`);
  return { provider, values: checkValues(provider.fields, { ...choice.values, ...secretsOf(choice) }).values };
};

const api: EngineApi = {
  start: async (spec) => host.then((h) => h.start(spec), failure),
  resume: async (run) => host.then((h) => h.resume(run), failure),
  pause: async (run) => (await host).pause(run),
  stop: async (run) => host.then((h) => h.stop(run), failure),
  driving: async () => (await host).driving,
  setSecrets: (entries) => {
    secrets = new Map(
      entries.map(({ provider, origin, values }) => [secretPlace({ provider, values: { baseUrl: origin } }), values]),
    );
    return Promise.resolve();
  },
  async testConnection(choice) {
    const { provider, values } = valuesOf(choice);
    const report = await provider.test(values, { clock: systemClock }, new AbortController().signal);
    return report.ok ? report : { ...report, error: toErrorRecord(report.error) };
  },
  async listModels(choice) {
    try {
      const { provider, values } = valuesOf(choice);
      return { ok: true, value: await provider.listModels(values, new AbortController().signal) };
    } catch (error) {
      return failure(error);
    }
  },
  watch: (next) => {
    listener = next;
    return Promise.resolve();
  },
};

expose(api);
