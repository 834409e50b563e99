import type { Mapping, Table } from '#core/import.ts';
import type { ColumnFacts } from './column-facts.ts';
import { isChoicesName, isTargetName, numbered, optionBases, referenceBases } from './column-names.ts';
import { listIn } from './lists.ts';
import { optionIndex } from './options.ts';

type Choices = NonNullable<Mapping['choices']>;

/** Columns that are numbered or lettered through from the first: A, B, C … or ref_1, ref_2 … */
function series(names: readonly string[], bases: ReadonlySet<string>): readonly string[] {
  const groups = new Map<string, { name: string; number: number }[]>();
  for (const name of names) {
    const part = numbered(name);
    if (!part || !bases.has(part.base)) continue;
    const key = `${part.above}${part.base}`;
    groups.set(key, [...(groups.get(key) ?? []), { name, number: part.number }]);
  }
  const complete = [...groups.values()].filter((group) => {
    const first = group[0]?.number ?? -1;
    return group.length >= 2 && first <= 1 && group.every(({ number }, index) => number === first + index);
  });
  return complete
    .reduce((longest, group) => (group.length > longest.length ? group : longest), [])
    .map(({ name }) => name);
}

/** Several columns with one right answer each. */
export const referenceColumns = (facts: readonly ColumnFacts[]): readonly string[] =>
  series(
    facts.map(({ name }) => name),
    referenceBases,
  );

const isLetterColumn = (cells: readonly string[]): boolean => {
  const filled = cells.map((cell) => cell.trim()).filter((cell) => cell !== '');
  return filled.length > 0 && filled.every((cell) => /^\(?[A-J]\)?\.?$/.test(cell)) && new Set(filled).size > 1;
};

/** Without a header, `question, option, option, …, letter` is recognized by the letters in the last column. */
function optionsBeforeLetter(table: Table): readonly string[] {
  const { columns, rows } = table;
  const last = columns.length - 1;
  if (last < 3 || !columns.every((name) => /^column_\d+$/.test(name))) return [];
  const letters = rows.map((row) => row[last] ?? '');
  if (!isLetterColumn(letters)) return [];
  const options = columns.slice(1, last);
  const highest = Math.max(...letters.map((letter) => optionIndex(letter, 'letter') ?? 0));
  return highest < options.length && options.length <= 10 ? options : [];
}

/** Whether the list in one column holds what another column names as the answer. */
function answersAmong(table: Table, listColumn: string): boolean {
  const at = table.columns.indexOf(listColumn);
  const others = table.columns.map((_, index) => index).filter((index) => index !== at);
  const rows = table.rows.slice(0, 100);
  return others.some((other) => rows.every((row) => listIn(row[at] ?? '')?.texts.includes(row[other] ?? '')));
}

/** Where the options of multiple-choice rows stand, if there are any. */
export function guessChoices(table: Table, facts: readonly ColumnFacts[]): Choices | undefined {
  const lists = facts.filter(({ name, lists, filled }) => lists && filled > 0.5 && !isTargetName(name));
  const list = lists.find(({ name }) => isChoicesName(name)) ?? lists.find(({ name }) => answersAmong(table, name));
  if (list) return { type: 'list', column: list.name };
  const names = facts.filter(({ filled }) => filled > 0).map(({ name }) => name);
  const lettered = series(names, optionBases);
  // `answer1, answer2` next to nothing else that could be the target are accepted answers, not options.
  const rest = names.filter((name) => !lettered.includes(name));
  if (lettered.length >= 2 && rest.some((name) => isTargetName(name) || isLetterColumn(cellsOf(table, name))))
    return { type: 'columns', columns: lettered };
  const unnamed = optionsBeforeLetter(table);
  return unnamed.length >= 2 ? { type: 'columns', columns: unnamed } : undefined;
}

export const cellsOf = (table: Table, name: string): readonly string[] => {
  const column = table.columns.indexOf(name);
  return table.rows.map((row) => row[column] ?? '');
};
