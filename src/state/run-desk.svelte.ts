import { systemClock } from '#lib/clock.ts';
import { isAbortError } from '#lib/abort.ts';
import type { CallKey, RunId } from '#core/id.ts';
import type { RunReport } from '#core/report.ts';
import type { App } from './app.svelte.ts';
import { findDriver, type Driver, type DriverOf } from './drivers.ts';
import type { LiveRun } from './live-run.svelte.ts';
import { rowsOf, type Rows } from './rows.ts';

/** How often it is looked who drives the run, and in what time an end is sure to have come through after its driver is gone. */
const lookMs = 1500;
const settleMs = 400;

/** One run on the desk: what it says, who drives it, and what a person can do with it. */
export class RunDesk {
  readonly live: LiveRun;
  #driver = $state.raw<Driver>();
  #rows = $state.raw<Rows>({ type: 'loading' });
  #busy = $state(false);
  #problem = $state.raw<unknown>();
  #asked = false;
  readonly #app: App;
  readonly #driverOf: DriverOf;
  readonly #closed = new AbortController();

  constructor(app: App, id: RunId, driverOf: DriverOf = findDriver(app.engine)) {
    this.#app = app;
    this.live = app.watchRun(id);
    this.#driverOf = driverOf;
    void this.#watchDriver();
  }

  get report(): RunReport | undefined {
    return this.live.report;
  }
  /** Undefined until it was looked for the first time. */
  get driver(): Driver | undefined {
    return this.#driver;
  }
  get rows(): Rows {
    return this.#rows;
  }
  /** Something that was asked for is under way. */
  get busy(): boolean {
    return this.#busy;
  }
  /** Why the last thing that was asked for did not work. */
  get problem(): unknown {
    return this.#problem;
  }

  /** Under way by its journal, but nobody drives it: the tab was closed, or the computer slept for good. */
  get interrupted(): boolean {
    return this.report?.status === 'running' && this.#driver === 'nobody';
  }

  /** Fetches the rows once; to be called when there is a report. */
  async loadRows(): Promise<void> {
    const { report } = this;
    if (!report || this.#asked) return;
    this.#asked = true;
    this.#rows = rowsOf(await this.#app.dataset(report.spec.dataset.id));
  }

  /** The whole text of an answer; the journal keeps only its beginning. */
  async answer(call: CallKey): Promise<string | undefined> {
    return (await this.#app.storage.answers.get(call))?.text;
  }

  pause = (): Promise<void> => this.#do(() => this.#app.engine.pause(this.live.id));
  resume = (): Promise<void> =>
    this.#do(() => this.#app.resumeRun(this.live.id, Object.values(this.report?.spec.models ?? {})));
  stop = (): Promise<void> => this.#do(() => this.#app.engine.stop(this.live.id));

  close(): void {
    this.#closed.abort();
    this.live.close();
  }

  async #do(work: () => Promise<void>): Promise<void> {
    this.#busy = true;
    this.#problem = undefined;
    try {
      await work();
    } catch (error) {
      this.#problem = error;
    }
    await this.#look().catch(ignoreAbort);
    this.#busy = false;
  }

  async #watchDriver(): Promise<void> {
    const { signal } = this.#closed;
    try {
      while (this.report?.status !== 'ended') {
        await this.#look();
        await systemClock.sleep(lookMs, signal);
      }
    } catch (error) {
      ignoreAbort(error);
    }
  }

  /** A run that ends loses its driver a moment before its last entries arrive: that is no interruption. */
  async #look(): Promise<void> {
    let found = await this.#driverOf(this.live.id);
    if (found === 'nobody' && this.#driver !== 'nobody') {
      if (this.#driver !== undefined) await systemClock.sleep(settleMs, this.#closed.signal);
      found = await this.#driverOf(this.live.id);
    }
    // another tab writes what it finds into the journal only
    if (found === 'elsewhere') await this.live.catchUp();
    this.#driver = found;
  }
}

/** The page was left while something was under way. */
function ignoreAbort(error: unknown): void {
  if (!isAbortError(error)) throw error;
}
