import { SvelteMap } from 'svelte/reactivity';
import { callsOf } from '#core/budget.ts';
import type { Estimate } from '#core/evaluation.ts';
import type { Split } from '#core/example.ts';
import type { RunId } from '#core/id.ts';
import type { RunReport } from '#core/report.ts';
import type { RunHead, RunStatus } from '#core/run.ts';
import type { App } from './app.svelte.ts';
import { findDriver, type Driver, type DriverOf } from './drivers.ts';
import type { LiveRun } from './live-run.svelte.ts';

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
};

function digestOf(report: RunReport, driver: Driver): RunDigest {
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
  };
}

/** The runs of a list, read one after the other so that a long list shows at once and fills up. Those that go on here stay live. */
export class RunDigests {
  readonly #known = new SvelteMap<RunId, RunDigest>();
  readonly #live = new SvelteMap<RunId, LiveRun>();
  #closed = false;
  readonly #app: App;
  readonly #driverOf: DriverOf;

  constructor(app: App, driverOf: DriverOf = findDriver(app.engine)) {
    this.#app = app;
    this.#driverOf = driverOf;
  }

  /** Undefined until the run was read. */
  of(id: RunId): RunDigest | undefined {
    const report = this.#live.get(id)?.report;
    return report ? digestOf(report, 'here') : this.#known.get(id);
  }

  async read(heads: readonly RunHead[]): Promise<void> {
    for (const { id } of heads) {
      if (this.#closed) return;
      if (!this.#known.has(id) && !this.#live.has(id)) await this.#readOne(id);
    }
  }

  close(): void {
    this.#closed = true;
    for (const live of this.#live.values()) live.close();
  }

  async #readOne(id: RunId): Promise<void> {
    const driver = await this.#driverOf(id);
    const live = this.#app.watchRun(id);
    await live.loaded;
    if (driver === 'here' && !this.#closed) {
      this.#live.set(id, live);
      return;
    }
    live.close();
    if (live.report) this.#known.set(id, digestOf(live.report, driver));
  }
}
