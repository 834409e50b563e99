import { afterEach, describe } from 'vitest';
import type { Storage } from '#storage/index.ts';
import { promisesOfConnections } from '../storage/promises/connections.ts';
import { promisesOfTheJournal } from '../storage/promises/journal.ts';
import { promisesOfTheLibrary } from '../storage/promises/library.ts';

/** What every storage promises. `open` opens the storage of this name: the same name again is another connection to the same data. */
export function runStoreConformance(name: string, open: (name: string) => Promise<Storage>): void {
  describe(`storage: ${name}`, () => {
    const opened: Storage[] = [];
    let count = 0;
    const fresh = (): string => `test ${name} ${Math.random().toString(36).slice(2)} ${count++}`;
    const connect = async (database: string): Promise<Storage> => {
      const storage = await open(database);
      opened.push(storage);
      return storage;
    };
    const bench = { fresh, connect, start: () => connect(fresh()) };

    afterEach(async () => {
      for (const storage of opened) await storage.deleteEverything().catch(() => undefined);
      for (const storage of opened.splice(0)) storage.close();
    });

    promisesOfTheJournal(bench);
    promisesOfTheLibrary(bench);
    promisesOfConnections(bench);
  });
}
