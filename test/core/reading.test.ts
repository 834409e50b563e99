import { expect, it } from 'vitest';
import { partOf } from '#core/reading.ts';

it.each([
  ['Answer: yes', 'answer:', 'yes', 8],
  ['Answer: no, answer: yes', 'Answer:', 'yes', 20],
  // three letters that are longer in lower case
  ['İstanbul ve İzmir iki İl. Answer: yes', 'Answer:', 'yes', 34],
  ['It is (x) yes', '(X)', 'yes', 10],
])('what stands behind a mark of %j is found in any case, at its place', (text, mark, part, from) => {
  expect(partOf(text, { type: 'after', mark })).toEqual({ text: part, from });
});

it('without the mark there is no such part', () => {
  expect(partOf('yes', { type: 'after', mark: 'Answer:' })).toBeUndefined();
  expect(partOf('yes', { type: 'after', mark: '' })).toBeUndefined();
});

it.each([
  ['{"answer": "B"}', 'B'],
  ['```json\n{"answer": "B"}\n```\nHere {} is empty.', 'B'],
  ['{"answer": "B"}\nBecause {x} holds.', 'B'],
  ['{"answer": "B"}\n{"answer": "C"}', 'B'],
  ['For a set {x}: {"answer": "B"}', 'B'],
  ['{"why": "a } in \\"quotes\\" {", "answer": 3}', '3'],
  ['{ open {"answer": true}', 'true'],
])('the member of the first JSON object is read, whatever braces stand around it: %j', (text, part) => {
  expect(partOf(text, { type: 'json', field: 'answer' })?.text).toBe(part);
});

it.each(['{"result": {"answer": "B"}}', '{"answer": ["B"]}', '{"answer": "B"', '{answer: B}', 'B', '{}'])(
  'without such a member there is nothing to read: %j',
  (text) => {
    expect(partOf(text, { type: 'json', field: 'answer' })).toBeUndefined();
  },
);
