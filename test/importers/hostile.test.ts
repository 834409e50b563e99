import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { AppError } from '#core/error.ts';
import { applyMapping, cellAt, guessMapping } from '#importers/mapping.ts';
import type { PlacedTable } from '#importers/table.ts';
import { inRepository, read, type Check } from './files.ts';

type Outcome = {
  readonly outcome: 'rows' | 'rows_flagged' | 'error';
  readonly rows?: number;
  readonly rows_max?: number;
  readonly columns?: readonly string[];
  readonly flag?: string;
  readonly lines?: readonly number[];
  readonly items?: readonly number[];
  readonly missing_target_rows?: readonly number[];
  readonly error_kind?: string;
  readonly checks?: readonly Check[];
};
type Entry = Omit<Outcome, 'outcome'> & {
  readonly file: string;
  readonly what: string;
  readonly expect: Outcome['outcome'] | 'either';
  readonly allowed?: readonly Outcome[];
  readonly alternative?: Outcome;
  readonly limits?: { readonly seconds?: number };
  readonly generate?: { readonly parts: readonly { text?: string; repeat?: string; times?: number }[] };
};

const folder = inRepository('test/fixtures/files/hostile/');
const { entries } = JSON.parse(readFileSync(`${folder}manifest.json`, 'utf8')) as { entries: readonly Entry[] };

const contentOf = ({ file, generate }: Entry): string | Uint8Array =>
  generate
    ? generate.parts.map(({ text, repeat = '', times = 0 }) => text ?? repeat.repeat(times)).join('')
    : readFileSync(folder + file);

const isAppError = (value: unknown): value is AppError => value instanceof AppError;

/** The manifest's words for kinds of errors, in ours. */
const errorCodes: Readonly<Record<string, string>> = {
  bad_json_line: 'import-bad-json',
};
const codeOf = (kind: string): string => errorCodes[kind] ?? `import-${kind.replaceAll('_', '-')}`;

function checkCell(table: PlacedTable, { row, column, column_index, path, value, json, length }: Check): void {
  const name = column_index === undefined ? String(path ?? column) : (table.columns[column_index] ?? '');
  const cell = cellAt(table, row, name);
  if (length !== undefined) expect(cell).toHaveLength(length);
  else if (json !== undefined) expect(JSON.parse(cell ?? '')).toEqual(json);
  else expect(cell).toBe(value);
}

function checkTable(table: PlacedTable, outcome: Outcome): void {
  const { rows, rows_max, columns, flag } = outcome;
  if (rows !== undefined) expect(table.rows.length).toBeGreaterThanOrEqual(rows);
  if (rows !== undefined) expect(table.rows.length).toBeLessThanOrEqual(rows_max ?? rows);
  if (columns) expect(table.columns).toEqual(columns);
  for (const check of outcome.checks ?? []) checkCell(table, check);
  if (flag === undefined) return;
  const mapped = applyMapping(table, guessMapping(table), 'hostile', 0).notes;
  const notes = mapped.filter(({ code }) => code === flag.replaceAll('_', '-'));
  expect(notes).not.toEqual([]);
  for (const key of ['lines', 'items'] as const)
    if (outcome[key]) expect(notes.flatMap((note) => note[key] ?? [])).toEqual(outcome[key]);
  const missing = outcome.missing_target_rows;
  if (missing) expect(notes.flatMap(({ items }) => items ?? [])).toEqual(missing.map((row) => row + 1));
}

const outcomesOf = (entry: Entry): readonly Outcome[] => [
  ...(entry.expect === 'either' ? (entry.allowed ?? []) : [{ ...entry, outcome: entry.expect }]),
  ...(entry.alternative ? [entry.alternative] : []),
];

