import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ReadOptions } from '#core/import.ts';
import { readFile } from '#importers/index.ts';
import type { PlacedTable } from '#importers/table.ts';

const repository = new URL('../../', import.meta.url);
export const inRepository = (path: string): string => fileURLToPath(new URL(path, repository));

export const blobOf = (content: string | Uint8Array): Blob =>
  new Blob([typeof content === 'string' ? content : new Uint8Array(content)]);

export const read = (name: string, content: string | Uint8Array, options: ReadOptions = {}): Promise<PlacedTable> =>
  readFile({ name, blob: blobOf(content) }, options, () => undefined, new AbortController().signal);

export type Check = {
  readonly row: number;
  readonly column?: string | number;
  readonly column_index?: number;
  readonly path?: string;
  readonly value?: string;
  readonly json?: unknown;
  readonly length?: number;
};

/** What must come out of a file that a person would bring. */
export type Expected = {
  readonly file: string;
  readonly what?: string;
  readonly columns: readonly string[] | null;
  readonly rows: number;
  readonly rows_sha256?: string;
  readonly checks?: readonly Check[];
  readonly missing_target_rows?: readonly number[];
  readonly flag?: string;
  readonly target: string;
  readonly mapping?: Readonly<Record<string, unknown>>;
  readonly targets?: Readonly<Record<string, readonly string[]>>;
  readonly metric?: string;
};

const manifestOf = (path: string): readonly Expected[] =>
  (JSON.parse(readFileSync(path, 'utf8')) as { files: readonly Expected[] }).files;

const own = inRepository('test/fixtures/files/own/');
/** Sets under licences of their own are not part of this repository; where they lie beside it, they are read too. */
const beside = inRepository('../shared/data/');

export const collection: readonly (Expected & { readonly path: string })[] = [
  ...manifestOf(`${own}manifest.json`).map((entry) => ({ ...entry, path: own + entry.file })),
  ...(existsSync(`${beside}uploads.json`) ? manifestOf(`${beside}uploads.json`) : []).map((entry) => ({
    ...entry,
    path: beside + entry.file,
  })),
];
