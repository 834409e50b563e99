import { describe, expect, test } from 'vitest';
import type { ReadOptions } from '#core/import.ts';
import { importers, readFile } from '#importers/index.ts';
import { blobOf, read } from './files.ts';

const codes = ({ notes }: { notes: readonly { code: string }[] }): readonly string[] => notes.map(({ code }) => code);

describe('readFile', () => {
  test.each([
    ['a.txt', 'question,answer\n1+1?,2\n', 'csv'],
    ['a.txt', '{"q":1}\n{"q":2}\n', 'jsonl'],
    ['a.json', '{"q":1}\n{"q":2}\n', 'jsonl'],
    ['a.txt', '[{"q":1}]', 'json'],
    ['a.csv', '[{"q":1}]', 'json'],
    ['a.jsonl', '{"q":1}', 'jsonl'],
  ])('knows %s with %j as %s', (name, text, id) => {
    const scores = Object.values(importers).map((importer) => [importer.recognize(text, name), importer.id] as const);
    expect(scores.sort(([a], [b]) => b - a)[0]?.[1]).toBe(id);
  });

  test('reports progress up to the end and stops when it is aborted', async () => {
    const blob = blobOf('question,answer\n' + 'What is it?,that\n'.repeat(50_000));
    const shares: number[] = [];
    const stop = new AbortController();
    await readFile({ name: 'a.csv', blob }, {}, ({ share }) => shares.push(share), stop.signal);
    expect(shares.length).toBeGreaterThan(3);
    expect(shares.length).toBeLessThan(60);
    expect(shares.at(-1)).toBe(1);
    const aborted = readFile({ name: 'a.csv', blob }, {}, () => stop.abort(), stop.signal);
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
  });

  const choices: readonly (readonly [string, string, ReadOptions, readonly (readonly string[])[]])[] = [
    ['a delimiter', 'a;b,c\n1;2,3\n', { delimiter: ',' }, [['1;2', '3']]],
    [
      'that there is no header',
      'question,answer\nx,y\n',
      { header: false },
      [
        ['question', 'answer'],
        ['x', 'y'],
      ],
    ],
    ['that there is a header', '1,2\nx,y\n', { header: true }, [['x', 'y']]],
  ];
  test.each(choices)('a person can say %s', async (_, text, options, rows) => {
    expect((await read('a.csv', text, options)).rows).toEqual(rows);
  });

  test('the delimiter that a spreadsheet names in a first line of its own is taken, and the line is none of the data', async () => {
    const table = await read('a.csv', 'sep=;\ntext;label\na,b,c;x\nd,e,f;y\n');
    expect(table.columns).toEqual(['text', 'label']);
    expect(table.rows).toEqual([
      ['a,b,c', 'x'],
      ['d,e,f', 'y'],
    ]);
    expect(table.places?.at).toEqual([3, 4]);
    expect((await read('a.csv', 'sep=,\r\ntext,label\r\na,x\r\n')).columns).toEqual(['text', 'label']);
    expect((await read('a.csv', 'sep=;\ntext|label\na|x\n', { delimiter: '|' })).columns).toEqual(['text', 'label']);
  });

  test('D01 a person can name the encoding', async () => {
    const bytes = Uint8Array.from([0x71, 0x2c, 0x61, 0x0a, 0xe6, 0x2c, 0xe7, 0x0a]);
    expect((await read('a.csv', bytes, { encoding: 'iso-8859-2', header: true })).rows).toEqual([['ć', 'ç']]);
    await expect(read('a.csv', bytes, { encoding: 'utf-8' })).rejects.toMatchObject({ code: 'import-encoding' });
    await expect(read('a.csv', bytes, { encoding: 'klingon' })).rejects.toMatchObject({ code: 'import-encoding' });
  });

  test('D02 a million rows are read as far as the limit, which is said with its line', async () => {
    const rows = (count: number): string => `q,a\n${'What is it?,that\n'.repeat(count)}`;
    await expect(read('a.csv', rows(1_000_000))).rejects.toMatchObject({
      code: 'import-too-large',
      details: { place: 'line 500001', limit: '500,000 rows' },
    });
    expect((await read('a.csv', rows(499_999))).rows).toHaveLength(499_999);
  });

  test('D02 a file larger than the memory of a page is refused with its size', async () => {
    const blob = { size: 400 * 2 ** 20, slice: () => blobOf('q,a\n') } as unknown as Blob;
    const reading = readFile({ name: 'a.csv', blob }, {}, () => undefined, new AbortController().signal);
    await expect(reading).rejects.toMatchObject({
      code: 'import-too-large',
      details: { size: '400 MB', limit: '256 MB' },
    });
  });
});

