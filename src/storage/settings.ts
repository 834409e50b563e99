import type { Settings } from '#core/library.ts';
import type { Database } from './database.ts';

/**
 * Never a secret: what is written here stays readable on the disk even after it was deleted. Callers strip secrets with
 * `withoutSecrets` of core/fields.ts; nothing here could tell a key from any other text.
 */
export const createSettings = (database: Database): Settings => ({
  get: (name) => database.read(['settings'], ({ store }) => store.get(name)),
  set: (name, value) =>
    database.write(['settings'], async (transaction) => {
      const { store } = transaction;
      const written = value === undefined ? store.delete(name) : store.put(value, name);
      transaction.commit(); // nothing more comes: a page that is just being left need not live to say so
      await written;
    }),
});
