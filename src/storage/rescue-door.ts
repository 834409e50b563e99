import type { RunId } from '#core/id.ts';
import { runsGone, updateCanary } from './canary.ts';
import type { Database } from './database.ts';
import type { PrivateFiles } from './private-files.ts';

/** What was here once and is not in the database any more. */
export type StorageLoss = {
  /** Runs that can be rebuilt, wholly or in their last part, from the files beside the database. */
  readonly runs: readonly RunId[];
  /** Runs that are known to have been here and of which nothing is left. */
  readonly gone: number;
};

export type RestoredRun = {
  readonly run: RunId;
  readonly name: string;
  /** What was added to the database. */
  readonly entries: number;
  readonly answers: number;
  /** Lines of the file that could not be read, from 1, and entries behind them that could not be used. */
  readonly damaged: readonly number[];
  readonly unconnected: number;
  /** The run in the database went another way than the file: its entries were left as they are. */
  readonly conflict: boolean;
};

export interface Rescue {
  /** To be asked once when the page opens. Undefined when nothing is missing, as on a first visit. */
  find(): Promise<StorageLoss | undefined>;
  /** Brings back what is missing. What stands in the database stays as it is; doing it again changes nothing. */
  restore(): Promise<readonly RestoredRun[]>;
  /** Does without what is missing: the files of those runs are deleted, and it is not told again. */
  dismiss(): Promise<void>;
}

export const noRescue: Rescue = {
  find: () => Promise.resolve(undefined),
  restore: () => Promise.resolve([]),
  dismiss: () => Promise.resolve(),
};

/** Looks whether anything can be missing at all; how it comes back is loaded only then. */
export function createRescueDoor(name: string, database: Database, files: PrivateFiles | undefined): Rescue {
  const rescue = async (): Promise<Rescue> => (await import('./rescue.ts')).createRescue(name, database, files);
  return {
    async find() {
      const logs = (await files?.runs().catch(() => [])) ?? [];
      if (logs.length > 0 || (await runsGone(name, database)) > 0) return (await rescue()).find();
      await updateCanary(name, database);
      return undefined;
    },
    restore: async () => (await rescue()).restore(),
    dismiss: async () => (await rescue()).dismiss(),
  };
}
