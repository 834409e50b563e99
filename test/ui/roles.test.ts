import { describe, expect, it } from 'vitest';
import type { Mapping, Table } from '#core/import.ts';
import { columnFacts } from '#importers/mapping.ts';
import { labelCodes, roleOf, withForm, withLabelName, withRole } from '#ui/dataset/roles.ts';
import { cut, labelBalance } from '#ui/dataset/words.ts';
import { makeDataset } from '../support/builders.ts';

const tableOf = (columns: readonly string[], rows: readonly (readonly string[])[]): Table => ({
  source: 'rows.csv',
  columns,
  rows,
  notes: [],
});
const quiz = tableOf(
  ['question', 'options', 'A', 'B', 'answer'],
  [
    ['Which is red?', '["blood", "grass"]', 'blood', 'grass', 'A'],
    ['Which is green?', '["blood", "grass"]', 'blood', 'grass', 'B'],
  ],
);
const facts = columnFacts(quiz);
const plain: Mapping = { inputs: ['question'], target: ['answer'] };

describe('the part of a column', () => {
  it('is told from the mapping, and what no part names is ignored', () => {
    const mapping: Mapping = { ...plain, choices: { type: 'columns', columns: ['A', 'B'] } };
    expect(quiz.columns.map((column) => roleOf(mapping, column))).toEqual([
      'input',
      'ignore',
      'option',
      'option',
      'answer',
    ]);
  });

  it('moves a column from one part to another, in the order of the file', () => {
    const mapping = withRole(withRole(plain, facts, 'B', 'input'), facts, 'A', 'input');
    expect(mapping).toEqual({ inputs: ['question', 'A', 'B'], target: ['answer'] });
    expect(withRole(mapping, facts, 'question', 'answer').target).toEqual(['question', 'answer']);
    expect(withRole(mapping, facts, 'answer', 'ignore').target).toEqual([]);
  });

  it('takes one column with lists as a list of options, several columns as one option each', () => {
    expect(withRole(plain, facts, 'options', 'option').choices).toEqual({ type: 'list', column: 'options' });
    const two = withRole(withRole(plain, facts, 'A', 'option'), facts, 'B', 'option');
    expect(two.choices).toEqual({ type: 'columns', columns: ['A', 'B'] });
  });

  it('forgets how answers name options when the answers or the options change, and only then', () => {
    const mapping: Mapping = { ...plain, choices: { type: 'list', column: 'options' }, targetIs: 'index-0' };
    expect(withRole(mapping, facts, 'A', 'input').targetIs).toBe('index-0');
    expect(withRole(mapping, facts, 'A', 'answer').targetIs).toBeUndefined();
    expect(withRole(mapping, facts, 'A', 'option').targetIs).toBeUndefined();
    expect(withRole(mapping, facts, 'options', 'ignore')).toEqual(plain);
  });

  it('keeps the form of the answers as long as the answers stay where they are', () => {
    const mapping: Mapping = { ...plain, targetAfter: '####', labelNames: { A: 'first' } };
    expect(withRole(mapping, facts, 'A', 'input')).toMatchObject({ targetAfter: '####', labelNames: { A: 'first' } });
    expect(withRole(mapping, facts, 'A', 'answer')).toEqual({ inputs: ['question'], target: ['A', 'answer'] });
  });
});

describe('what is said about answers', () => {
  it('an empty text takes a form away', () => {
    expect(withForm(plain, 'targetSeparator', '|')).toEqual({ ...plain, targetSeparator: '|' });
    expect(withForm({ ...plain, targetSeparator: '|' }, 'targetSeparator', '')).toEqual(plain);
  });

  it('a label without a name keeps its own', () => {
    const named = withLabelName(plain, '0', ' negative ');
    expect(named.labelNames).toEqual({ 0: 'negative' });
    expect(withLabelName(named, '0', '  ')).toEqual(plain);
    expect(withLabelName(plain, '0', '0')).toEqual(plain);
  });

  it('names are asked for codes, not for words and not for results', () => {
    const rows = (answer: (row: number) => string): Table =>
      tableOf(
        ['text', 'answer'],
        Array.from({ length: 30 }, (_, row) => [`Text ${row}`, answer(row)]),
      );
    const codesOf = (table: Table): readonly string[] =>
      labelCodes(table, columnFacts(table), { inputs: ['text'], target: ['answer'] });
    expect(codesOf(rows((row) => String([10, 2, 1][row % 3])))).toEqual(['1', '2', '10']);
    expect(codesOf(rows((row) => ['billing', 'delivery'][row % 2] ?? ''))).toEqual([]);
    expect(codesOf(rows((row) => String(row * 7)))).toEqual([]);
  });
});

it('labels are counted where they come back, the most frequent first', () => {
  const { examples } = makeDataset(30);
  const balance = labelBalance(examples);
  expect(balance?.reduce((sum, { rows }) => sum + rows, 0)).toBe(30);
  const own = examples.map((example, row) => ({ ...example, targets: [`answer ${row}`] }));
  expect(labelBalance(own)).toBeUndefined();
});

it('a long cell is cut and says so', () => {
  expect(cut('short')).toBe('short');
  expect(cut('word '.repeat(100))).toMatch(/^(?:word ){39}word…$/);
});
