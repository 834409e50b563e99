import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { AppError } from '#core/error.ts';

/**
 * Makes this process the only one that uses the folder; the result gives it back. A lock of a process that is gone counts for nothing.
 * @throws AppError `folder-busy`
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'lock');
  for (;;) {
    try {
      const file = await open(path, 'wx');
      await file.writeFile(String(process.pid));
      await file.close();
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
        throw new AppError('storage-unavailable', { reason: (error as Error).message }, error);
    }
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) continue; // given back in the meantime
    const holder = Number(text);
    if (holder === process.pid || isAlive(holder)) throw new AppError('folder-busy', { folder, process: holder });
    await rm(path, { force: true });
  }
}

function isAlive(id: number): boolean {
  if (!Number.isSafeInteger(id) || id <= 0) return false;
  try {
    process.kill(id, 0); // sends nothing
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
