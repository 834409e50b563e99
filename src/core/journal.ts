import type { Completion } from './completion.ts';
import type { CallKey, RunId } from './id.ts';
import type { JournalEntry } from './run.ts';

/** The events of runs, in order, append-only. */
export interface RunJournal {
  /** All entries of a run from this sequence number on, ordered by it; empty for an unknown run. */
  read(run: RunId, from?: number): Promise<readonly JournalEntry[]>;
  /**
   * All entries and answers, or none of them, durable when it resolves. Entries go on right after the last one, and the first entry of
   * a journal is `run-started`. An answer that is known already stays as it is: the first one that was paid for wins.
   * @throws AppError `run-busy` when a sequence number is taken (somebody else drives this run) and `run-missing` when the run was
   * deleted meanwhile.
   */
  append(run: RunId, entries: readonly JournalEntry[], answers: readonly StoredAnswer[]): Promise<void>;
}

/** Answers of models by the name of the call. Losing them costs money, never meaning. */
export interface AnswerCache {
  get(call: CallKey): Promise<Completion | undefined>;
}

export type StoredAnswer = { readonly call: CallKey; readonly completion: Completion };
