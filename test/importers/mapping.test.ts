import { describe, expect, test } from 'vitest';
import type { Mapping } from '#core/import.ts';
import { applyMapping, cellAt, columnFacts, guessMapping } from '#importers/mapping.ts';
import { read } from './files.ts';
import type { PlacedTable } from '#importers/table.ts';

const tableOf = (columns: readonly string[], rows: readonly (readonly string[])[]): PlacedTable => ({
  source: 'a.csv',
  columns,
  rows,
  notes: [],
});
const targetsOf = (table: PlacedTable, mapping: Mapping): readonly (readonly string[])[] =>
  applyMapping(table, mapping, 'a set', 0).examples.map(({ targets }) => targets);

describe('the guess', () => {
  const letters = ['A', 'B', 'C', 'D'];
  const repeated = (rows: readonly (readonly string[])[]): readonly (readonly string[])[] =>
    Array.from({ length: 12 }, (_, i) => (rows[i % rows.length] ?? []).map((cell) => cell.replace('#', String(i))));

  const cases: readonly (readonly [string, PlacedTable, Partial<Mapping>])[] = [
    [
      'places of options, counted from 0',
      tableOf(
        ['question', 'choices', 'answer'],
        repeated([
          ['q#', '["x","y","z"]', '0'],
          ['q#', '["x","y","z"]', '2'],
        ]),
      ),
      { choices: { type: 'list', column: 'choices' }, targetIs: 'index-0', inputs: ['question'] },
    ],
    [
      'places of options, counted from 1',
      tableOf(
        ['goal', 'sol1', 'sol2', 'label'],
        repeated([
          ['q#', 'x', 'y', '1'],
          ['q#', 'x', 'y', '2'],
        ]),
      ),
      { choices: { type: 'columns', columns: ['sol1', 'sol2'] }, targetIs: 'index-1', inputs: ['goal'] },
    ],
    [
      'the text of the right option, in a list as Python writes it',
      tableOf(['question', 'options', 'answer'], repeated([['q#', "['it''s', \"b's\"]".replace("''", "\\'"), "b's"]])),
      { choices: { type: 'list', column: 'options' }, targetIs: 'text' },
    ],
    [
      'options in columns with longer names',
      tableOf(
        ['ctx', 'answerA', 'answerB', 'answerC', 'label'],
        repeated(letters.slice(0, 3).map((l) => ['q#', 'x#', 'y#', 'z#', l])),
      ),
      {
        choices: { type: 'columns', columns: ['answerA', 'answerB', 'answerC'] },
        targetIs: 'letter',
        target: ['label'],
      },
    ],
    [
      'names of coded labels in the column beside them, which would give the answer away',
      tableOf(
        ['text', 'label', 'label_text'],
        repeated([
          ['t#', '0', 'bad'],
          ['t#', '1', 'good'],
        ]),
      ),
      { inputs: ['text'], target: ['label'], labelNames: { 0: 'bad', 1: 'good' } },
    ],
    [
      'no ids, dates and explanations among the inputs',
      tableOf(
        ['id', 'created_at', 'question', 'explanation', 'answer'],
        repeated([['#', 'today', 'q#', 'because #', 'a#']]),
      ),
      { inputs: ['question'], target: ['answer'] },
    ],
    [
      'no numbers of tickets among the inputs',
      tableOf(
        ['Ticket', 'Comment', 'Sentiment'],
        repeated([
          ['T-10#', 'The box came late, order #', 'bad'],
          ['T-20#', 'A good shop, I come again #', 'good'],
        ]),
      ),
      { inputs: ['Comment'], target: ['Sentiment'] },
    ],
    [
      'no numbers of orders that only rise',
      tableOf(
        ['Nr', 'Comment', 'Stars'],
        Array.from({ length: 12 }, (_, row) => [
          `${5000 + row * row * 3}`,
          `The box of order ${row} came late.`,
          `${1 + (row % 5)}`,
        ]),
      ),
      { inputs: ['Comment'], target: ['Stars'] },
    ],
    [
      'numbers to be found in a text as the answers that they are',
      tableOf(['Message', 'Order'], repeated([['Where is my parcel with the number ORD-55#?', 'ORD-55#']])),
      { inputs: ['Message'], target: ['Order'] },
    ],
    [
      'the key of the right option, though it is called a key',
      tableOf(
        ['question', 'A', 'B', 'C', 'D', 'subject', 'answer_key'],
        repeated([
          ['q#', 'w#', 'x#', 'y#', 'z#', 'law', 'B'],
          ['q#', 'w#', 'x#', 'y#', 'z#', 'art', 'D'],
        ]),
      ),
      { target: ['answer_key'] },
    ],
    [
      'the number of the label, though it is called an id',
      tableOf(
        ['premise', 'hypothesis', 'label_id'],
        repeated([
          ['p#', 'h#', '0'],
          ['p#', 'h#', '1'],
        ]),
      ),
      { inputs: ['premise', 'hypothesis'], target: ['label_id'] },
    ],
    [
      'no ids of answers that each row has for itself',
      tableOf(['question', 'answer', 'answer_id'], repeated([['q#', 'a#', 'no-#']])),
      { inputs: ['question'], target: ['answer'] },
    ],
    [
      'input and output of other tools',
      tableOf(['inputs.question', 'outputs.answer', 'metadata.run'], repeated([['q#', 'a#', 'r']])),
      { inputs: ['inputs.question'], target: ['outputs.answer'] },
    ],
  ];
  test.each(cases)('%s', (_, table, wanted) => {
    expect(guessMapping(table)).toMatchObject(wanted);
    expect(applyMapping(table, guessMapping(table), 'a set', 0).examples).toHaveLength(12);
  });
});

