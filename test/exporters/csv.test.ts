import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import { printCsv } from '#exporters/csv.ts';

const cellOf = (cell: string | number | boolean | undefined): string =>
  Papa.parse<string[]>(printCsv(['a', 'b'], [[cell, 'x']])).data[1]?.[0] ?? 'lost';

describe('a CSV', () => {
  it.each(['=1+1', '+1', '@SUM(A1)', '-1+2', '-x', '\t=1', '\r=1', '=HYPERLINK("http://x","y")', '--1', '-1e', '-.5.'])(
    'D05 X07 P19 guards %j, which a spreadsheet would run',
    (cell) => {
      expect(cellOf(cell)).toBe(`'${cell}`);
    },
  );

  it.each([
    [-1.5, '-1.5'],
    [-1e-7, '-1e-7'],
    ['-42', '-42'],
    [0, '0'],
    [true, 'true'],
    [undefined, ''],
    ['a - b', 'a - b'],
    ['', ''],
  ])('keeps %j', (cell, text) => {
    expect(cellOf(cell)).toBe(text);
  });

  it('says in which encoding it is, for spreadsheets that would guess another', () => {
    expect(printCsv(['né'], []).startsWith('\uFEFFné')).toBe(true);
  });

  it('P19 comes back as it was (RFC 4180)', () => {
    const random = createRandom('csv');
    const pieces = ['a', ',', '"', '""', '\n', '\r\n', ' ', ';', 'é', '💬', '{{text}}', "'", '1'];
    for (let i = 0; i < 100; i++) {
      // a letter first, so that nothing needs a guard
      const cell = (): string => `x${Array.from({ length: random.integer(6) }, () => random.pick(pieces)).join('')}`;
      const rows = Array.from({ length: 1 + random.integer(4) }, () => [cell(), cell(), cell()]);
      const text = printCsv(['one', 'two, three', 'four'], rows);
      const { data, errors } = Papa.parse<string[]>(text, { newline: '\r\n', delimiter: ',' });
      expect(errors).toEqual([]);
      expect(data).toEqual([['one', 'two, three', 'four'], ...rows, ['']]);
    }
  });
});
