import type { RunId } from '#core/id.ts';

/**
 * The origin's private file system (OPFS): a place beside the database that does not fall with it, and whose files give their room
 * back at once when they are deleted. One folder, `<name>/`, with `runs/<run>.ndjson` and `ballast`.
 */
export interface PrivateFiles {
  /** Whether this thread can add to a log: browsers let only dedicated workers write in place. */
  readonly canAppend: boolean;
  runs(): Promise<readonly RunId[]>;
  /** The last bytes of a log, all of it without a length; empty when there is none. */
  readLog(run: RunId, lastBytes?: number): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * On disk when it resolves; a line that was cut off before it is closed off. `begins`: the log may be a new one; otherwise one that is
   * not there is an error.
   */
  appendToLog(run: RunId, bytes: Uint8Array<ArrayBuffer>, begins: boolean): Promise<void>;
  removeLog(run: RunId): Promise<void>;
  /** Takes room that can be given back. */
  putBallast(bytes: number): Promise<void>;
  /** Whether there was any. */
  dropBallast(): Promise<boolean>;
  /** Removes the folder with everything in it. */
  clear(): Promise<void>;
}

/** As browsers have it in workers; the types of the page do not know it. */
type SyncAccessHandle = {
  getSize(): number;
  read(into: Uint8Array, options: { readonly at: number }): number;
  write(bytes: Uint8Array, options: { readonly at: number }): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
};
type WritableInPlace = { createSyncAccessHandle(): Promise<SyncAccessHandle> };

const ending = '.ndjson';
const lineFeed = 10;
const piece = new Uint8Array(1_048_576);

/** Undefined where the browser has no private files, or does not let this page have them. */
export async function openPrivateFiles(name: string): Promise<PrivateFiles | undefined> {
  // missing on insecure addresses, in private windows of some browsers, and in Node, whatever the types say
  const { navigator } = globalThis as { readonly navigator?: { readonly storage?: Partial<StorageManager> } };
  const root = await navigator?.storage?.getDirectory?.().catch(() => undefined);
  if (!root) return undefined;

  const top = (create: boolean) => root.getDirectoryHandle(name, { create });
  const logs = async (create: boolean) => (await top(create)).getDirectoryHandle('runs', { create });
  const fileOf = (run: RunId): string => `${encodeURIComponent(run)}${ending}`;

  const dropBallast = (): Promise<boolean> =>
    unlessMissing(false, async () => {
      const folder = await top(false);
      await unlessLocked(() => folder.removeEntry('ballast'));
      return true;
    });

  return {
    canAppend:
      typeof FileSystemFileHandle !== 'undefined' && 'createSyncAccessHandle' in FileSystemFileHandle.prototype,

    runs: () =>
      unlessMissing([], async () => {
        const runs: RunId[] = [];
        for await (const file of (await logs(false)).keys())
          if (file.endsWith(ending)) runs.push(decodeURIComponent(file.slice(0, -ending.length)) as RunId);
        return runs.sort();
      }),

    readLog: (run, lastBytes = Infinity) =>
      unlessMissing(new Uint8Array(), async () => {
        const file = await (await (await logs(false)).getFileHandle(fileOf(run))).getFile();
        return new Uint8Array(await file.slice(Math.max(0, file.size - lastBytes)).arrayBuffer());
      }),

    async appendToLog(run, bytes, begins) {
      const file = await (await logs(begins)).getFileHandle(fileOf(run), { create: begins });
      await inPlace(file, (handle) => {
        const size = handle.getSize();
        const last = new Uint8Array(1);
        if (size > 0) handle.read(last, { at: size - 1 });
        const torn = size > 0 && last[0] !== lineFeed;
        if (torn) writeAll(handle, Uint8Array.of(lineFeed), size);
        writeAll(handle, bytes, torn ? size + 1 : size);
      });
    },

    removeLog: (run) =>
      unlessMissing(undefined, async () => {
        const folder = await logs(false);
        await unlessLocked(() => folder.removeEntry(fileOf(run)));
      }),

    async putBallast(bytes) {
      const file = await (await top(true)).getFileHandle('ballast', { create: true });
      try {
        await inPlace(file, (handle) => {
          for (let at = handle.getSize(); at < bytes; at += piece.length) writeAll(handle, piece, at);
        });
      } catch (error) {
        await dropBallast();
        throw error;
      }
    },

    dropBallast,

    clear: () => unlessMissing(undefined, () => unlessLocked(() => root.removeEntry(name, { recursive: true }))),
  };
}

/** Opened for one write only: a handle that stays open would lock everybody else out, also those who want to delete the file. */
async function inPlace(file: FileSystemFileHandle, work: (handle: SyncAccessHandle) => void): Promise<void> {
  const handle = await (file as unknown as WritableInPlace).createSyncAccessHandle();
  try {
    work(handle);
    handle.flush();
  } finally {
    handle.close();
  }
}

function writeAll(handle: SyncAccessHandle, bytes: Uint8Array, at: number): void {
  const written = handle.write(bytes, { at });
  if (written < bytes.length) throw new DOMException('only a part was written', 'QuotaExceededError');
}

async function unlessMissing<T>(otherwise: T, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotFoundError') return otherwise;
    throw error;
  }
}

/** A file is locked while a write to it is under way: milliseconds. */
async function unlessLocked(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await work();
      return;
    } catch (error) {
      const locked = error instanceof DOMException && error.name === 'NoModificationAllowedError';
      if (!locked || attempt === 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}
