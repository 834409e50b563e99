import type { RunId } from '#core/id.ts';

/** Entries in one packed block: as large as is good for reading, small enough to be read for its last entry alone. */
export const blockSize = 4096;

/** The keys of a run's blocks that hold entries from this sequence number on. */
export const blocksOf = (run: RunId, from = -Infinity): IDBKeyRange => IDBKeyRange.bound([run, from], [run, Infinity]);
