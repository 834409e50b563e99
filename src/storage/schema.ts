import type { DBSchema } from 'idb';
import type { Completion } from '#core/completion.ts';
import type { Dataset } from '#core/example.ts';
import type { CallKey, DatasetId, RunId } from '#core/id.ts';
import type { Attempt } from '#core/journal.ts';
import type { DatasetHead } from '#core/library.ts';
import type { RunHead } from '#core/run.ts';
import type { Block } from './blocks.ts';

/** What stands in the database, as of the newest migration. Every key is handed in, none is read out of a value. */
export interface Schema extends DBSchema {
  /**
   * One value for each append: the entries that were committed together; later, one for some thousands of them, packed. The key ends
   * in the sequence number of the *last* entry, so that "from n on" is one key range and the end of a journal is one key.
   */
  journal: { key: [RunId, number]; value: Block };
  /** Requests that were written down and not yet settled, by run and id. */
  attempts: { key: [RunId, string]; value: Attempt };
  answers: { key: CallKey; value: Completion };
  /** Small, for lists. */
  datasets: { key: DatasetId; value: DatasetHead };
  /** All rows of a data set as one value: reading 20,000 of them takes as long as reading one. */
  rows: { key: DatasetId; value: Pick<Dataset, 'examples' | 'notes'> };
  runs: { key: RunId; value: RunHead };
  settings: { key: string; value: unknown };
}
