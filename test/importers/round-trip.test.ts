import Papa from 'papaparse';
import { describe, expect, test } from 'vitest';
import { createRandom, type Random } from '#lib/random.ts';
import { read } from './files.ts';

const pieces = [
  'a',
  'Zebra',
  ' ',
  '"',
  '""',
  ',',
  ';',
  '|',
  '\t',
  '\n',
  '\n\n',
  "'",
  'é',
  '漢',
  '🙂',
  '0',
  '=1',
  '{{x}}',
  '\\',
  '\r',
  'NaN',
  '\u0007',
  '\u202e',
  '\u200b',
  '👩‍👩‍👧',
];

const cellOf = (random: Random): string =>
  Array.from({ length: random.integer(6) }, () => random.pick(pieces)).join('');

/** Cells of any content. The first is never blank, so that no row is taken for an empty one. */
function tableOf(random: Random): { columns: string[]; rows: string[][] } {
  const width = 2 + random.integer(4);
  const columns = Array.from({ length: width }, (_, i) => `name ${i}`);
  const count = 1 + random.integer(30);
  return {
    columns,
    rows: Array.from({ length: count }, (_, row) => [`row ${row}`, ...columns.slice(1).map(() => cellOf(random))]),
  };
}

const seeds = Array.from({ length: 60 }, (_, seed) => seed);

describe('what was printed is read back', () => {
  test.each([',', ';', '\t', '|'] as const)('D07 delimited text with %j', async (delimiter) => {
    for (const seed of seeds) {
      const table = tableOf(createRandom(`csv ${delimiter} ${seed}`));
      const lineEnd = seed % 2 ? '\r\n' : '\n';
      // Line breaks inside cells come back as \n. A lone carriage return at the very end of a cell would read as part of CRLF.
      const text = Papa.unparse([table.columns, ...table.rows], { delimiter, newline: lineEnd, quotes: true });
      const result = await read('table.csv', text, { delimiter, header: true });
      const normal = table.rows.map((row) => row.map((cell) => cell.replaceAll('\r\n', '\n')));
      expect(result, `seed ${seed}`).toMatchObject({ columns: table.columns, rows: normal, notes: [] });
    }
  });

  test('D07 a NUL: kept in JSON, taken out of delimited text, and said', async () => {
    expect((await read('a.json', JSON.stringify([{ q: 'x\0y', a: '\0' }]))).rows).toEqual([['x\0y', '\0']]);
    const { rows, notes } = await read('a.csv', 'q,a\nx\0y,z\nu,v\n');
    expect(rows).toEqual([
      ['xy', 'z'],
      ['u', 'v'],
    ]);
    expect(notes).toMatchObject([{ code: 'control-characters', lines: [2] }]);
  });

  test('D07 JSON and JSON lines', async () => {
    for (const seed of seeds) {
      const { columns, rows } = tableOf(createRandom(`json ${seed}`));
      const objects = rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])));
      const wanted = { columns, rows, notes: [] };
      expect(await read('table.json', JSON.stringify(objects, null, seed % 3))).toMatchObject(wanted);
      expect(await read('table.jsonl', objects.map((o) => JSON.stringify(o)).join('\n'))).toMatchObject(wanted);
    }
  });

  test('D01 every encoding gives the same rows', async () => {
    const text = 'question,answer\nWas heißt “grün”?,green\n€?,euro\n';
    const utf16 = (littleEndian: boolean): Uint8Array => {
      const view = new DataView(new ArrayBuffer(2 * text.length + 2));
      const marked = `\ufeff${text}`;
      for (let i = 0; i < marked.length; i++) view.setUint16(2 * i, marked.charCodeAt(i), littleEndian);
      return new Uint8Array(view.buffer);
    };
    const wanted = await read('a.csv', text);
    for (const bytes of [utf16(true), utf16(false), new TextEncoder().encode(`\ufeff${text}`)])
      expect(await read('a.csv', bytes)).toEqual(wanted);
    const withoutMark = await read('a.csv', utf16(true).slice(2));
    expect(withoutMark.rows).toEqual(wanted.rows);
    expect(withoutMark.notes.map(({ code }) => code)).toEqual(['encoding-guessed']);
  });
});
