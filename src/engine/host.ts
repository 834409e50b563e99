import { AppError, isAppError, toErrorRecord } from '#core/error.ts';
import type { RunId } from '#core/id.ts';
import type { JournalEntry, RunSpec } from '#core/run.ts';
import type { Outcome } from './api.ts';
import { RunSession, type SessionTools } from './session.ts';

/** Grants one tab at a time the right to drive a run; undefined when another has it. */
export type Lock = (name: string, work: () => Promise<void>) => Promise<boolean>;

/** All runs of one worker: starts them, finds them again, and hands on what they write. */
export class RunHost {
  readonly #tools: Omit<SessionTools, 'seen'>;
  readonly #lock: Lock;
  readonly #seen: (run: RunId, entries: readonly JournalEntry[]) => void;
  readonly #failed: (error: unknown) => void;
  readonly #sessions = new Map<RunId, RunSession>();

  constructor(
    tools: Omit<SessionTools, 'seen'>,
    lock: Lock,
    seen: (run: RunId, entries: readonly JournalEntry[]) => void,
    failed: (error: unknown) => void,
  ) {
    this.#tools = tools;
    this.#lock = lock;
    this.#seen = seen;
    this.#failed = failed;
  }

  get driving(): readonly RunId[] {
    return [...this.#sessions.keys()];
  }

  /** Answers when the start is on disk; the run then goes on by itself. */
  async start(spec: RunSpec): Promise<Outcome<void>> {
    const session = this.#session(spec.id);
    return this.#take(session, () => session.begin(spec));
  }

  /** A run that is paused here goes on; any other is taken up from its journal. */
  async resume(run: RunId): Promise<Outcome<void>> {
    const known = this.#sessions.get(run);
    if (known) {
      await known.resume();
      return done;
    }
    const session = this.#session(run);
    return this.#take(session, () => session.load());
  }

  async pause(run: RunId): Promise<void> {
    await this.#sessions.get(run)?.pause();
  }

  /** Also ends a run that nobody drives: then only its journal is closed. */
  async stop(run: RunId): Promise<Outcome<void>> {
    const known = this.#sessions.get(run);
    if (known) {
      known.stop();
      return done;
    }
    const session = this.#session(run);
    session.stop();
    return this.#take(session, () => session.load());
  }

  #session(run: RunId): RunSession {
    return new RunSession(run, { ...this.#tools, seen: (entries) => this.#seen(run, entries) });
  }

  /** Takes the lock of the run, gets it ready, answers, and drives on in the background. */
  #take(session: RunSession, ready: () => Promise<void>): Promise<Outcome<void>> {
    return new Promise((answer) => {
      const drive = async (): Promise<void> => {
        try {
          await ready();
          this.#sessions.set(session.id, session);
          answer(done);
          await session.drive();
        } catch (error) {
          answer(failure(error));
          if (!isAppError(error)) this.#failed(error);
        } finally {
          this.#sessions.delete(session.id);
        }
      };
      void this.#lock(`run:${session.id}`, drive).then((granted) => {
        if (!granted) answer(failure(new AppError('run-busy', { run: session.id })));
      });
    });
  }
}

const done: Outcome<void> = { ok: true, value: undefined };

/** A mistake of ours has no code; it is told as broken storage would be, with its own words. */
export const failure = (error: unknown): Outcome<never> => ({
  ok: false,
  error: isAppError(error)
    ? toErrorRecord(error)
    : { code: 'run-invalid', details: { problems: [error instanceof Error ? error.message : String(error)] } },
});
