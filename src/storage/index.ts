import type { AnswerCache, RunJournal } from '#core/journal.ts';
import type { Library, Settings } from '#core/library.ts';
import { createAnswers } from './answers.ts';
import { openDatabase } from './database.ts';
import { createJournal } from './journal.ts';
import { createLibrary } from './library.ts';
import { appName, clearOrigin, originUsage } from './origin.ts';
import { createSettings } from './settings.ts';

export { memoryStorage } from './memory.ts';

/** Everything that the app keeps. Usable from the page and from workers at the same time. */
export interface Storage {
  readonly journal: RunJournal;
  readonly answers: AnswerCache;
  readonly library: Library;
  readonly settings: Settings;
  /** Everything that the app ever kept in this browser, for all tabs. The storage stays usable and is empty. */
  deleteEverything(): Promise<void>;
  /** What is taken on the disk, where the browser says so. */
  usage(): Promise<{ readonly bytes?: number }>;
  /** No call after this one; what was called before is still done. */
  close(): void;
}

/** @throws AppError `storage-unavailable` (private windows, blocked cookies), `storage-newer` or `storage-full` */
export async function openStorage(name: string = appName): Promise<Storage> {
  const database = await openDatabase(name);
  return {
    journal: createJournal(database),
    answers: createAnswers(database),
    library: createLibrary(database),
    settings: createSettings(database),
    async deleteEverything() {
      await database.remove();
      await clearOrigin();
    },
    usage: originUsage,
    close: () => database.close(),
  };
}
