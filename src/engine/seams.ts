/** What the engine needs of a place that keeps things. `storage/` brings it; the composition roots hand it in. */
export type { AnswerCache, Attempt, RunJournal, StoredAnswer } from '#core/journal.ts';
