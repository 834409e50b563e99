import type { Budget } from '#core/budget.ts';
import { AppError, isAppError, toErrorRecord, type ErrorRecord } from '#core/error.ts';
import type { RunId } from '#core/id.ts';
import type { JournalEntry, PersonInput, RunSpec } from '#core/run.ts';
import type { AnswerReading } from '#core/task.ts';
import { engineLock, runLock, type Outcome } from './api.ts';
import { RunSession } from './session.ts';
import type { SessionTools } from './session-tools.ts';

/** Gives something back that was held. */
type Release = () => void;

export type Locks = {
  /**
   * Alone, alone by force, or together with others who do not want it alone. Undefined when somebody holds it in a way that shuts this
   * one out. `lost`: another tab took it by force.
   */
  hold(name: string, how: { readonly mode: 'alone' | 'steal' | 'shared'; lost(): void }): Promise<Release | undefined>;
};

export type HostEvents = {
  seen(run: RunId, entries: readonly JournalEntry[]): void;
  /** What keeps a run from going on, or an ended one from asking again, and stands in no journal. */
  blocked(run: RunId, error: ErrorRecord | undefined): void;
  /** A mistake of ours. */
  failed(error: unknown): void;
};

/** All runs of one worker: starts them, finds them again, and hands on what they write. */
export class RunHost {
  readonly #tools: Omit<SessionTools, 'seen' | 'blocked'>;
  readonly #locks: Locks;
  readonly #events: HostEvents;
  readonly #sessions = new Map<RunId, { readonly session: RunSession; readonly done: Promise<void> }>();
  /** Runs on their way to being driven: Pause and Stop reach them, too. */
  readonly #readying = new Map<RunId, { readonly session: RunSession; readonly outcome: Promise<Outcome<void>> }>();
  #engine: Promise<Release | undefined> | undefined;

  constructor(tools: Omit<SessionTools, 'seen' | 'blocked'>, locks: Locks, events: HostEvents) {
    this.#tools = tools;
    this.#locks = locks;
    this.#events = events;
  }

  get driving(): readonly RunId[] {
    return [...new Set([...this.#sessions.keys(), ...this.#readying.keys()])];
  }

  /** Answers when the start is on disk; the run then goes on by itself. */
  start(spec: RunSpec): Promise<Outcome<void>> {
    return this.#inTurn(spec.id, () => this.#drive(spec.id, (session) => session.begin(spec)));
  }

  /** A run that is paused here goes on; any other is taken up from its journal. */
  resume(run: RunId): Promise<Outcome<void>> {
    return this.#inTurn(
      run,
      () => this.#withDriven(run, (session) => session.resume()) ?? this.#drive(run, (session) => session.load()),
    );
  }

  /** Takes the right to drive by force. A run that was paused stays so until a person resumes it. */
  async takeOver(run: RunId): Promise<Outcome<void>> {
    const release = await this.#hold(true);
    if (!release) return elsewhere();
    const session = this.#session(run);
    const read = await outcomeOf(() => session.load());
    if (read.ok && session.state.status !== 'paused') return this.resume(run);
    if (this.#held === 0) await this.#letGo();
    return read;
  }

  /** Takes the right to drive by force, and goes on with no run of whoever had it. */
  async takeRight(): Promise<Outcome<void>> {
    if (!(await this.#hold(true))) return elsewhere();
    if (this.#held === 0) await this.#letGo();
    return done;
  }

  async pause(run: RunId): Promise<void> {
    await (this.#readying.get(run) ?? this.#sessions.get(run))?.session.pause();
  }

  /** Also ends a run that nobody drives: then only its journal is closed. */
  async stop(run: RunId): Promise<Outcome<void>> {
    const stop = (session: RunSession): void => session.stop();
    const under = this.#readying.get(run);
    if (under) stop(under.session); // at once: it must not send anything first
    if ((await under?.outcome)?.ok) return done;
    return this.#inTurn(
      run,
      () =>
        this.#withDriven(run, stop) ??
        this.#drive(run, async (session) => {
          stop(session);
          await session.load();
        }),
    );
  }

  say(run: RunId, input: PersonInput): Promise<Outcome<void>> {
    return this.#touch(run, (session) => session.say(input));
  }

  changeBudget(run: RunId, budget: Budget): Promise<Outcome<void>> {
    return this.#touch(run, (session) => session.changeBudget(budget));
  }

  rename(run: RunId, name: string): Promise<Outcome<void>> {
    return this.#touch(run, (session) => session.rename(name));
  }

  /** The run waits for it. Where a Resume came first, that driver is left: it would go on with answers as it read them before. */
  acceptAnswers(run: RunId, reading?: AnswerReading): Promise<Outcome<void>> {
    return this.#inTurn(run, async () => {
      const driven = this.#sessions.get(run);
      driven?.session.leave();
      await driven?.done;
      if (driven) return this.acceptAnswers(run, reading);
      return this.#drive(run, async (session) => {
        await session.load();
        await session.acceptAnswers(reading);
      });
    });
  }

