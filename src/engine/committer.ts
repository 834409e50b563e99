import { isAppError, type AppError } from '#core/error.ts';
import type { RunId } from '#core/id.ts';
import type { JournalEntry, RunEvent } from '#core/run.ts';
import { apply, type RunState } from './run-state.ts';
import type { AnswerCache, Attempt, RunJournal, StoredAnswer } from './seams.ts';

/** What goes into the journal together, or not at all. */
export type Commit = {
  readonly events: readonly RunEvent[];
  readonly answers?: readonly StoredAnswer[];
  readonly sent?: readonly Attempt[];
  readonly settled?: readonly string[];
  /** Runs at the very moment when the events count: what was set aside for them and what the state holds are never both in the books. */
  readonly applied?: () => void;
  /** Nobody waits for it before going on, so it may wait a moment for others to be written with. */
  readonly mayWait?: boolean;
};

/** `at`: when it came to pass, which is before it is written. */
type Waiting = {
  readonly at: number;
  readonly commit: Commit;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
};

/** It came to nothing, or a mistake of ours is in the way: whoever waits must not wait for ever. What comes later is written. */
function tellAll(batch: readonly Waiting[], reason: unknown): true {
  for (const { reject } of batch) reject(reason);
  return true;
}

/** How long a result waits for others, and how many of them are enough. */
const gatherMs = 30;
const mostGathered = 32;

/** Only the note of a request: it waits for nobody. */
const isRequest = ({ events, settled }: Commit): boolean => events.length === 0 && (settled ?? []).length === 0;

export type CommitterTools = {
  /** Lets so much time pass. */
  readonly pause: (durationMs: number) => Promise<void>;
  readonly run: RunId;
  readonly state: RunState;
  readonly journal: RunJournal;
  readonly answers: AnswerCache;
  /** Wall time in milliseconds since 1970, which nobody sets while the run is under way. */
  readonly now: () => number;
  /** Called with entries that are on disk and part of the state. */
  readonly seen: (entries: readonly JournalEntry[]) => void;
  /** Called when there is no room to write, and with undefined when there is again. */
  readonly blocked: (error: AppError | undefined) => void;
};

/**
 * Durable, then true, then seen: an event is written, then applied, then shown. What comes in while a write is under way goes into
 * the next one together (group commit), so that one strict transaction carries many answers.
 *
 * A full disk loses nothing: what could not be written stays in memory, in order, and so do those who wait for it; since every request
 * is written down before it is sent, nothing more is sent. `retry` goes on when there is room.
 */
export class Committer {
  readonly #tools: CommitterTools;
  /** Set while somebody can say `retry`: without that a full disk is an error like any other. */
  isPatient = false;
  #waiting: Waiting[] = [];
  #writing = false;
  #blocked = false;
  /** Those who may wait are waited for no longer. */
  #isHurried = false;
  #gathering = false;

  constructor(tools: CommitterTools) {
    this.#tools = tools;
  }

  get isBlocked(): boolean {
    return this.#blocked;
  }

  /** Resolves when all of it is on disk and the events are part of the state. */
  commit(commit: Commit): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ at: this.#tools.now(), commit, resolve, reject });
      void this.#write();
    });
  }

  /** What waits for company is written now. */
  hurry(): void {
    if (this.#waiting.length === 0) return;
    this.#isHurried = true;
    void this.#write();
  }

  /** There may be room again. */
  retry(): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    this.#tools.blocked(undefined);
    void this.#write();
  }

  /** Gives up what could not be written. What it held is told to nobody else, so those who wait hear of it. */
  giveUp(reason: unknown): void {
    this.isPatient = false;
    if (!this.#blocked) return;
    this.#blocked = false;
    const held = this.#waiting.splice(0);
    // what was paid for is a fact, and there may be room for it now
    const answers = held.flatMap(({ commit }) => commit.answers ?? []);
    if (answers.length > 0) this.#tools.answers.put(answers).catch(() => undefined);
    tellAll(held, reason);
  }

  async #write(): Promise<void> {
    if (this.#writing || this.#blocked) return;
    this.#writing = true;
    try {
      // one turn of the event loop later, so that answers that came together are written together
      await Promise.resolve();
      for (let batch = this.#next(); batch.length > 0; batch = this.#next()) {
        const written = await this.#writeBatch(batch).catch((mistake: unknown) => tellAll(batch, mistake));
        if (!written) break;
      }
    } finally {
      this.#writing = false;
    }
  }

  /** What is to be written now: all of it, the requests that are about to be sent, or nothing yet. */
  #next(): readonly Waiting[] {
    const waiting = this.#waiting;
    const patient = waiting.filter(({ commit }) => commit.mayWait);
    const isDue = this.#isHurried || patient.length >= mostGathered;
    if (waiting.some(({ commit }) => !commit.mayWait && !isRequest(commit)) || (isDue && patient.length > 0)) {
      this.#isHurried = false;
      return waiting.splice(0);
    }
    if (patient.length > 0) this.#gather();
    this.#waiting = patient;
    return waiting.filter(({ commit }) => !commit.mayWait);
  }

  /** A strict write takes the disk for milliseconds, and requests that are about to be sent wait behind it: few large ones, then. */
  #gather(): void {
    if (this.#gathering) return;
    this.#gathering = true;
    void this.#tools.pause(gatherMs).then(() => {
      this.#gathering = false;
      this.hurry();
    });
  }

  /** False when there is no room. */
  async #writeBatch(batch: readonly Waiting[]): Promise<boolean> {
    const { run, state, journal, seen } = this.#tools;
    const next = state.nextSeq;
    const all = <T>(of: (commit: Commit) => readonly T[] | undefined): readonly T[] =>
      batch.flatMap(({ commit }) => of(commit) ?? []);
    const entries = batch
      .flatMap(({ at, commit }) => commit.events.map((event) => ({ at, event })))
      .map(({ at, event }, index) => ({ seq: next + index, at, event }));
    const answers = all((commit) => commit.answers);
    try {
      await journal.append(run, {
        next,
        entries,
        answers,
        sent: all(({ sent }) => sent),
        settled: all(({ settled }) => settled),
      });
    } catch (error) {
      if (this.isPatient && isAppError(error) && error.code === 'storage-full') {
        this.#tools.blocked(error);
        this.#waiting = [...batch, ...this.#waiting];
        this.#blocked = true;
        return false;
      }
      // somebody else drives this run now; what was paid for is a fact all the same
      if (answers.length > 0) await this.#tools.answers.put(answers).catch(() => undefined);
      return tellAll(batch, error);
    }
    let index = 0;
    for (const { commit } of batch) {
      for (const _ of commit.events) apply(state, entries[index++] as JournalEntry);
      commit.applied?.();
    }
    if (entries.length > 0) seen(entries);
    for (const { resolve } of batch) resolve();
    return true;
  }
}
