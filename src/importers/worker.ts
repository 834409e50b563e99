import { AppError, toErrorRecord, type ErrorRecord } from '#core/error.ts';
import type { ImportProgress, ReadOptions } from '#core/import.ts';
import { expose } from '#lib/rpc.ts';
import { readFile, type SourceFile } from './index.ts';
import type { PlacedTable } from './table.ts';

export type Answer =
  { readonly type: 'read'; readonly table: PlacedTable } | { readonly type: 'failed'; readonly error: ErrorRecord };

const isAppError = (error: unknown): error is AppError => error instanceof AppError;

/** Errors cross as records: thrown over the wire they would lose their code and details. */
const api = {
  async readFile(
    file: SourceFile,
    options: ReadOptions,
    onProgress: (progress: ImportProgress) => void,
  ): Promise<Answer> {
    try {
      return { type: 'read', table: await readFile(file, options, onProgress, new AbortController().signal) };
    } catch (error) {
      if (isAppError(error)) return { type: 'failed', error: toErrorRecord(error) };
      throw error;
    }
  },
};
export type ImportApi = typeof api;

expose(api);
