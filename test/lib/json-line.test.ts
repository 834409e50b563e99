import { expect, it } from 'vitest';
import { jsonErrorLine } from '#lib/json-line.ts';

it.each([
  ['[1,\n2,\nx]', 3],
  ['[1,\n2,\n]', 3],
  ['{\n"a": 1\n"b": 2}', 3],
  ['{"a": NaN}', 1],
  ['\n\n{"a" 1}', 3],
  ['{\n"a": "one\ntwo"}', 2],
  ['["a\\x"]', 1],
  ['[1]\n[2]', 2],
  ['[1,\n{"a": [true, null, -1.5e3]},\n{a: 1}]', 3],
  ['[\n{"a": 1}\n', 3],
  ['{"a": 1]', 1],
  ['', 1],
  ['[01]', 1],
])('%j stops being JSON on line %i', (text, line) => {
  expect(() => JSON.parse(text) as unknown).toThrow();
  expect(jsonErrorLine(text)).toBe(line);
});

it('takes long texts', () => {
  expect(jsonErrorLine(`["${'long "'.replaceAll('"', '\\"').repeat(100_000)}",\n!`)).toBe(2);
});

it('takes a string that never ends, in no more time than any other', () => {
  expect(jsonErrorLine(`{"a":\n"${'a'.repeat(200_000)}`)).toBe(2);
  expect(jsonErrorLine(`["${'plain \\n '.repeat(20_000)}`)).toBe(1);
});
