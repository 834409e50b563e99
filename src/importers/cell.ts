import type { Table } from '#core/import.ts';
import { cellText, isObject, jsonIn } from './json-text.ts';

const steps = (path: string): readonly string[] => [...path.matchAll(/[^.[\]]+/g)].map(([step]) => step);

function walk(value: unknown, path: readonly string[]): unknown {
  let at = value;
  for (const step of path) {
    if (Array.isArray(at)) at = /^\d+$/.test(step) ? (at[Number(step)] as unknown) : undefined;
    else at = isObject(at) && Object.hasOwn(at, step) ? at[step] : undefined;
  }
  return at;
}

/** Puts dotted columns back together: the object that they were taken apart from. */
function rebuilt(table: Table, row: readonly string[], path: string): string | undefined {
  const prefix = `${path}.`;
  const inside = table.columns.flatMap((name, index) =>
    name.startsWith(prefix) && row[index] !== '' ? [[name.slice(prefix.length), row[index] ?? ''] as const] : [],
  );
  if (!table.columns.some((name) => name.startsWith(prefix))) return undefined;
  return inside.length === 0 ? '' : JSON.stringify(Object.fromEntries(inside));
}

/**
 * The text at a place of a row: a column by its name, or a place inside the JSON of a cell such as `question.choices[4].text`.
 * Undefined when the table has no such column or the row no such place.
 */
export function cellAt(table: Table, rowIndex: number, path: string): string | undefined {
  const row = table.rows[rowIndex];
  if (!row) return undefined;
  const column = table.columns.indexOf(path);
  if (column !== -1) return row[column];
  const holder = table.columns
    .filter((name) => path.startsWith(`${name}.`) || path.startsWith(`${name}[`))
    .reduce((longest, name) => (name.length > longest.length ? name : longest), '');
  if (holder === '') return rebuilt(table, row, path);
  const value = walk(jsonIn(row[table.columns.indexOf(holder)] ?? ''), steps(path.slice(holder.length)));
  return value === undefined ? undefined : cellText(value);
}
