import { AppError } from '#core/error.ts';
import type { ImportNote } from '#core/example.ts';
import { counted } from '#lib/counted.ts';
import { looksLikeHeader } from './dialect.ts';
import { limits } from './limits.ts';
import type { Records } from './records.ts';
import { inWords, nameColumns, noteAt, type PlacedTable, type Places } from './table.ts';

type Line = { readonly cells: readonly string[]; readonly line: number };

const isBlank = (cell: string | undefined): boolean => cell === undefined || cell.trim() === '';
const atLines = (lines: readonly Line[]): Places => ({ unit: 'line', at: lines.map(({ line }) => line) });

/** Rows without a single filled cell. Those at the end and blank lines anywhere mean nothing; others are worth a word. */
function withoutEmptyRows(records: Records): {
  readonly filled: readonly Line[];
  readonly leftOut: number;
  readonly notes: readonly ImportNote[];
} {
  const all = records.rows.map((cells, index) => ({ cells, line: records.lines[index] ?? 0 }));
  const last = all.findLastIndex(({ cells }) => !cells.every(isBlank));
  const empty = all.slice(0, last + 1).filter(({ cells }) => cells.length > 1 && cells.every(isBlank));
  return {
    filled: all.filter(({ cells }) => !cells.every(isBlank)),
    leftOut: empty.length,
    notes:
      empty.length === 0
        ? []
        : [
            noteAt(
              'rows-left-out',
              `${counted(empty.length, 'empty row')} left out: ${inWords(atLines(empty))}.`,
              atLines(empty),
            ),
          ],
  };
}

function mostCommon(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best), [0, 0])[0];
}

const filledWidth = (cells: readonly string[]): number => cells.findLastIndex((cell) => !isBlank(cell)) + 1;

/** As wide as the header, unless most rows agree on being wider: then the header is short. */
function widthOf(header: readonly string[] | undefined, rows: readonly Line[]): number {
  const usual = mostCommon(rows.map(({ cells }) => cells.length));
  if (!header) return usual;
  // Spreadsheets leave delimiters behind the last column: columns without name and content.
  const named = filledWidth(header);
  const wide = rows.filter(({ cells }) => filledWidth(cells) > named).length;
  return wide > rows.length / 2 ? Math.max(named, mostCommon(rows.map(({ cells }) => filledWidth(cells)))) : named;
}

/**
 * Rows with too many cells are left out: nobody can know which cell belongs where, and a wrong answer in the data is worse than a
 * missing row. Rows with too few are kept and filled up.
 */
function fitted(
  rows: readonly Line[],
  width: number,
  delimiterHint: string,
): { rows: readonly Line[]; notes: readonly ImportNote[] } {
  const long = rows.filter(({ cells }) => filledWidth(cells) > width);
  const kept = rows.filter(({ cells }) => filledWidth(cells) <= width);
  const short = kept.filter(({ cells }) => cells.length < width);
  const notes: ImportNote[] = [];
  if (short.length > 0)
    notes.push(
      noteAt(
        'ragged-rows',
        `${counted(short.length, 'row')} with fewer cells than the ${width} columns: ${inWords(atLines(short))}. The missing cells are empty.`,
        atLines(short),
      ),
    );
  if (long.length > 0)
    notes.push(
      noteAt(
        'ragged-rows',
        `${counted(long.length, 'row')} left out, with ${[...new Set(long.map(({ cells }) => cells.length))]
          .sort((a, b) => a - b)
          .slice(0, 3)
          .join(', ')} cells where the table has ${width} columns: ${inWords(atLines(long))}. ${delimiterHint}`,
        atLines(long),
      ),
    );
  return {
    rows: kept.map(({ cells, line }) => ({
      line,
      cells: Array.from({ length: width }, (_, column) => cells[column] ?? ''),
    })),
    notes,
  };
}

/** NUL characters come from broken exports. They would make equal answers differ, so they go. */
function withoutNuls(rows: readonly Line[]): { rows: readonly Line[]; notes: readonly ImportNote[] } {
  const broken = rows.filter(({ cells }) => cells.some((cell) => cell.includes('\0')));
  if (broken.length === 0) return { rows, notes: [] };
  const message = `NUL characters were removed from ${counted(broken.length, 'row')}: ${inWords(atLines(broken))}.`;
  return {
    rows: rows.map(({ cells, line }) => ({ line, cells: cells.map((cell) => cell.replaceAll('\0', '')) })),
    notes: [noteAt('control-characters', message, atLines(broken))],
  };
}

/**
 * Rows of any shape as a table: header or not, every row with a cell for every column.
 * @throws AppError when nothing is left, or too much.
 */
export function tableOfRecords(file: string, records: Records, headerWanted?: boolean): PlacedTable {
  const { filled, leftOut: empty, notes: emptyNotes } = withoutEmptyRows(records);
  if (filled.length === 0) throw new AppError('import-empty-file', { file, blank: true });
  const hasHeader = headerWanted ?? looksLikeHeader(filled.map(({ cells }) => cells));
  const header = hasHeader ? filled[0]?.cells : undefined;
  const body = hasHeader ? filled.slice(1) : filled;
  const width = widthOf(header, body);
  if (width > limits.columns)
    throw new AppError('import-too-large', {
      file,
      place: `line ${filled[0]?.line ?? 1}`,
      size: counted(width, 'column'),
      limit: counted(limits.columns, 'column'),
    });
  const names = header
    ? nameColumns(Array.from({ length: width }, (_, column) => header[column] ?? ''))
    : { columns: Array.from({ length: width }, (_, column) => `column_${column + 1}`), notes: [] };
  const sound = fitted(body, width, 'A likely cause: the delimiter in a text without quotes around it.');
  if (sound.rows.length === 0) throw new AppError('import-no-rows', { file, columns: names.columns });
  const clean = withoutNuls(sound.rows);
  const headerNote: readonly ImportNote[] =
    header || headerWanted === false
      ? []
      : [
          {
            code: 'no-header',
            message: `The first line looks like data, so it is a row and the columns are called ${names.columns[0] ?? ''}, … Choose “first line is a header” if it names the columns.`,
          },
        ];
  return {
    source: file,
    columns: names.columns,
    rows: clean.rows.map(({ cells }) => cells),
    notes: [...headerNote, ...names.notes, ...emptyNotes, ...sound.notes, ...clean.notes],
    leftOut: empty + body.length - sound.rows.length,
    places: { unit: 'line', at: clean.rows.map(({ line }) => line) },
  };
}
