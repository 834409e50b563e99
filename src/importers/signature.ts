/** What a file is whose bytes are not text, and what to do about it. */
export type Signature = { readonly found: string; readonly remedy: string };

const unpack = 'Unpack it first, then open the file inside.';
const saveAsCsv = 'Open it in the spreadsheet program, save it as “CSV UTF-8”, and open that file here.';
const exportRows = 'Export its rows as CSV, JSON or JSON lines, and open that file here.';
const textWanted = 'Choose a CSV, TSV, JSON or JSON lines file.';

const known: readonly (Signature & { readonly starts: string })[] = [
  { starts: '\x1f\x8b', found: 'a gzip archive', remedy: unpack },
  { starts: 'BZh', found: 'a bzip2 archive', remedy: unpack },
  { starts: '\xfd7zXZ\0', found: 'an xz archive', remedy: unpack },
  { starts: '7z\xbc\xaf\x27\x1c', found: 'a 7-Zip archive', remedy: unpack },
  { starts: 'Rar!\x1a\x07', found: 'a RAR archive', remedy: unpack },
  { starts: '\x28\xb5\x2f\xfd', found: 'a Zstandard archive', remedy: unpack },
  { starts: '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', found: 'an old Excel or Word document', remedy: saveAsCsv },
  { starts: 'PAR1', found: 'a Parquet file', remedy: exportRows },
  { starts: 'ARROW1', found: 'an Arrow file', remedy: exportRows },
  { starts: 'SQLite format 3\0', found: 'an SQLite database', remedy: exportRows },
  { starts: '%PDF-', found: 'a PDF document', remedy: textWanted },
  { starts: '\x89PNG\r\n\x1a\n', found: 'a picture (PNG)', remedy: textWanted },
  { starts: '\xff\xd8\xff', found: 'a picture (JPEG)', remedy: textWanted },
  { starts: 'GIF8', found: 'a picture (GIF)', remedy: textWanted },
  {
    starts: 'GGUF',
    found: 'a language model (GGUF)',
    remedy: 'Choose it as a model; here, a file with examples is wanted.',
  },
];

const latin1 = (bytes: Uint8Array): string => new TextDecoder('latin1').decode(bytes);

/** A ZIP archive shows the names of its parts in plain letters, at the start and again in the directory at its end. */
function archive(names: string): Signature {
  if (names.includes('xl/')) return { found: 'an Excel workbook', remedy: saveAsCsv };
  if (names.includes('opendocument.spreadsheet')) return { found: 'an OpenDocument spreadsheet', remedy: saveAsCsv };
  if (names.includes('word/')) return { found: 'a Word document', remedy: textWanted };
  return { found: 'a ZIP archive', remedy: unpack };
}

/** Looks at the first and last bytes. Undefined: this may be text. */
export function signatureOf(head: Uint8Array, tail: Uint8Array): Signature | undefined {
  const start = latin1(head);
  if (['PK\x03\x04', 'PK\x05\x06', 'PK\x07\x08'].some((mark) => start.startsWith(mark)))
    return archive(start + latin1(tail));
  const match = known.find(({ starts }) => start.startsWith(latin1(Uint8Array.from(starts, (c) => c.charCodeAt(0)))));
  return match && { found: match.found, remedy: match.remedy };
}

/** Bytes that no text has, apart from tab, line ends and form feed. One in ten of them is not text any more. */
export function looksBinary(head: Uint8Array): boolean {
  let control = 0;
  for (const byte of head) if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27)) control += 1;
  return control > head.length / 10;
}
