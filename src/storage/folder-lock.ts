import { randomUUID } from 'node:crypto';
import { constants, copyFile, link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { AppError } from '#core/error.ts';

/**
 * Makes this process the only one that uses the folder; the result gives it back. A lock of a process that is gone counts for nothing.
 * @throws AppError `folder-busy` with the file that says so, `storage-unavailable`
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const lock = join(folder, 'lock');
  const stale = join(folder, 'lock.stale');
  const own = join(folder, `lock.${randomUUID()}`);
  const busy = (file: string, holder: number | undefined): AppError =>
    new AppError('folder-busy', { folder, file, ...(holder === undefined ? {} : { process: holder }) });
  try {
    await writeFile(own, String(process.pid));
    for (;;) {
      if (await put(own, lock)) return () => rm(lock, { force: true });
      const holder = await holderOf(lock);
      if (holder === 'nobody') continue; // given back in the meantime
      if (holder === undefined || isAlive(holder)) throw busy(lock, holder);
      // Only who has this file too takes a lock away, and looks again: else it could be that of who was faster.
      if (!(await put(own, stale))) {
        const other = await holderOf(stale);
        if (other !== 'nobody') throw busy(stale, other);
        continue;
      }
      if ((await holderOf(lock)) === holder) await rm(lock, { force: true });
      await rm(stale, { force: true });
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('storage-unavailable', { reason: (error as Error).message }, error);
  } finally {
    await rm(own, { force: true }).catch(() => undefined); // it is in nobody's way
  }
}

/** Puts the file there under another name, at once and whole; false where there is one of that name. */
async function put(file: string, place: string): Promise<boolean> {
  try {
    await link(file, place).catch((error: unknown) => {
      if (!noLinks.has((error as NodeJS.ErrnoException).code)) throw error;
      return copyFile(file, place, constants.COPYFILE_EXCL);
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** What file systems say that know no second name of a file, such as exFAT. */
const noLinks: ReadonlySet<string | undefined> = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EISDIR']);

/** Undefined for a file without a number: it may be just being written, so it counts as held. */
async function holderOf(file: string): Promise<number | 'nobody' | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'nobody';
    throw error;
  }
  const id = Number(text);
  return Number.isSafeInteger(id) && id > 0 ? id : undefined;
}

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0); // sends nothing
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
