import { AppError } from '#core/error.ts';
import type { Database } from './database.ts';
import type { PrivateFiles } from './private-files.ts';
import type { SafetyState } from './safety.ts';

/**
 * Room that is set aside while there is some, to be given up when there is none: for the answers that are under way then. A file,
 * because what is deleted from the database goes on taking room for minutes.
 */
export const ballastBytes = 8 * 1_048_576;

/** The database, with a second attempt at a write that found no room. */
export const withBallast = (database: Database, files: PrivateFiles | undefined, safety: SafetyState): Database => ({
  ...database,
  async write(stores, work, durability) {
    try {
      return await database.write(stores, work, durability);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'storage-full') throw error;
      safety.set({ state: 'full' });
      const released = await files?.dropBallast().catch(() => false);
      if (!released) throw error;
      return await database.write(stores, work, durability);
    }
  },
});

/** To be called when a run starts or goes on: whoever pressed Resume has made room, or will soon hear that there is none. */
export async function setAsideBallast(files: PrivateFiles | undefined, safety: SafetyState): Promise<void> {
  if (!files?.canAppend) return;
  try {
    await files.putBallast(ballastBytes);
    if (safety.current.state === 'full') safety.set({ state: 'ok' });
  } catch {
    // no room for it, or another tab is at it: a run goes on without
  }
}
