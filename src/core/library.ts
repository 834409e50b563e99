import type { Dataset } from './example.ts';
import type { DatasetId, RunId } from './id.ts';
import type { RunHead } from './run.ts';

/** Data sets and the list of runs, as the screens need them. */
export interface Library {
  datasets(): Promise<readonly DatasetHead[]>;
  dataset(id: DatasetId): Promise<Dataset | undefined>;
  putDataset(dataset: Dataset): Promise<void>;
  deleteDataset(id: DatasetId): Promise<void>;
  runs(): Promise<readonly RunHead[]>;
  putRun(run: RunHead): Promise<void>;
  /** In the list; a run that is not there, or not any more, stays away. */
  renameRun(id: RunId, name: string): Promise<void>;
  /** The run, its journal, and nothing else: answers stay in the cache. */
  deleteRun(id: RunId): Promise<void>;
}

/** A data set without its rows, for lists. */
export type DatasetHead = {
  readonly id: DatasetId;
  readonly name: string;
  readonly source: string;
  readonly examples: number;
  readonly fields: readonly string[];
  readonly importedAt: number;
};

/** Small preferences by name, such as the theme or the last task. Never a secret. */
export interface Settings {
  get(name: string): Promise<unknown>;
  set(name: string, value: unknown): Promise<void>;
}
