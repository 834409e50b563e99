import { expose } from '#lib/rpc.ts';
import { isAppError } from '#core/error.ts';
import type { RunId } from '#core/id.ts';
import type { JournalWrite } from '#core/journal.ts';
import { openStorage, type Storage } from '#storage/index.ts';

/** A storage in a dedicated worker, as the engine has it: the only place that can write files in place. */
let storage: Promise<Storage> | undefined;
const opened = (): Promise<Storage> => storage ?? Promise.reject(new Error('not open'));

const api = {
  open: async (name: string) => {
    storage = openStorage(name);
    await storage;
  },
  /** The code of what went wrong, or "ok". */
  append: async (run: RunId, write: JournalWrite): Promise<string> => {
    try {
      await (await opened()).journal.append(run, write);
      return 'ok';
    } catch (error) {
      return isAppError(error) ? error.code : String(error);
    }
  },
  safety: async () => (await opened()).safety.current,
  /** Holds the file of a run, as a tab does that is in the middle of writing. */
  hold: async (name: string, file: string) => {
    const root = await navigator.storage.getDirectory();
    const folder = await (await root.getDirectoryHandle(name)).getDirectoryHandle('runs');
    const handle = await folder.getFileHandle(file);
    const held = await (
      handle as unknown as { createSyncAccessHandle(): Promise<{ close(): void }> }
    ).createSyncAccessHandle();
    release = () => held.close();
  },
  release: () => release(),
};
let release = (): void => undefined;

export type StorageWorker = typeof api;
expose(api);
