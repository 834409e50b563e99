import type { ImportNote } from './example.ts';

/** A file as rows of text cells, before anybody said what the columns stand for. Every row has a cell for every column. */
export type Table = {
  /** The file's name. */
  readonly source: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly notes: readonly ImportNote[];
  /** Rows of the file that are not in the table, since no row could be made of them; the notes say why. */
  readonly leftOut?: number;
};

/** Choices a person can make where the guess about a file was wrong. */
export type ReadOptions = {
  readonly encoding?: string;
  readonly delimiter?: ',' | ';' | '\t' | '|';
  readonly header?: boolean;
};

/** Rows read so far, at most a few times a second. `share` of the bytes, 0…1. */
export type ImportProgress = { readonly rows: number; readonly share: number };

/**
 * One file format.
 * `read` gives all rows or throws one AppError with an `import-…` code; nothing half-imported can remain, because nothing is stored here.
 */
export interface Importer {
  readonly id: string;
  readonly label: string;
  /** 0 no … 1 certainly, from the first few thousand characters and the name. */
  recognize(head: string, fileName: string): number;
  read(
    file: { readonly name: string; readonly blob: Blob },
    options: ReadOptions,
    onProgress: (progress: ImportProgress) => void,
    signal: AbortSignal,
  ): Promise<Table>;
}

/** Which column plays which part. */
export type Mapping = {
  /** Columns that a template can name. */
  readonly inputs: readonly string[];
  /** Columns with right answers; more than one: each filled cell is one accepted answer. */
  readonly target: readonly string[];
  /** Options of a multiple-choice row: one column that holds a list, or one column per option. */
  readonly choices?:
    | { readonly type: 'list'; readonly column: string }
    | { readonly type: 'columns'; readonly columns: readonly string[] };
  /** How the target names the right option: its letter, its place counted from 0 or from 1, or its text. Only with `choices`. */
  readonly targetIs?: 'letter' | 'index-0' | 'index-1' | 'text';
  /** Several accepted answers in one cell are separated by this. */
  readonly targetSeparator?: string;
  /** Only what follows the last occurrence of this is the answer, as in worked solutions that end in `#### 42`. */
  readonly targetAfter?: string;
  /** Names for coded labels, such as 0 → negative. */
  readonly labelNames?: Readonly<Record<string, string>>;
};
