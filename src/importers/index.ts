import { AppError } from '#core/error.ts';
import type { Importer, ImportProgress, ReadOptions } from '#core/import.ts';
import { csv } from './csv.ts';
import { detectEncoding, textOf } from './encoding.ts';
import { json } from './json.ts';
import { jsonl } from './jsonl.ts';
import { inMegabytes, limits } from './limits.ts';
import { looksBinary, signatureOf } from './signature.ts';
import type { PlacedTable } from './table.ts';

export const importers = { csv, json, jsonl } as const satisfies Record<string, Importer>;

export type SourceFile = { readonly name: string; readonly blob: Blob };

const headBytes = 8192;
const bytesOf = async (blob: Blob): Promise<Uint8Array> => new Uint8Array(await blob.arrayBuffer());

/** The first characters that can be told from a blank, for the importers to recognize. Undefined: there are none. */
async function firstText(file: SourceFile, encoding: string, signal: AbortSignal): Promise<string | undefined> {
  let head = '';
  for await (const { text } of textOf(file, encoding, signal)) {
    head = (head + text).trimStart();
    if (head.length >= headBytes) break;
  }
  return head === '' ? undefined : head;
}

function checkBytes(file: SourceFile, head: Uint8Array, tail: Uint8Array): void {
  const { name, blob } = file;
  if (blob.size === 0) throw new AppError('import-empty-file', { file: name });
  const signature = signatureOf(head, tail);
  if (signature) throw new AppError('import-not-text', { file: name, ...signature });
  if (blob.size > limits.streamedBytes)
    throw new AppError('import-too-large', {
      file: name,
      place: 'the file',
      size: inMegabytes(blob.size),
      limit: inMegabytes(limits.streamedBytes),
    });
}

/**
 * Reads a file of any known format: the bytes say whether it is text and how it is written, then the importer that recognizes it
 * best reads it.
 * @throws AppError with an `import-…` code that names the file and the place; the signal's reason when aborted.
 */
export async function readFile(
  file: SourceFile,
  options: ReadOptions,
  onProgress: (progress: ImportProgress) => void,
  signal: AbortSignal,
): Promise<PlacedTable> {
  signal.throwIfAborted();
  const head = await bytesOf(file.blob.slice(0, headBytes));
  checkBytes(file, head, await bytesOf(file.blob.slice(-headBytes)));
  const { encoding, note } = options.encoding
    ? { encoding: options.encoding }
    : await detectEncoding(file, head, signal);
  if (!encoding.startsWith('utf-16') && looksBinary(head))
    throw new AppError('import-not-text', {
      file: file.name,
      found: 'not plain text',
      remedy: 'Choose a CSV, TSV, JSON or JSON lines file.',
    });
  const text = await firstText(file, encoding, signal);
  if (text === undefined) throw new AppError('import-empty-file', { file: file.name, blank: true });
  const best = Object.values(importers).reduce((a, b) =>
    b.recognize(text, file.name) > a.recognize(text, file.name) ? b : a,
  );
  const table = await best.read(file, { ...options, encoding }, onProgress, signal);
  return note ? { ...table, notes: [note, ...table.notes] } : table;
}
