import type { AnswerCache } from '#core/journal.ts';
import type { Database } from './database.ts';

/** Only reads: an answer is written together with the event that tells of it, by the journal. */
export const createAnswers = (database: Database): AnswerCache => ({
  get: (call) => database.read(['answers'], ({ store }) => store.get(call)),
});
