// @ts-check
// Two processes may work through the same list: a run that one of them is at is left to it. The claim is a file that holds the number of
// the process, so that what a killed one has left behind is no hindrance.
import { readFile, rm, writeFile } from 'node:fs/promises';
import process from 'node:process';

/**
 * @param {string} file
 * @param {(pid: number) => boolean} [isAlive]
 * @returns {Promise<(() => Promise<void>) | undefined>}  gives it back; undefined where a living process has it
 */
export async function claim(file, isAlive = lives) {
  for (;;) {
    try {
      await writeFile(file, String(process.pid), { flag: 'wx' });
      return () => rm(file, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      const owner = Number(await readFile(file, 'utf8').catch(() => ''));
      // nothing in it yet: its owner is just writing it
      if (owner === 0 || isAlive(owner)) return undefined;
      await rm(file, { force: true });
    }
  }
}

/** @param {number} pid */
function lives(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