describe('D01 D03 D04 D05 D06 D08 D09 D10 D11 hostile files', () => {
  test('are all there', () => {
    expect(entries).toHaveLength(40);
  });

  test.each(entries.map((entry) => [entry.file, entry.what, entry] as const))('%s: %s', async (file, _, entry) => {
    const content = contentOf(entry);
    const startedAt = performance.now();
    const result = await read(file, content).catch((error: unknown) => error);
    expect(performance.now() - startedAt).toBeLessThan((entry.limits?.seconds ?? 2) * 1000);
    if (isAppError(result)) {
      const kinds = outcomesOf(entry).flatMap(({ error_kind }) => (error_kind ? [codeOf(error_kind)] : []));
      expect(kinds).toContain(result.code);
      expect(result.details).toHaveProperty('file', file);
    } else {
      expect(result).not.toBeInstanceOf(Error);
      const wanted = outcomesOf(entry).find(({ outcome }) => outcome !== 'error');
      expect(wanted, 'an error was due').toBeDefined();
      checkTable(result as PlacedTable, wanted as Outcome);
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

/** What the sentences for these errors are made of. */
const facts: readonly (readonly [file: string, details: Readonly<Record<string, unknown>>])[] = [
  ['12_header_only.csv', { columns: ['question', 'answer'] }],
  ['14_whitespace_only.csv', { blank: true }],
  ['22_object_of_uneven_arrays.json', { found: expect.stringContaining('question has 3 entries, answer has 2') }],
  ['30_deep_1000.json', { place: expect.stringContaining('entry 2, key context'), allowed: 100 }],
  ['32_nan_infinity.json', { line: 3, problem: 'NaN is not allowed in JSON' }],
  ['33_trailing_commas.json', { line: 2, problem: 'a comma with nothing after it' }],
  ['34_comments.json', { line: 1, problem: 'JSON has no comments' }],
  ['35_zip_named.csv', { found: 'a ZIP archive', remedy: expect.stringContaining('Unpack') }],
  ['36_xlsx_named.csv', { found: 'an Excel workbook', remedy: expect.stringContaining('CSV UTF-8') }],
  ['37_png_named.csv', { found: 'a picture (PNG)' }],
  ['38_gzip.csv.gz', { found: 'a gzip archive', remedy: expect.stringContaining('Unpack') }],
  ['39_unclosed_quote.csv', { line: 4 }],
];
test.each(facts)('D03 D08 D09: the error knows the facts of %s', async (file, details) => {
  await expect(read(file, readFileSync(folder + file))).rejects.toMatchObject({ details });
});

test.each([
  ['11_long_rows.csv', 2],
  ['23_broken_line.jsonl', 1],
  ['26_mixed_rows.json', 5],
  ['10_short_rows.csv', 0],
])('%s: the rows that the reader leaves out are counted', async (file, leftOut) => {
  expect(await read(file, readFileSync(folder + file))).toMatchObject({ leftOut });
});

/** What the notes must tell. */
const told: readonly (readonly [file: string, words: readonly string[]])[] = [
  ['08_duplicate_headers.csv', ['“answer”', '2, 3']],
  ['09_empty_header_cell.csv', ['Column 2', 'column_2']],
  ['10_short_rows.csv', ['2 rows', 'lines 3 and 4']],
  ['11_long_rows.csv', ['3 cells', '2 columns', 'lines 3 and 5', 'quotes']],
  ['23_broken_line.jsonl', ['line 3', 'ends in the middle']],
  ['26_mixed_rows.json', ['entries 2, 3, 4, 5 and 7']],
  ['27_duplicate_ids.csv', ['“1”', '“2”', 'more than once']],
  ['25_typed_targets.json', ['3 rows left out', 'entries 6, 7 and 8']],
];
test.each(told)('D03 D04 D10: the note tells the place in %s', async (file, words) => {
  const table = await read(file, readFileSync(folder + file));
  const { notes } = applyMapping(table, guessMapping(table), 'hostile', 0);
  const text = notes.map(({ message }) => message).join('\n');
  for (const word of words) expect(text).toContain(word);
});