describe('answers', () => {
  const options = (rows: readonly (readonly string[])[]): PlacedTable => tableOf(['q', 'o', 'a'], rows);
  const list: Mapping = { inputs: ['q'], target: ['a'], choices: { type: 'list', column: 'o' } };

  test('become the letter of the option', () => {
    const texts = '["red","green","blue"]';
    expect(targetsOf(options([['x', texts, 'Green']]), { ...list, targetIs: 'text' })).toEqual([['B']]);
    expect(targetsOf(options([['x', texts, '2']]), { ...list, targetIs: 'index-0' })).toEqual([['C']]);
    expect(targetsOf(options([['x', texts, '2']]), { ...list, targetIs: 'index-1' })).toEqual([['B']]);
    expect(targetsOf(options([['x', texts, '(c)']]), { ...list, targetIs: 'letter' })).toEqual([['C']]);
    const labelled = '[{"label":"1","text":"red"},{"label":"2","text":"green"}]';
    expect(targetsOf(options([['x', labelled, '2']]), { ...list, targetIs: 'letter' })).toEqual([['B']]);
  });

  test('that name no option are said, with their rows', () => {
    const table = options([
      ['x', '["a","b"]', 'B'],
      ['y', '["a","b"]', 'F'],
      ['z', '[]', 'A'],
    ]);
    const { examples, notes } = applyMapping(table, { ...list, targetIs: 'letter' }, 'a set', 0);
    expect(examples).toHaveLength(1);
    expect(notes).toMatchObject([
      { code: 'missing-target', items: [2], message: expect.stringContaining('none of the options') as string },
      { code: 'missing-input', items: [3] },
    ]);
  });

  test('may be one of two options with nothing else to ask', () => {
    const table = tableOf(
      ['option_a', 'option_b', 'answer'],
      [
        ['I has it.', 'I have it.', 'B'],
        ['He goes.', 'He go.', 'A'],
      ],
    );
    const mapping = guessMapping(table);
    expect(applyMapping(table, { ...mapping, inputs: [] }, 'a set', 0).examples).toMatchObject([
      { inputs: {}, choices: ['I has it.', 'I have it.'], targets: ['B'] },
      { inputs: {}, choices: ['He goes.', 'He go.'], targets: ['A'] },
    ]);
  });

  test('several in one cell, behind a mark, in several columns, in a list, with other names', () => {
    const table = tableOf(['q', 'a', 'answers'], [['x', 'work #### 1 #### one | two', '["two","three"]']]);
    const split: Mapping = { inputs: ['q'], target: ['a'], targetAfter: '####', targetSeparator: ' | ' };
    expect(targetsOf(table, split)).toEqual([['one', 'two']]);
    expect(targetsOf(table, { ...split, target: ['a', 'answers'] })).toEqual([['one', 'two', 'three']]);
    expect(targetsOf(table, { ...split, labelNames: { one: 'first' } })).toEqual([['first', 'two']]);
  });
});

