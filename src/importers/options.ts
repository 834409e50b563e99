import type { Mapping, Table } from '#core/import.ts';
import { cellAt } from './cell.ts';
import { listIn, type TextList } from './lists.ts';

type TargetIs = NonNullable<Mapping['targetIs']>;

/** The options of one row; undefined when it has fewer than two. Empty option columns at the end are options that the row lacks. */
export function optionsOf(table: Table, row: number, choices: NonNullable<Mapping['choices']>): TextList | undefined {
  if (choices.type === 'list') {
    const list = listIn(cellAt(table, row, choices.column) ?? '');
    if (!list || list.texts.length < 2) return undefined;
    // {text: […], label: […]} comes as two columns.
    const beside = choices.column.endsWith('.text')
      ? listIn(cellAt(table, row, choices.column.replace(/text$/, 'label')) ?? '')?.texts
      : undefined;
    return beside?.length === list.texts.length ? { texts: list.texts, labels: beside } : list;
  }
  const texts = choices.columns.map((column) => cellAt(table, row, column) ?? '');
  const count = texts.findLastIndex((text) => text.trim() !== '') + 1;
  return count < 2 ? undefined : { texts: texts.slice(0, count) };
}

/** The place of the right option, from 0. Undefined when the cell names none. */
export function optionIndex(cell: string, targetIs: TargetIs, options?: TextList): number | undefined {
  const text = cell.trim();
  if (targetIs === 'text') {
    const exact = options?.texts.findIndex((option) => option.trim() === text) ?? -1;
    if (exact !== -1) return exact;
    const loose = options?.texts.findIndex((option) => option.trim().toLowerCase() === text.toLowerCase()) ?? -1;
    return loose === -1 ? undefined : loose;
  }
  if (targetIs === 'letter') {
    const label = options?.labels?.indexOf(text) ?? -1;
    if (label !== -1) return label;
    const letter = /^\(?([A-Za-z])(?:[).:]|$)/.exec(text)?.[1];
    return letter === undefined ? undefined : within(letter.toLowerCase().charCodeAt(0) - 97, options);
  }
  if (!/^\d+(?:\.0+)?$/.test(text)) return undefined;
  return within(Number(text) - (targetIs === 'index-1' ? 1 : 0), options);
}

const within = (index: number, options: TextList | undefined): number | undefined =>
  index >= 0 && (!options || index < options.texts.length) ? index : undefined;

const ways = ['text', 'letter', 'index-0', 'index-1'] as const satisfies readonly TargetIs[];

/**
 * How the target column names the right option: the way that fits most rows. Between counting from 0 and from 1, a single 0 or a
 * single number beyond the last place decides, because it fits only one of them.
 */
export function guessTargetIs(table: Table, target: string, choices: NonNullable<Mapping['choices']>): TargetIs {
  const rows = table.rows.slice(0, 500).map((_, row) => ({
    cell: cellAt(table, row, target) ?? '',
    options: optionsOf(table, row, choices),
  }));
  const fits = (way: TargetIs): number =>
    rows.filter(({ cell, options }) => options && optionIndex(cell, way, options) !== undefined).length;
  const named = rows.some(({ cell, options }) => options?.labels?.includes(cell.trim()));
  const order: readonly TargetIs[] = named ? ['letter', ...ways] : ways;
  return order.reduce((best, way) => (fits(way) > fits(best) ? way : best));
}
