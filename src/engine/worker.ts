import { systemClock, watchSleep } from '#lib/clock.ts';
import { logError } from '#lib/log.ts';
import { createRandom } from '#lib/random.ts';
import { neverLog } from '#lib/redact.ts';
import { countRequests, noteRequest } from '#lib/requests.ts';
import { expose } from '#lib/rpc.ts';
import { freshSeed } from '#lib/seed.ts';
import { toErrorRecord, type ErrorRecord } from '#core/error.ts';
import { checkValues, type FieldValue } from '#core/fields.ts';
import type { RunId } from '#core/id.ts';
import type { ModelChoice } from '#core/run.ts';
import { providerOf } from '#providers/index.ts';
import { keepRequestBook } from '#state/request-book.ts';
import { openStorage } from '#storage/index.ts';
import { createSessionTools } from '../compose.ts';
import { runsChannel, secretPlace, type Batch, type Conditions, type EngineApi, type EngineSafety } from './api.ts';
import { Traffic } from './calls/traffic.ts';
import { failure, RunHost, type Locks } from './host.ts';

/** Composition root of the engine's worker. Timers of a hidden page sleep; a worker's do not. */

/** Entries are gathered this long before they cross to the page, which draws anew each time: a fast run writes hundreds a second. */
const gatherMs = 100;

let secrets: ReadonlyMap<string, Readonly<Record<string, FieldValue>>> = new Map();
const secretsOf = (choice: ModelChoice): Readonly<Record<string, FieldValue>> => secrets.get(secretPlace(choice)) ?? {};

let listener: ((batches: readonly Batch[]) => void) | undefined;
let waiting: Batch[] = [];
const hints = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel(runsChannel);
const hand = (batch: Batch): void => {
  waiting.push(batch);
  if (waiting.length > 1) return;
  setTimeout(() => {
    listener?.(waiting);
    for (const run of new Set(waiting.map((batch) => batch.run))) hints?.postMessage({ run });
    waiting = [];
  }, gatherMs);
};

let hearConditions: ((conditions: Conditions) => void) | undefined;
const blocked = new Map<RunId, ErrorRecord>();
let safety: readonly EngineSafety[] = [];
const tellConditions = (): void =>
  hearConditions?.({
    weather: traffic.weather,
    blocked: [...blocked].map(([run, error]) => ({ run, error })),
    safety,
  });

const traffic = new Traffic({ clock: systemClock, random: createRandom(freshSeed()), changed: tellConditions });

const locks: Locks = {
  hold: (name, how) =>
    new Promise((answer) => {
      const wish: LockOptions =
        how.mode === 'steal'
          ? { steal: true }
          : { ifAvailable: true, mode: how.mode === 'shared' ? 'shared' : 'exclusive' };
      navigator.locks
        .request(name, wish, (held) => (held ? new Promise<void>((release) => answer(release)) : answer(undefined)))
        .catch(() => how.lost()); // taken by force
    }),
};

const life = new Promise<string>((held) => {
  const name = `automated-prompt-generator:engine-life:${crypto.randomUUID()}`;
  const forEver = new Promise<never>(() => undefined);
  void navigator.locks.request(name, () => {
    held(name);
    return forEver;
  });
});

const storage = openStorage();
void storage.then(({ settings }) =>
  countRequests(
    keepRequestBook(settings, systemClock, (work) =>
      navigator.locks.request('automated-prompt-generator:requests', work),
    ),
  ),
);
// only this thread writes runs: what goes wrong with that, the page does not see
storage.then(
  (opened) => {
    const tell = ({ state, secondCopy }: EngineSafety): void => {
      safety = [{ state, secondCopy }];
      tellConditions();
    };
    opened.safety.watch(tell);
    tell(opened.safety.current);
  },
  () => undefined, // whoever wants to use it is told
);
// what the page's policy forbids was never sent
addEventListener('securitypolicyviolation', ({ blockedURI }) => noteRequest(blockedURI, 'blocked'));

const host = storage.then(
  (storage) =>
    new RunHost(
      createSessionTools(
        { journal: storage.journal, answers: storage.answers, dataset: (id) => storage.library.dataset(id) },
        secretsOf,
        traffic,
      ),
      locks,
      {
        seen: (run, entries) => hand({ run, entries }),
        blocked: (run, error) => {
          if (error) blocked.set(run, error);
          else blocked.delete(run);
          tellConditions();
        },
        failed: (error) => logError('engine', error),
      },
    ),
);

watchSleep(systemClock, () => traffic.wake('slept'));

const valuesOf = (choice: ModelChoice) => {
  const provider = providerOf(choice.provider);
  if (!provider) throw new Error(`Bug: unknown provider ${choice.provider}`);
  return { provider, values: checkValues(provider.fields, { ...choice.values, ...secretsOf(choice) }).values };
};

const api: EngineApi = {
  life: () => life,
  start: async (spec) => host.then((h) => h.start(spec), failure),
  resume: async (run) => host.then((h) => h.resume(run), failure),
  pause: async (run) => (await host).pause(run),
  stop: async (run) => host.then((h) => h.stop(run), failure),
  takeOver: async (run) => host.then((h) => h.takeOver(run), failure),
  takeRight: async () => host.then((h) => h.takeRight(), failure),
  say: async (run, input) => host.then((h) => h.say(run, input), failure),
  changeBudget: async (run, budget) => host.then((h) => h.changeBudget(run, budget), failure),
  rename: async (run, name) => host.then((h) => h.rename(run, name), failure),
  acceptAnswers: async (run, reading) => host.then((h) => h.acceptAnswers(run, reading), failure),
  retryFailed: async (run) => host.then((h) => h.retryFailed(run), failure),
  driving: async () => (await host).driving,
  setSecrets: (entries) => {
    for (const { values } of entries) for (const value of Object.values(values)) neverLog(String(value));
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
  watchConditions: (next) => {
    hearConditions = next;
    tellConditions();
    return Promise.resolve();
  },
  wake: (what) => {
    traffic.wake(what);
    return Promise.resolve();
  },
};

expose(api);
