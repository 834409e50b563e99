import { systemClock } from '#lib/clock.ts';
import { isAbortError } from '#lib/abort.ts';
import type { Budget } from '#core/budget.ts';
import type { Completion } from '#core/completion.ts';
import { isAppError } from '#core/error.ts';
import type { CallKey, RunId } from '#core/id.ts';
import type { RunReport } from '#core/report.ts';
import type { ModelChoice, PersonInput } from '#core/run.ts';
import type { AnswerReading } from '#core/task.ts';
import type { App } from './app.svelte.ts';
import { findDriver, untilUndriven, type Driver, type DriverOf } from './drivers.ts';
import { watchRun, type LiveRun } from './live-run.svelte.ts';
import { rowsOf, type Rows } from './rows.ts';
import { missingKeys } from './run-models.ts';

/** How often it is looked who drives the run, and in what time an end is sure to have come through after its driver is gone. */
const lookMs = 1500;
const settleMs = 400;

/** What was asked for and takes its time: the end of the run, or of the requests under way, or the failed rows of a run that has ended. */
export type Doing =
  | { readonly type: 'stopping' }
  | { readonly type: 'asking-again' }
  /** `underWay`: requests whose answers are still to come. */
  | { readonly type: 'pausing'; readonly underWay: number };

/** One run on the desk: what it says, who drives it, and what a person can do with it. */
export class RunDesk {
  readonly live: LiveRun;
  #driver = $state.raw<Driver>();
  #rows = $state.raw<Rows>({ type: 'loading' });
  #busy = $state(false);
  #problem = $state.raw<unknown>();
  #stopAsked = $state(false);
  #underWay = $state(0);
  #asked = false;
  /** Was to be resumed, and was not. */
  #wantsToGoOn = false;
  #rowsComplained = false;
  /** Another tab drove it while this page looked on. */
  #followed = $state(false);
  readonly #app: App;
  readonly #driverOf: DriverOf;
  readonly #closed = new AbortController();
  readonly #stopHearing: () => void;

  constructor(app: App, id: RunId, driverOf: DriverOf = findDriver(app.engine)) {
    this.#app = app;
    this.live = watchRun(app, id);
    this.#driverOf = driverOf;
    this.#stopHearing = app.hints.on(id, () => {
      if (this.#driver !== 'here') void this.#catchUp();
    });
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

  /** Undefined where nothing is on its way to an end. */
  get doing(): Doing | undefined {
    const { report } = this;
    if (report?.end && report.reopened > 0 && this.#driver === 'elsewhere') return { type: 'asking-again' };
    if (!report || (this.#driver !== 'here' && (report.end || !this.#busy))) return undefined;
    // it is seen a moment late that a run which has just ended has no driver any more
    if (report.end && report.reopened === 0) return undefined;
    if (this.#stopAsked) return { type: 'stopping' };
    if (report.end) return { type: 'asking-again' };
    return report.status === 'paused' && this.#underWay > 0 ? { type: 'pausing', underWay: this.#underWay } : undefined;
  }

  /** Under way by its journal, but nobody drives it: the tab was closed, or the computer slept for good. */
  get interrupted(): boolean {
    return this.report?.status === 'running' && this.#driver === 'nobody';
  }
  /** The tab that drove it while this one looked on is gone. */
  get orphaned(): boolean {
    return this.interrupted && this.#followed;
  }

  /** Fetches the rows once; to be called when there is a report. Where they cannot be read they count as missing until they can. */
  async loadRows(): Promise<void> {
    const { report } = this;
    if (!report || this.#asked) return;
    this.#asked = true;
    try {
      this.#rows = rowsOf(await this.#app.dataset(report.spec.dataset.id));
    } catch (error) {
      this.#rows = { type: 'missing' };
      this.#asked = false;
      if (!this.#rowsComplained) this.#app.complain(error);
      this.#rowsComplained = true; // a run that goes on asks again with each report
    }
  }

  /** The whole text of an answer; the journal keeps only its beginning. */
  async answer(call: CallKey): Promise<string | undefined> {
    return (await this.completion(call))?.text;
  }

  /** An answer as it came, with its log-probabilities; undefined where this browser does not keep it. */
  async completion(call: CallKey): Promise<Completion | undefined> {
    return this.#app.storage.answers.get(call);
  }

  pause = (): Promise<boolean> => this.#do(() => this.#app.engine.pause(this.live.id));
  resume = async (): Promise<boolean> => {
    const done = await this.#do(() => this.#app.driving.resume(this.live.id, this.#models()));
    this.#wantsToGoOn = !done;
    return done;
  };
  /** A run that is paused stays so, unless the person has just tried to resume it. */
  takeOver = (): Promise<boolean> =>
    this.#do(async () => {
      await this.#app.driving.takeOver(this.live.id, this.#models());
      if (this.#wantsToGoOn) await this.#app.driving.resume(this.live.id, this.#models());
      this.#wantsToGoOn = false;
    });
  /** Ends the run; where that was over, it leaves off asking its failed rows again. */
  stop = async (): Promise<boolean> => {
    this.#stopAsked = true;
    this.#stopAsked = await this.#do(() => this.#app.engine.stop(this.live.id));
    return this.#stopAsked;
  };
  say = (input: PersonInput): Promise<boolean> => this.#do(() => this.#app.engine.say(this.live.id, input));
  changeBudget = (budget: Budget): Promise<boolean> =>
    this.#do(() => this.#app.engine.changeBudget(this.live.id, budget));
  rename = (name: string): Promise<boolean> => this.#do(() => this.#app.renameRun(this.live.id, name));
  /** Goes on after unreadable answers; with a rule, all answers are read again by it, from the cache. */
  acceptAnswers = (reading?: AnswerReading): Promise<boolean> =>
    this.#do(async () => {
      await this.#agreed();
      await this.#app.engine.acceptAnswers(this.live.id, reading);
      this.#app.driving.claim(this.live.id);
    });
  retryFailed = (): Promise<boolean> =>
    this.#do(async () => {
      await this.#agreed();
      this.#stopAsked = false; // of an earlier attempt
      await this.#app.engine.retryFailed(this.live.id);
      this.#app.driving.claim(this.live.id);
    });

  /** Something else is begun: what did not work before has been read. */
  dismissProblem(): void {
    this.#problem = undefined;
  }

  close(): void {
    this.#closed.abort();
    this.#stopHearing();
    this.live.close();
  }

  #models(): readonly ModelChoice[] {
    return Object.values(this.report?.spec.models ?? {});
  }

