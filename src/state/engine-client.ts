import type { Budget } from '#core/budget.ts';
import { AppError, type ErrorRecord } from '#core/error.ts';
import type { RunId } from '#core/id.ts';
import type { JournalEntry, ModelChoice, PersonInput, RunSpec } from '#core/run.ts';
import type { AnswerReading } from '#core/task.ts';
import type { Batch, Conditions, ConnectionResult, Outcome, SecretEntry } from '#engine/api.ts';
import { systemClock, type Clock } from '#lib/clock.ts';
import { openedEngine, type Engine, type StartEngine } from './opened-engine.ts';

/** How often it is looked whether an engine that is being asked is still alive. */
const lookMs = 2000;
/**
 * The page's side of the engine. It starts with the first call that needs it. What an engine may talk to is settled when it starts,
 * so a new address brings a new engine; the old one stays until the runs that it drives have come to an end.
 */
export class EngineClient {
  #current: Promise<Engine> | undefined;
  readonly #retired = new Set<Engine>();
  /** The locks of engines that were ended at once; a browser may take its time to end them. */
  readonly #ended = new Set<string>();
  readonly #paused = new Set<RunId>();
  #origins: readonly string[] = [];
  #secrets: readonly SecretEntry[] = [];
  readonly #listeners = new Map<RunId, Set<(entries: readonly JournalEntry[]) => void>>();
  readonly #conditionListeners = new Set<(conditions: Conditions) => void>();
  readonly #conditions = new Map<Engine, Conditions>();
  readonly #start: StartEngine;
  readonly #clock: Clock;

  constructor(start: StartEngine, clock = systemClock) {
    this.#start = start;
    this.#clock = clock;
  }

