import type { IDBPObjectStore } from 'idb';
import type { RunId } from '#core/id.ts';
import type { JournalEntry } from '#core/run.ts';
import { blocksOf, blockSize } from './journal-keys.ts';
import { packEntries, unpackEntries, type PackedBlock } from './packed.ts';
import type { Schema } from './schema.ts';

/** What one key of the journal holds: the entries of a write, or of many, packed. */
export type Block = readonly JournalEntry[] | PackedBlock;

type JournalStore = IDBPObjectStore<Schema, ArrayLike<'journal'>, 'journal', 'readwrite'>;

export function entriesIn(blocks: readonly Block[]): JournalEntry[] {
  const entries: JournalEntry[] = [];
  for (const block of blocks)
    if ('packed' in block) unpackEntries(block, entries);
    else for (const entry of block) entries.push(entry);
  return entries;
}

/** Adds entries behind the last ones. A write that fills whole blocks is packed at once. */
export async function addBlocks(journal: JournalStore, run: RunId, entries: readonly JournalEntry[]): Promise<void> {
  for (let start = 0; start < entries.length; start += blockSize) {
    const some = entries.slice(start, start + blockSize);
    await journal.add(some.length === blockSize ? packEntries(some) : some, [run, some.at(-1)?.seq ?? 0]);
  }
}

/**
 * Replaces neighbouring small blocks by packed ones. The key of a block is its last entry, so the end of the journal, and every range
 * of it, is found as before. `all`: also what does not fill a block.
 */
export async function packBlocks(journal: JournalStore, run: RunId, all: boolean): Promise<void> {
  const keys = await journal.getAllKeys(blocksOf(run));
  let small: number[] = [];
  let size = 0;
  let before = -1;
  const pack = async (): Promise<void> => {
    const [first, last] = [small[0], small.at(-1)];
    if (small.length > 1 && first !== undefined && last !== undefined && (all || size >= blockSize)) {
      const range = IDBKeyRange.bound([run, first], [run, last]);
      const entries = entriesIn(await journal.getAll(range));
      await journal.delete(range);
      for (let start = 0; start < entries.length; start += blockSize) {
        const some = entries.slice(start, start + blockSize);
        await journal.add(packEntries(some), [run, some.at(-1)?.seq ?? 0]);
      }
    }
    small = [];
    size = 0;
  };
  for (const [, last] of keys) {
    const count = last - before;
    before = last;
    if (count < blockSize) {
      small.push(last);
      size += count;
    } else await pack();
    if (size >= 2 * blockSize) await pack();
  }
  await pack();
}
