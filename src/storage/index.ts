import type { AnswerCache, RunJournal } from '#core/journal.ts';
import type { Library, Settings } from '#core/library.ts';
import { createAnswers } from './answers.ts';
import { withBallast } from './ballast.ts';
import { updateCanary, writeCanary } from './canary.ts';
import { openDatabase } from './database.ts';
import { createJournal } from './journal.ts';
import { createLibrary } from './library.ts';
import { appName, askToPersist, clearOrigin, isPersisted, originUsage } from './origin.ts';
import { openPrivateFiles } from './private-files.ts';
import { createRescueDoor, type Rescue } from './rescue-door.ts';
import { SafetyState, type SafetyWatch } from './safety.ts';
import { createSettings } from './settings.ts';
import { withFiles } from './with-files.ts';

export { memoryStorage } from './memory.ts';
export type { RestoredRun, StorageLoss } from './rescue-door.ts';
export type { StorageSafety } from './safety.ts';
export { readTabNote, writeTabNote } from './tab-note.ts';

/** Everything that the app keeps. Usable from the page and from workers at the same time. */
export interface Storage {
  readonly journal: RunJournal;
  readonly answers: AnswerCache;
  readonly library: Library;
  readonly settings: Settings;
  /** How safe all that is, as this thread sees it. */
  readonly safety: SafetyWatch;
  /** What was lost, and how it comes back. For the page. */
  readonly rescue: Rescue;
  /** Everything that the app ever kept in this browser, for all tabs. The storage stays usable and is empty. */
  deleteEverything(): Promise<void>;
  /** What is taken on the disk, where the browser says so. */
  usage(): Promise<{ readonly bytes?: number }>;
  /** Asks the browser not to clear the data by itself. For the page, when a person starts a run: some browsers then ask them. */
  askToPersist(): Promise<boolean>;
  /** No call after this one; what was called before is still done. */
  close(): void;
}

/** What can be read of a database that a newer version of the app has made: enough to export its runs. */
export type NewerStorage = {
  readonly journal: Pick<RunJournal, 'read'>;
  readonly library: Pick<Library, 'runs' | 'dataset' | 'datasets'>;
  close(): void;
};

/** To be called after `storage-newer`; changes nothing. @throws AppError `storage-unavailable` */
export async function openNewerStorage(name: string = appName): Promise<NewerStorage> {
  const database = await openDatabase(name, undefined, 'as-it-is');
  return { journal: createJournal(database), library: createLibrary(database), close: () => database.close() };
}

/** @throws AppError `storage-unavailable` (private windows, blocked cookies), `storage-newer` or `storage-full` */
export async function openStorage(name: string = appName): Promise<Storage> {
  const safety = new SafetyState({ state: 'ok', secondCopy: false, persisted: undefined });
  const plain = await openDatabase(name, () => safety.set({ state: 'broken' }));
  const files = await openPrivateFiles(name);
  const database = withBallast(plain, files, safety);
  safety.set({ secondCopy: files !== undefined, persisted: await isPersisted() });
  const answers = createAnswers(database);
  const kept = await withFiles(
    { journal: createJournal(database, answers.learn), answers, library: createLibrary(database) },
    files,
    safety,
  );
  const { library } = kept;
  /** The canary is a hint: a database that cannot be read says so elsewhere. */
  const tellCanary = (): Promise<void> => updateCanary(name, database).catch(() => undefined);
  return {
    journal: kept.journal,
    answers,
    library: {
      ...library,
      async putRun(run) {
        await library.putRun(run);
        await tellCanary();
      },
      async deleteRun(run) {
        await library.deleteRun(run);
        await tellCanary();
      },
    },
    settings: createSettings(database),
    safety,
    rescue: createRescueDoor(name, database, files),
    async deleteEverything() {
      const clearFiles = () => files?.clear().catch(() => undefined);
      writeCanary(name, undefined); // with the files, it would tell of a loss
      await Promise.all([clearFiles(), database.remove()]);
      await clearFiles(); // what another tab was writing
      await clearOrigin();
    },
    usage: originUsage,
    async askToPersist() {
      const persisted = await askToPersist();
      safety.set({ persisted });
      return persisted ?? false;
    },
    close: () => database.close(),
  };
}
