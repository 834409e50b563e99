import { AppError } from '#core/error.ts';
import type { Importer, ReadOptions } from '#core/import.ts';
import { guessDelimiter } from './dialect.ts';
import { textOf } from './encoding.ts';
import { RecordReader, type Dialect, type Records } from './records.ts';
import { tableOfRecords } from './record-table.ts';
import { createTicker } from './ticker.ts';

type Source = Parameters<Importer['read']>[0];
const headCharacters = 1 << 16;

/**
 * The text with `\n` at each line end, inside cells too. A lone carriage return ends a line only where a file has no other line ends;
 * elsewhere it belongs to its cell.
 */
async function* linesOf(
  file: Source,
  encoding: string,
  signal: AbortSignal,
): AsyncGenerator<{ readonly text: string; readonly share: number }> {
  let held = '';
  let lineEnd: RegExp | undefined;
  for await (const { text, share } of textOf(file, encoding, signal)) {
    let piece = held + text;
    held = '';
    if (piece.endsWith('\r') && share < 1) {
      held = '\r';
      piece = piece.slice(0, -1);
    }
    if (piece === '') continue;
    lineEnd ??= piece.includes('\n') || !piece.includes('\r') ? /\r\n/g : /\r\n?/g;
    yield { text: piece.replace(lineEnd, '\n'), share };
  }
}

async function beginning(file: Source, encoding: string, signal: AbortSignal): Promise<string> {
  let head = '';
  for await (const { text } of linesOf(file, encoding, signal)) {
    head += text;
    if (head.length >= headCharacters) break;
  }
  return head;
}

/** Whether every line has the same number of tabs, taken letter by letter: then no quote mark is needed to make sense of the file. */
async function sameTabsOnEachLine(file: Source, encoding: string, signal: AbortSignal): Promise<boolean> {
  let tabs: number | undefined;
  let held = '';
  const fits = (line: string): boolean => {
    if (line.trim() === '') return true;
    const count = line.split('\t').length;
    tabs ??= count;
    return count === tabs;
  };
  for await (const { text } of linesOf(file, encoding, signal)) {
    const lines = (held + text).split('\n');
    held = lines.pop() ?? '';
    if (!lines.every(fits)) return false;
  }
  return fits(held);
}

async function readRecords(
  file: Source,
  encoding: string,
  dialect: Dialect,
  onProgress: Parameters<Importer['read']>[2],
  signal: AbortSignal,
): Promise<Records> {
  const reader = new RecordReader(file.name, dialect);
  const tick = createTicker(onProgress);
  for await (const { text, share } of linesOf(file, encoding, signal)) {
    reader.push(text);
    if (reader.quoteProblem) break;
    tick({ rows: reader.rows.length, share });
  }
  return reader.end();
}

const holdsLineBreak = ({ rows }: Records): boolean => rows.some((row) => row.some((cell) => cell.includes('\n')));

/**
 * In tab-separated files quote marks are often plain characters. Where every line has the same number of tabs and the quote rule
 * still stumbles or joins lines, the quote rule is wrong.
 */
async function readWithQuotes(
  file: Source,
  encoding: string,
  delimiter: string,
  onProgress: Parameters<Importer['read']>[2],
  signal: AbortSignal,
): Promise<Records> {
  const records = await readRecords(file, encoding, { delimiter, quotes: true }, onProgress, signal);
  const suspicious = records.quoteProblem !== undefined || holdsLineBreak(records);
  if (delimiter !== '\t' || !suspicious || !(await sameTabsOnEachLine(file, encoding, signal))) return records;
  return readRecords(file, encoding, { delimiter, quotes: false }, onProgress, signal);
}

function throwQuoteProblem(file: string, problem: NonNullable<Records['quoteProblem']>): never {
  if (problem.type === 'unclosed') throw new AppError('import-unclosed-quote', { file, line: problem.line });
  throw new AppError('import-malformed', {
    file,
    line: problem.line,
    expected: 'a delimiter or a line end after the closing quote; a quote inside a quoted cell is written twice',
    found: problem.found,
  });
}

/** Spreadsheets write their delimiter into a first line of its own, and hide it when they open the file. */
const declaration = /^sep=([^\n"])\n/i;
const withoutFirst = ({ rows, lines, ...rest }: Records): Records => ({
  ...rest,
  rows: rows.slice(1),
  lines: lines.slice(1),
});

/** Delimited text: comma, semicolon, tab or bar, with or without a header. */
export const csv: Importer = {
  id: 'csv',
  label: 'CSV or TSV',
  recognize: (head, fileName) => {
    if (/\.(csv|tsv|tab|psv)$/i.test(fileName)) return 0.6;
    return /^\s*[[{]/.test(head) ? 0.1 : 0.4;
  },
  read: async (file, options: ReadOptions, onProgress, signal) => {
    const encoding = options.encoding ?? 'utf-8';
    const begin = await beginning(file, encoding, signal);
    const declared = declaration.exec(begin)?.[1];
    const delimiter = options.delimiter ?? declared ?? guessDelimiter(begin);
    const records = await readWithQuotes(file, encoding, delimiter, onProgress, signal);
    if (records.quoteProblem) throwQuoteProblem(file.name, records.quoteProblem);
    return tableOfRecords(file.name, declared === undefined ? records : withoutFirst(records), options.header);
  },
};