  /** The addresses stand beside the button that was pressed. */
  async #agreed(): Promise<void> {
    await this.#app.network.allow(this.#models());
    await this.#app.driving.ready(this.#models());
  }

  /** Whether it worked; what went wrong stands in `problem`. */
  async #do(work: () => Promise<void>): Promise<boolean> {
    this.#busy = true;
    this.#problem = undefined;
    try {
      await work();
    } catch (error) {
      this.#problem = error;
    }
    await this.#look().catch((error: unknown) => this.#note(error));
    // what was written into a run that nobody drives is told by nobody either
    if (this.#driver !== 'here') await this.#catchUp();
    this.#busy = false;
    return this.#problem === undefined;
  }

  async #watchDriver(): Promise<void> {
    const { signal } = this.#closed;
    try {
      while (!signal.aborted) {
        // it is looked again all the same: what does not work now may work in a moment
        await this.#look().catch((error: unknown) => this.#note(error));
        await this.#untilNextLook(signal);
      }
    } catch (error) {
      ignoreAbort(error);
    }
  }

  async #untilNextLook(signal: AbortSignal): Promise<void> {
    if (this.#driver !== 'elsewhere') return systemClock.sleep(this.#underWay > 0 ? settleMs : lookMs, signal);
    const waiting = new AbortController();
    try {
      await Promise.race([
        systemClock.sleep(lookMs, signal),
        untilUndriven(this.live.id, waiting.signal).then(() => systemClock.sleep(settleMs, signal)),
      ]);
    } finally {
      waiting.abort(); // also where the page was left: nobody waits for the lock any more
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
    if (found !== 'here' && this.#driver !== 'nobody') await this.#catchUp();
    const wasElsewhere = this.#driver === 'elsewhere';
    if (found === 'elsewhere') this.#followed = true;
    if (found === 'nobody' && wasElsewhere && (await this.#takeUp())) found = 'here';
    if (found === 'here') this.#followed = false;
    this.#driver = found;
    // a request is written down before it is sent, and struck off with its answer
    const pausing = found === 'here' && this.report?.status === 'paused';
    this.#underWay = pausing ? (await this.#app.storage.journal.open(this.live.id)).length : 0;
  }

  /** What cannot be read any more is said; who drives the run can be seen all the same. */
  async #catchUp(): Promise<void> {
    await this.live.catchUp().catch((error: unknown) => this.#note(error));
  }

  /** The page was left while something was under way: that is no problem. */
  #note(error: unknown): void {
    if (!isAbortError(error)) this.#problem ??= error;
  }

  /** The tab that drove this run is gone without having paused it: whoever looked on goes on with it, if nothing is missing. */
  async #takeUp(): Promise<boolean> {
    const { report } = this;
    if (report?.status !== 'running') return false;
    await this.#app.keys.pull(); // the tab that is gone may have shared them
    if (missingKeys(report.spec, this.#app.secrets).length > 0) return false;
    try {
      await this.#app.driving.resume(this.live.id, this.#models());
      return true;
    } catch (error) {
      // a third tab was quicker, or this one may not talk to the address: the page shows how it stands
      const isShown = isAppError(error) && (error.code === 'driven-elsewhere' || error.code === 'address-not-named');
      if (!isShown) this.#note(error);
      return false;
    }
  }
}

/** The page was left while something was under way. */
function ignoreAbort(error: unknown): void {
  if (!isAbortError(error)) throw error;
}