describe('delimited text', () => {
  test('D03 a stray quote is an error with its line', async () => {
    await expect(read('a.csv', 'q,a\nx,y\n"one" two,z\n')).rejects.toMatchObject({
      code: 'import-malformed',
      details: { line: 3, found: '"one" two,z' },
    });
  });

  test('D02 D03 a quote that is never closed is found in a long file too', async () => {
    const text = 'q,a\nx,y\n"open,z\n' + 'more,text\n'.repeat(2_000_000);
    await expect(read('a.csv', text)).rejects.toMatchObject({ code: 'import-unclosed-quote', details: { line: 3 } });
  });

  test('an endless cell is refused with its line', async () => {
    const text = `q,a\nx,y\n"${'abcdefghij'.repeat(1_100_000)}",z\n`;
    await expect(read('a.csv', text)).rejects.toMatchObject({ code: 'import-too-large', details: { place: 'line 3' } });
  });

  test('D01 old line ends, blank lines and columns without name and content', async () => {
    expect((await read('a.csv', 'q,a\rx,y\r')).rows).toEqual([['x', 'y']]);
    const table = await read('a.csv', '\n\nq,a,,\n\nx,y,,\n,,,\nz,w,,\n\n,,,\n');
    expect(table).toMatchObject({
      columns: ['q', 'a'],
      rows: [
        ['x', 'y'],
        ['z', 'w'],
      ],
      places: { at: [5, 7] },
    });
    expect(table.notes).toMatchObject([{ code: 'rows-left-out', lines: [6] }]);
  });

  test('a column of text needs no delimiter', async () => {
    expect((await read('a.csv', 'text\nhello, you\nbye\n')).rows).toEqual([['hello, you'], ['bye']]);
  });

  test('D06 names that a template could not write are changed', async () => {
    const { columns } = await read('a.csv', '{{q}},> a, b ,__proto__\n1,2,3,4\n');
    expect(columns).toEqual(['((q))', 'a', 'b', 'proto']);
  });
});

describe('JSON', () => {
  test('finds the rows where tools put them', async () => {
    const wanted = [['x', 'y']];
    for (const value of [
      { data: { rows: [{ q: 'x', a: 'y' }] } },
      { version: 1, anything: [{ q: 'x', a: 'y' }] },
      { examples: { 1: { q: 'x', a: 'y' }, 2: { q: 'x', a: 'y' } } },
      { 0: { q: 'x', a: 'y' }, 1: { q: 'x', a: 'y' } },
      { q: ['x'], a: ['y'] },
    ])
      expect((await read('a.json', JSON.stringify(value))).rows.slice(0, 1)).toEqual(wanted);
  });

  test('a shape that holds no rows is said', async () => {
    for (const [text, found] of [
      ['"text"', 'a text'],
      ['[1,2]', 'a number'],
      ['{"a":1}', '“a”'],
      ['{"one":[{"q":1}],"two":[{"q":2}]}', '“one”, “two”'],
    ] as const)
      await expect(read('a.json', text)).rejects.toMatchObject({
        code: 'import-wrong-shape',
        details: { found: expect.stringContaining(found) as string },
      });
    await expect(read('a.json', '[]')).rejects.toMatchObject({ code: 'import-no-rows' });
  });

  test.each([
    ['[{"a": None}]', 'None is not allowed in JSON'],
    ["[{'a': 1}]", 'names and texts need double quotes'],
    ['[{"a": 1}', 'the text ends in the middle of a value'],
    ['[{"a": -Infinity}]', 'Infinity is not allowed in JSON'],
    ['[{"a": 1 "b": 2}]', "comma ',' expected after value but got '\"'"],
  ])('%s: %s', async (text, problem) => {
    await expect(read('a.json', text)).rejects.toMatchObject({
      code: 'import-bad-json',
      details: { line: 1, problem },
    });
  });

  test('text that is nested without end does not overflow the stack', async () => {
    await expect(read('a.json', '['.repeat(3_000_000))).rejects.toMatchObject({ code: 'import-too-deep' });
    const lines = `{"q":"x"}\n{"q":${'{"a":'.repeat(500)}1${'}'.repeat(501)}\n`;
    await expect(read('a.jsonl', lines)).rejects.toMatchObject({
      details: { place: expect.stringContaining('line 2') as string },
    });
  });

  test('objects open into columns only where all rows have them', async () => {
    const { columns, rows } = await read('a.json', '[{"x":{"y":{"z":1.50}},"w":{"a":1}},{"x":null,"w":[1,2]}]');
    expect(columns).toEqual(['x.y.z', 'w']);
    expect(rows).toEqual([
      ['1.50', '{"a":1}'],
      ['', '[1,2]'],
    ]);
  });

  test('D10 a file of which most lines are no JSON is refused', async () => {
    await expect(read('a.jsonl', 'one\ntwo\n{"q":1}\n')).rejects.toMatchObject({ details: { line: 1 } });
    expect(codes(await read('a.jsonl', '{"q":1}\n[2]\n{"q":3}\n'))).toEqual(['not-an-object']);
  });
});
