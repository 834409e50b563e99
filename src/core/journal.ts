import type { Completion, Usage } from './completion.ts';
import type { CallKey, RunId } from './id.ts';
import type { JournalEntry, ModelRole } from './run.ts';

/** The events of runs, in order, append-only, and beside them the requests that are under way. */
export interface RunJournal {
  /** All entries of a run from this sequence number on, ordered by it; empty for an unknown run. */
  read(run: RunId, from?: number): Promise<readonly JournalEntry[]>;
  /**
   * All of it, or none of it, durable when it resolves. Entries go on right after the last one, and the first entry of a journal is
   * `run-started`. An answer that is known already stays as it is: the first one that was paid for wins.
   * @throws AppError `run-busy` when the journal does not end where the writer believes (somebody else drives this run now) and
   * `run-missing` when the run was deleted meanwhile.
   */
  append(run: RunId, write: JournalWrite): Promise<void>;
  /** Requests of this run that were written down and never settled: under way in another tab, or cut off by a crash. */
  open(run: RunId): Promise<readonly Attempt[]>;
}

export type JournalWrite = {
  /** Sequence number that the writer's next entry has, or would have: the fence that shuts out a driver that was replaced. */
  readonly next: number;
  readonly entries: readonly JournalEntry[];
  readonly answers: readonly StoredAnswer[];
  /** Requests that are about to be sent: nothing is sent before this is on disk. */
  readonly sent: readonly Attempt[];
  /** Requests whose end is told by these entries. */
  readonly settled: readonly string[];
};

/** A request, written down before it is sent. One that is found after a crash may have been charged without an answer. */
export type Attempt = {
  /** Unique within the run, over all its drivers. */
  readonly id: string;
  readonly call: CallKey;
  readonly role: ModelRole;
  /** The most that it can take. */
  readonly reserved: Usage;
};

/** Answers of models by the name of the call. Losing them costs money, never meaning. */
export interface AnswerCache {
  get(call: CallKey): Promise<Completion | undefined>;
  /**
   * To be called by whoever begins to drive: from then on, an answer that is not there is known to be missing without a look at the
   * disk. What others keep meanwhile is not seen until the next call.
   */
  refresh?(): Promise<void>;
  /** Keeps answers that belong to no entry: what a replaced driver brings home is a fact all the same. Known ones stay. */
  put(answers: readonly StoredAnswer[]): Promise<void>;
}

export type StoredAnswer = { readonly call: CallKey; readonly completion: Completion };
