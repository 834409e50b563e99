import type { CallKey } from '#core/id.ts';
import type { AnswerCache, StoredAnswer } from '#core/journal.ts';
import type { IDBPObjectStore } from 'idb';
import type { Database } from './database.ts';
import type { Schema } from './schema.ts';

/** The answers, and what the journal tells them of those that it keeps itself. */
export type Answers = AnswerCache & { readonly learn: (answers: readonly StoredAnswer[]) => void };

export function createAnswers(database: Database): Answers {
  /** Names of all answers, for a thread that drives: each of its requests would wait for the writes before it otherwise. */
  let known: Set<CallKey> | undefined;
  const learn: Answers['learn'] = (answers) => {
    if (known) for (const { call } of answers) known.add(call);
  };
  return {
    learn,
    async refresh() {
      known = new Set(await database.read(['answers'], ({ store }) => store.getAllKeys()));
    },
    async get(call) {
      if (known && !known.has(call)) return undefined;
      return database.read(['answers'], ({ store }) => store.get(call));
    },
    async put(answers) {
      await database.write(['answers'], ({ store }) => keepAnswers(store, answers));
      learn(answers);
    },
  };
}

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