  start = async (spec: RunSpec): Promise<void> => {
    await this.#move();
    unwrap(await this.#ask(async ({ api }) => api.start(spec)));
  };
  resume = async (run: RunId): Promise<void> => unwrap(await this.#askDriver(run, async ({ api }) => api.resume(run)));
  pause = async (run: RunId): Promise<void> => this.#askDriver(run, async ({ api }) => api.pause(run));
  stop = async (run: RunId): Promise<void> => unwrap(await this.#askDriver(run, async ({ api }) => api.stop(run)));
  /** The newest engine takes it: it may talk to all that is allowed now. */
  takeOver = async (run: RunId): Promise<void> => unwrap(await this.#ask(async ({ api }) => api.takeOver(run)));
  takeRight = async (): Promise<void> => unwrap(await this.#ask(async ({ api }) => api.takeRight()));
  say = async (run: RunId, input: PersonInput): Promise<void> =>
    unwrap(await this.#askDriver(run, async ({ api }) => api.say(run, input)));
  changeBudget = async (run: RunId, budget: Budget): Promise<void> =>
    unwrap(await this.#askDriver(run, async ({ api }) => api.changeBudget(run, budget)));
  rename = async (run: RunId, name: string): Promise<void> =>
    unwrap(await this.#askDriver(run, async ({ api }) => api.rename(run, name)));
  acceptAnswers = async (run: RunId, reading?: AnswerReading): Promise<void> =>
    unwrap(await this.#askDriver(run, async ({ api }) => api.acceptAnswers(run, reading)));
  retryFailed = async (run: RunId): Promise<void> =>
    unwrap(await this.#askDriver(run, async ({ api }) => api.retryFailed(run)));
  wake = async (what: 'online' | 'slept'): Promise<void> => {
    for (const { api } of await this.#engines()) await api.wake(what);
  };
  testConnection = async (choice: ModelChoice): Promise<ConnectionResult> =>
    this.#ask(async ({ api }) => api.testConnection(choice));
  listModels = async (choice: ModelChoice): Promise<readonly string[]> =>
    unwrap(await this.#ask(async ({ api }) => api.listModels(choice)));

  driving = async (): Promise<readonly RunId[]> => {
    await this.#gone(); // what they still hold would look as if another tab had it
    const engines = await this.#engines();
    return (await Promise.all(engines.map((engine) => this.#drivenBy(engine)))).flat();
  };

  /** The origins that engines may talk to from the next call on. */
  allow(origins: readonly string[]): void {
    this.#origins = origins;
  }

  /** An engine is given the keys of the origins that it may talk to, and no other. */
  setSecrets = async (secrets: readonly SecretEntry[]): Promise<void> => {
    this.#secrets = secrets;
    await this.#engine();
    for (const engine of await this.#engines()) await this.#handSecrets(engine);
  };

  /** Ends all engines at once, whatever they do: their keys are gone, and nothing more is written. */
  async end(): Promise<void> {
    const current = this.#current;
    this.#secrets = [];
    this.close();
    await current?.catch(() => undefined); // one that was about to start has been closed by then
  }

  /** Entries of one run as they are written; returns how to stop listening. */
  onEntries(run: RunId, listener: (entries: readonly JournalEntry[]) => void): () => void {
    const listeners = this.#listeners.get(run) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(run, listeners);
    return () => listeners.delete(listener);
  }

  /** Why nothing happens, whenever that changes; returns how to stop listening. */
  onConditions(listener: (conditions: Conditions) => void): () => void {
    this.#conditionListeners.add(listener);
    return () => this.#conditionListeners.delete(listener);
  }

  /** Ends all engines at once, as when the page goes away. The next call starts a new one. */
  close(): void {
    const current = this.#current;
    this.#current = undefined;
    for (const engine of this.#retired) this.#endAtOnce(engine);
    this.#retired.clear();
    this.#conditions.clear();
    this.#tellConditions();
    void current?.then((engine) => this.#endAtOnce(engine)).catch(() => undefined);
  }

  #endAtOnce({ home, life }: Engine): void {
    if (life !== undefined) this.#ended.add(life);
    home.close('at once');
  }

  /** Settles when the engines that were ended are gone, and what they held is free. */
  async #gone(): Promise<void> {
    for (const life of this.#ended) {
      await navigator.locks.request(life, () => undefined);
      this.#ended.delete(life);
    }
  }

  /** The engine for new work: the present one, if it may talk to exactly what is allowed now. */
  async #engine(): Promise<Engine> {
    const wanted = this.#origins;
    const before = this.#current;
    const known = await before?.catch(() => undefined);
    const isThere = !known || (await this.#lives(known));
    if (!isThere || this.#current !== before) return this.#engine();
    if (known && sameOrigins(known.origins, wanted)) return known;
    const next = this.#open(wanted);
    this.#current = next;
    if (known) this.#retired.add(known);
    next.catch(() => {
      if (this.#current === next) this.#current = undefined; // the next call tries again
    });
    void this.#tidy();
    return next;
  }

  #open(origins: readonly string[]): Promise<Engine> {
    return openedEngine(this.#start, origins, this.#clock, async (engine, proxy) => {
      void engine.api.watch(proxy((batches: readonly Batch[]) => this.#hear(batches)));
      void engine.api.watchConditions(proxy((conditions: Conditions) => this.#hearConditions(engine, conditions)));
      await this.#handSecrets(engine);
    });
  }

  async #handSecrets({ api, origins }: Engine): Promise<void> {
    await api.setSecrets(this.#secrets.filter(({ origin }) => origin === '' || origins.includes(origin)));
  }

  async #ask<T>(question: (engine: Engine) => Promise<T>, asked?: Engine): Promise<T> {
    const engine = asked ?? (await this.#engine());
    engine.asked += 1;
    // it may die while it is asked, and nobody else would look
    const watch = setInterval(() => void this.#lives(engine), lookMs);
    try {
      return await Promise.race([question(engine), engine.death.then(died)]);
    } finally {
      clearInterval(watch);
      engine.asked -= 1;
    }
  }

  /** Asks the engine that drives the run, or the one for new work. */
  async #askDriver<T>(run: RunId, question: (engine: Engine) => Promise<T>): Promise<T> {
    for (const engine of this.#retired)
      if ((await this.#drivenBy(engine)).includes(run)) return this.#ask(question, engine);
    await this.#move();
    return this.#ask(question);
  }

  /** Only one engine drives runs: those of an older one go on in the newest, before that begins or takes up another. */
  async #move(): Promise<void> {
    const newest = await this.#engine();
    const outcomes: Outcome<void>[] = [];
    for (const old of this.#retired) {
      const held = await this.#drivenBy(old);
      const runs = held.filter((run) => !this.#paused.has(run));
      for (const run of runs) outcomes.push(await this.#ask(async ({ api }) => api.takeOver(run), newest));
      // what has left the old engine may still wait for answers; what is paused there is taken up from its journal
      if (runs.length === 0 && this.#end(old) && held.length > 0 && old.life !== undefined) this.#ended.add(old.life);
    }
    await this.#gone(); // with a paused run it held the right to drive until now
    // after all are moved: one that cannot go on keeps no other from it, and nobody would look for it
    outcomes.forEach(unwrap);
  }

  async #engines(): Promise<readonly Engine[]> {
    await this.#tidy();
    const current = await this.#current?.catch(() => undefined);
    return [...this.#retired, ...(current ? [current] : [])];
  }

  /** A dead engine drives nothing. */
  async #drivenBy(engine: Engine): Promise<readonly RunId[]> {
    if (!(await this.#lives(engine))) return [];
    return this.#ask(async ({ api }) => api.driving(), engine).catch(async (error: unknown) => {
      if (await this.#lives(engine)) throw error;
      return [];
    });
  }

  /** Ends the old engines that have nothing to do any more. */
  async #tidy(): Promise<void> {
    for (const engine of this.#retired) {
      if ((await this.#drivenBy(engine)).length === 0) this.#end(engine);
    }
  }

  /** Whether it ends: it may be asked something yet. */
  #end(engine: Engine): boolean {
    if (engine.asked > 0 || !this.#retired.delete(engine)) return false;
    engine.home.close();
    this.#forgetConditions(engine);
    return true;
  }

  /**
   * A browser may end a worker that takes too much memory, and tells nobody; but its lock is free then. It is looked at and not waited
   * for: a page whose lock somebody waits for is not kept for the way back. What the engine drove can be taken up by another.
   */
  async #lives(engine: Engine): Promise<boolean> {
    if (engine.life === undefined) return true;
    const { held = [] } = await navigator.locks.query();
    if (held.some(({ name }) => name === engine.life)) return true;
    engine.die();
    this.#retired.delete(engine);
    this.#forgetConditions(engine);
    const current = this.#current;
    if ((await current?.catch(() => undefined)) === engine && this.#current === current) this.#current = undefined;
    engine.home.close();
    return false;
  }

  #hearConditions(engine: Engine, conditions: Conditions): void {
    this.#conditions.set(engine, conditions);
    this.#tellConditions();
  }

  #forgetConditions(engine: Engine): void {
    if (this.#conditions.delete(engine)) this.#tellConditions();
  }

  #tellConditions(): void {
    const all = [...this.#conditions.values()];
    const merged = {
      weather: all.flatMap(({ weather }) => weather),
      blocked: all.flatMap(({ blocked }) => blocked),
      safety: all.flatMap(({ safety = [] }) => safety),
    };
    for (const listener of this.#conditionListeners) listener(merged);
  }

  #hear(batches: readonly Batch[]): void {
    for (const { run, entries } of batches) {
      for (const { event } of entries) {
        if (event.type === 'run-paused') this.#paused.add(run);
        if (event.type === 'run-resumed') this.#paused.delete(run);
      }
      for (const listener of this.#listeners.get(run) ?? []) listener(entries);
    }
  }
}

function died(): never {
  throw new Error('The engine of the app has died. What it drove can be taken up again.');
}

const sameOrigins = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((origin) => others.includes(origin));

export const toAppError = ({ code, details }: ErrorRecord): AppError => new AppError(code, details);

function unwrap<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw toAppError(outcome.error);
}
