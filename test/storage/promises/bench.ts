import type { Storage } from '#storage/index.ts';

/** How the promises get at a storage. What is opened is emptied and closed after each test. */
export type Bench = {
  /** A name that nothing was kept under yet. */
  readonly fresh: () => string;
  /** The same name again is another connection to the same data. */
  readonly connect: (name: string) => Promise<Storage>;
  /** A storage of its own. */
  readonly start: () => Promise<Storage>;
  /** Whether the place can delete a run: a folder of files is deleted by hand. */
  readonly deletes?: boolean;
};
