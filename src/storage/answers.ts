import type { AnswerCache, StoredAnswer } from '#core/journal.ts';
import type { IDBPObjectStore } from 'idb';
import type { Database } from './database.ts';
import type { Schema } from './schema.ts';

export const createAnswers = (database: Database): AnswerCache => ({
  get: (call) => database.read(['answers'], ({ store }) => store.get(call)),
  put: (answers) => database.write(['answers'], ({ store }) => keepAnswers(store, answers)),
});

type AnswerStore = IDBPObjectStore<Schema, ArrayLike<'answers'>, 'answers', 'readwrite'>;

/** Adds the answers that are not known yet; of two for the same call, the first one. */
export async function keepAnswers(store: AnswerStore, answers: readonly StoredAnswer[]): Promise<void> {
  const known = await Promise.all(answers.map(({ call }) => store.getKey(call)));
  const missing = firstOfEach(answers.filter((_, index) => known[index] === undefined));
  // each in its own promise: a value that cannot be cloned throws at once, with others under way
  await Promise.all(missing.map(async ({ call, completion }) => store.add(completion, call)));
}

const firstOfEach = (answers: readonly StoredAnswer[]): readonly StoredAnswer[] => {
  const seen = new Set<string>();
  return answers.filter(({ call }) => !seen.has(call) && seen.add(call));
};
