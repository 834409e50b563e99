import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import { isAbortError } from '#lib/abort.ts';
import { systemClock } from '#lib/clock.ts';
import { callsOf } from '#core/budget.ts';
import type { Estimate } from '#core/evaluation.ts';
import type { Split } from '#core/example.ts';
import type { RunId } from '#core/id.ts';
import type { RunReport } from '#core/report.ts';
import type { RunHead, RunSpec, RunStatus } from '#core/run.ts';
import type { Difference } from '#core/statistics/paired.ts';
import type { App } from './app.svelte.ts';
import { findDriver, type Driver, type DriverOf } from './drivers.ts';
import { watchRun, type LiveRun } from './live-run.svelte.ts';

/** What a list of runs shows of each, beyond its head. */
export type RunDigest = {
  readonly status: RunStatus;
  readonly end: RunReport['end'];
  readonly driver: Driver;
  readonly calls: number;
  /** Name of the data set as it was at the start. */
  readonly dataset: string;
  /** The best prompt's score: on the sealed rows where they were opened, else on the train rows. */
  readonly best?: { readonly split: Split; readonly accuracy: Estimate };
  /** Of the best prompt against the best starting prompt on the sealed rows, once the run has ended. */
  readonly comparison?: Difference;
  /** The evaluation model and the optimizer: what tells runs on the same data apart. */
  readonly tried: string;
};

/** Comes late: a list shows its runs before all optimizers are loaded. */
const loadNames = (): Promise<Names> =>
  import('./run-models.ts').catch(() => ({ optimizerName: ({ optimizer }) => optimizer.id })); // offline: the list matters more
type Names = { readonly optimizerName: (spec: RunSpec) => string };

function tried(spec: RunSpec, { optimizerName }: Names): string {
  const { provider, values } = spec.models.evaluation;
  const model = typeof values['model'] === 'string' && values['model'] !== '' ? values['model'] : provider;
  return `${model} · ${optimizerName(spec)}`;
}

function digestOf(report: RunReport, driver: Driver, names: Names): RunDigest {
  const best = report.candidates.find(({ candidate }) => candidate.id === report.best);
  const split = best?.summaries.test.accuracy ? 'test' : 'train';
  const accuracy = best?.summaries[split].accuracy;
  return {
    status: report.status,
    end: report.end,
    driver,
    calls: callsOf(report.spending),
    dataset: report.spec.dataset.name,
    ...(accuracy ? { best: { split, accuracy } } : {}),
    ...(report.end && report.comparison ? { comparison: report.comparison } : {}),
    tried: tried(report.spec, names),
  };
}

/** How often it is looked who drives the runs that have not ended. */
const lookMs = 1500;
const settleMs = 400;

/** A run that has not ended, with who drives it. */
type Unfinished = {
  readonly live: LiveRun;
  readonly driver: Driver;
  readonly names: Names;
  readonly stopHearing: () => void;
};

/** The runs of a list, read one after the other so that a long list shows at once and fills up. Those that have not ended stay live. */
export class RunDigests {
  readonly #known = new SvelteMap<RunId, RunDigest>();
  readonly #unreadable = new SvelteSet<RunId>();
  /** Read, or just being read. Plain: whoever asks for the runs in an effect does not want to ask again with each that was read. */
  readonly #begun: RunId[] = [];
  readonly #unfinished = new SvelteMap<RunId, Unfinished>();
  readonly #closed = new AbortController();
  readonly #app: App;
  readonly #driverOf: DriverOf;

  constructor(app: App, driverOf: DriverOf = findDriver(app.engine)) {
    this.#app = app;
    this.#driverOf = driverOf;
    void this.#watchDrivers().catch(ignoreAbort);
  }

  /** Undefined until the run was read. */
  of(id: RunId): RunDigest | undefined {
    const found = this.#unfinished.get(id);
    return found?.live.report ? digestOf(found.live.report, found.driver, found.names) : this.#known.get(id);
  }

  /** Its journal was looked at, and nothing could be made of it. */
  isUnreadable(id: RunId): boolean {
    return this.#unreadable.has(id);
  }

  async read(heads: readonly RunHead[]): Promise<void> {
    for (const head of heads) {
      if (this.#closed.signal.aborted) return;
      if (this.#begun.includes(head.id)) continue;
      this.#begun.push(head.id);
      await this.#readOne(head);
    }
  }

  close(): void {
    this.#closed.abort();
    for (const { live, stopHearing } of this.#unfinished.values()) {
      stopHearing();
      live.close();
    }
  }

  async #readOne({ id, name }: RunHead): Promise<void> {
    const driver = await this.#driverOf(id);
    const live = watchRun(this.#app, id);
    const [names] = await Promise.all([loadNames(), live.loaded]);
    const { report } = live;
    if (report && report.spec.name !== name) await this.#rename(id, report.spec.name).catch(() => undefined); // next time
    if (report && (!report.end || driver !== 'nobody') && !this.#closed.signal.aborted) {
      const stopHearing = this.#app.hints.on(id, () => {
        if (this.#unfinished.get(id)?.driver !== 'here') void live.catchUp();
      });
      this.#unfinished.set(id, { live, driver, names, stopHearing });
      return;
    }
    live.close();
    if (report) this.#known.set(id, digestOf(report, driver, names));
    else if (!this.#closed.signal.aborted) this.#unreadable.add(id);
  }

  /** The journal has a name that did not come to the list: the tab that wrote it was killed in between. */
  async #rename(id: RunId, name: string): Promise<void> {
    await this.#app.storage.library.renameRun(id, name);
    await this.#app.refresh();
  }

  async #watchDrivers(): Promise<void> {
    const { signal } = this.#closed;
    for (;;) {
      await systemClock.sleep(lookMs, signal);
      for (const [id, known] of this.#unfinished) {
        try {
          await this.#lookAt(id, known, signal);
        } catch (error) {
          if (isAbortError(error)) throw error;
          // the others are looked at all the same, and this one again next time
        }
      }
    }
  }

  async #lookAt(id: RunId, known: Unfinished, signal: AbortSignal): Promise<void> {
    let driver = await this.#driverOf(id);
    // a run loses its driver a moment before its last entries arrive
    if (driver === 'nobody' && known.driver !== 'nobody') {
      await systemClock.sleep(settleMs, signal);
      driver = await this.#driverOf(id);
    }
    if (driver === 'elsewhere' || driver !== known.driver) await known.live.catchUp();
    if (driver !== known.driver) this.#unfinished.set(id, { ...known, driver });
  }
}

/** The list was left. */
function ignoreAbort(error: unknown): void {
  if (!isAbortError(error)) throw error;
}