  /** An ended, stalled or paused run asks its failed rows once more; one that is under way does so when it next looks at them. */
  retryFailed(run: RunId): Promise<Outcome<void>> {
    return this.#inTurn(
      run,
      () =>
        this.#withDriven(run, (session) => session.reopenFailed()) ??
        this.#drive(run, async (session) => {
          await session.load();
          await session.reopenFailed();
        }),
    );
  }

  /** While a run is got ready, what else is asked of it waits and is then done: of two drivers, nobody could reach the first. */
  async #inTurn(run: RunId, deed: () => Promise<Outcome<void>>): Promise<Outcome<void>> {
    for (let under = this.#readying.get(run); under; under = this.#readying.get(run)) await under.outcome;
    return deed();
  }

  /** Undefined when this worker does not drive the run. */
  #withDriven(run: RunId, work: (session: RunSession) => Promise<void> | void): Promise<Outcome<void>> | undefined {
    const known = this.#sessions.get(run);
    return known && outcomeOf(async () => work(known.session));
  }

  /**
   * Writes into the journal of a run without driving it on: no tab must take this for a driver, so the lock is only shared, and the right
   * to drive stays with whoever drives other runs.
   */
  #touch(run: RunId, work: (session: RunSession) => Promise<void>): Promise<Outcome<void>> {
    return this.#inTurn(run, () => this.#withDriven(run, work) ?? this.#touchUndriven(run, work));
  }

  async #touchUndriven(run: RunId, work: (session: RunSession) => Promise<void>): Promise<Outcome<void>> {
    const release = await this.#locks.hold(runLock(run), { mode: 'shared', lost: () => undefined });
    if (!release) return elsewhere();
    return outcomeOf(async () => {
      const session = this.#session(run);
      await session.load();
      await work(session);
    }).finally(release);
  }

  /** Gets a run ready, answers, and drives it on in the background. */
  #drive(run: RunId, ready: (session: RunSession) => Promise<void>): Promise<Outcome<void>> {
    const session = this.#session(run);
    const outcome = this.#driveWhenReady(session, ready).finally(() => this.#readying.delete(run));
    this.#readying.set(run, { session, outcome });
    return outcome;
  }

  #driveWhenReady(session: RunSession, ready: (session: RunSession) => Promise<void>): Promise<Outcome<void>> {
    const run = session.id;
    return this.#locked(run, async (release, isOurs) => {
      const read = await outcomeOf(() => ready(session));
      // another tab may have taken over meanwhile, and drives it now
      const outcome = isOurs() ? read : elsewhere();
      if (!outcome.ok) {
        release();
        return outcome;
      }
      let problem: AppError | undefined;
      this.#events.blocked(run, undefined); // what an earlier attempt met
      const done = session
        .drive()
        .catch((error: unknown) => {
          if (!isAppError(error)) this.#events.failed(error);
          // one that goes on writes into its journal what it waits for, if it came so far
          else if (session.state.status === 'ended' || !session.isTakenUp) problem = error;
        })
        .finally(() => {
          if (this.#sessions.get(run)?.session === session) this.#sessions.delete(run);
          this.#events.blocked(run, problem && toErrorRecord(problem));
          release();
        });
      this.#sessions.set(run, { session, done });
      return outcome;
    });
  }

  /** `isOurs`: whether the right to drive is still the one that was held at the beginning. */
  async #locked(
    run: RunId,
    work: (release: Release, isOurs: () => boolean) => Promise<Outcome<void>>,
  ): Promise<Outcome<void>> {
    // from the first moment on: another run that ends now must not give the right to drive away
    this.#held += 1;
    const giveBack = (): void => {
      this.#held -= 1;
      if (this.#held === 0) void this.#letGo();
    };
    const engine = this.#hold(false);
    if (!(await engine)) {
      giveBack();
      return elsewhere();
    }
    // by force: whoever had it before has lost the engine, and may be frozen
    const lock = await this.#locks.hold(runLock(run), { mode: 'steal', lost: () => undefined });
    if (!lock) {
      giveBack();
      return failure(new AppError('run-busy', { run }));
    }
    return work(
      () => {
        lock();
        giveBack();
      },
      () => this.#engine === engine,
    );
  }
  #held = 0;

  #hold(steal: boolean): Promise<Release | undefined> {
    const mode = steal ? 'steal' : 'alone';
    this.#engine ??= this.#locks.hold(engineLock, { mode, lost: () => void this.#leaveAll() }).then((release) => {
      if (!release) this.#engine = undefined;
      return release;
    });
    return this.#engine;
  }

  async #letGo(): Promise<void> {
    const engine = this.#engine;
    this.#engine = undefined;
    (await engine)?.();
  }

  /** Another tab took over: nothing more is sent from here, and what comes in is kept as a fact without a place in the run. */
  async #leaveAll(): Promise<void> {
    this.#engine = undefined;
    const [driven, readying] = [[...this.#sessions.values()], [...this.#readying.values()]];
    for (const { session } of [...driven, ...readying]) session.leave();
    await Promise.all([...driven.map(({ done }) => done), ...readying.map(({ outcome }) => outcome)]);
  }

  #session(run: RunId): RunSession {
    return new RunSession(run, {
      ...this.#tools,
      seen: (entries) => this.#events.seen(run, entries),
      blocked: (error) => this.#events.blocked(run, error && toErrorRecord(error)),
    });
  }
}

const done: Outcome<void> = { ok: true, value: undefined };
const elsewhere = (): Outcome<never> => failure(new AppError('driven-elsewhere', {}));

async function outcomeOf(work: () => Promise<void>): Promise<Outcome<void>> {
  try {
    await work();
    return done;
  } catch (error) {
    return failure(error);
  }
}

/** Whatever was thrown: what is not an AppError is a mistake of ours, and is told as one. */
export const failure = (error: unknown): Outcome<never> => ({
  ok: false,
  error: isAppError(error)
    ? toErrorRecord(error)
    : { code: 'app-broke', details: { said: error instanceof Error ? error.message : String(error) } },
});
