import type { Completion } from '#core/completion.ts';
import type { CallKey, RunId } from '#core/id.ts';
import type { JournalEntry } from '#core/run.ts';

/** What the engine needs of a place that keeps things. `storage/` fits by shape; the composition roots bring them together. */

/** The events of runs, in order, append-only. */
export interface RunJournal {
  /** All entries of a run from this sequence number on, ordered by it; empty for an unknown run. */
  read(run: RunId, from?: number): Promise<readonly JournalEntry[]>;
  /**
   * All entries and answers, or none of them, durable when it resolves. An entry whose sequence number is taken is refused.
   * An answer that is known already stays as it is: the first one that was paid for wins.
   */
  append(run: RunId, entries: readonly JournalEntry[], answers: readonly StoredAnswer[]): Promise<void>;
}

/** Answers of models by the name of the call. Losing them costs money, never meaning. */
export interface AnswerCache {
  get(call: CallKey): Promise<Completion | undefined>;
}

export type StoredAnswer = { readonly call: CallKey; readonly completion: Completion };