describe('a data set', () => {
  const mapping: Mapping = { inputs: ['q'], target: ['a'] };

  test('D04 keeps equal rows apart and tells of them, of conflicts and of repeated ids', async () => {
    const table = await read('a.csv', 'id,q,a\n1,x,y\n2,z,w\n1,x,y\n3,x,other\n');
    const { examples, notes, fields } = applyMapping(table, mapping, 'a set', 5);
    expect(new Set(examples.map(({ id }) => id)).size).toBe(4);
    expect(fields).toEqual(['q']);
    expect(notes).toMatchObject([
      { code: 'conflicting-target', lines: [2, 4, 5] },
      { code: 'duplicate-row', lines: [4] },
      { code: 'duplicate-id', lines: [2, 4] },
    ]);
  });

  test('has an id that changes with a row and with the mapping only', async () => {
    const text = 'id,q,a\n1,x,y\n2,z,w\n';
    const id = async (content: string, by: Mapping = mapping, name = 'a set', at = 0): Promise<string> =>
      applyMapping(await read('a.csv', content), by, name, at).id;
    expect(await id(text, mapping, 'another name', 9)).toBe(await id(text));
    expect(await id(text.replace('w', 'v'))).not.toBe(await id(text));
    expect(await id(text, { inputs: ['a'], target: ['q'] })).not.toBe(await id(text));
  });

  test('D08 without any example is an error with the reason', async () => {
    const table = await read('a.csv', 'q,a\nx,\ny,\n');
    const failure = (by: Mapping): unknown => {
      try {
        return applyMapping(table, by, 'a set', 0);
      } catch (error) {
        return error;
      }
    };
    expect(failure(mapping)).toMatchObject({
      code: 'import-no-examples',
      details: { file: 'a.csv', reason: expect.stringContaining('lines 2 and 3') as string },
    });
    expect(failure({ inputs: ['q'], target: [] })).toMatchObject({ code: 'import-no-examples' });
    expect(failure({ inputs: [], target: ['a'] })).toMatchObject({ code: 'import-no-examples' });
  });
});

test('a place inside a row is reached by its path', () => {
  const table = tableOf(['a.b', 'a.c', 'list', 'dotted.name'], [['1', '', '[{"x":[1.50,"t"]}]', 'whole']]);
  expect(cellAt(table, 0, 'a')).toBe('{"b":"1"}');
  expect(cellAt(table, 0, 'list[0].x[0]')).toBe('1.50');
  expect(cellAt(table, 0, 'list[0].x')).toBe('[1.50,"t"]');
  expect(cellAt(table, 0, 'dotted.name')).toBe('whole');
  for (const path of ['list[1]', 'list[0].constructor', 'nothing', 'toString'])
    expect(cellAt(table, 0, path)).toBeUndefined();
  expect(cellAt(table, 1, 'a.b')).toBeUndefined();
});

test('columns are described for the person who chooses', () => {
  const [text, label, list] = columnFacts(
    tableOf(
      ['text', 'label', 'list'],
      [
        ['one', '1', '["a","b"]'],
        ['', '2', '["c","d"]'],
        ['three', '1', ''],
      ],
    ),
  );
  expect(text).toMatchObject({ filled: 2 / 3, distinct: 2, meanLength: 4, samples: ['one', 'three'], numeric: false });
  expect(label).toMatchObject({ filled: 1, distinct: 2, numeric: true, lists: false });
  expect(list).toMatchObject({ lists: true });
});
