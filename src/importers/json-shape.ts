import { AppError } from '#core/error.ts';
import type { ImportNote } from '#core/example.ts';
import { counted } from '#lib/counted.ts';
import { isObject, type JsonObject } from './json-text.ts';
import { named } from './table.ts';

/** The rows of a JSON document, and what had to be done to get at them. */
export type Rows = { readonly entries: readonly unknown[]; readonly notes: readonly ImportNote[] };

/** Keys under which tools put their rows, the most telling first. */
const rowKeys = 'examples rows data items records tests instances questions entries samples dataset results'.split(' ');

const kindOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (isObject(value)) return 'an object';
  if (typeof value === 'string') return 'a text';
  return typeof value === 'boolean' ? 'true or false' : 'a number';
};

const wrongShape = (file: string, found: string): never => {
  throw new AppError('import-wrong-shape', { file, found });
};

const isRowList = (value: unknown): value is readonly unknown[] => Array.isArray(value) && value.some(isObject);

/** An object of objects, such as {"1": {…}, "2": {…}}: its values are the rows. */
const isRowMap = (value: unknown): value is JsonObject => {
  if (!isObject(value)) return false;
  const values = Object.values(value);
  return values.length > 1 && values.every(isObject) && Object.keys(value).every((key) => /^\d+$/.test(key));
};

/** Lists that belong together inside one row: questions about a passage with their answers. */
const questionLists = /^(questions|queries|inputs|prompts)$/i;
const answerLists = /^(answers|targets|labels|outputs|solutions)$/i;

export const parallelLists = (row: JsonObject): readonly string[] => {
  const lists = Object.entries(row).filter(([, value]) => Array.isArray(value)) as [string, readonly unknown[]][];
  const questions = lists.find(([key]) => questionLists.test(key))?.[1];
  if (!questions || !lists.some(([key]) => answerLists.test(key))) return [];
  const parallel = lists.filter(([, list]) => list.length === questions.length).map(([key]) => key);
  return parallel.some((key) => answerLists.test(key)) ? parallel : [];
};

function fromColumns(value: JsonObject, lists: readonly (readonly [string, readonly unknown[]])[]): Rows {
  const names = lists.map(([name]) => name);
  const count = lists[0]?.[1].length ?? 0;
  const others = Object.keys(value).filter((key) => !names.includes(key));
  return {
    entries: Array.from({ length: count }, (_, row) =>
      Object.fromEntries(lists.map(([name, list]) => [name, list[row]])),
    ),
    notes: [
      {
        code: 'columns-to-rows',
        message:
          `The file holds one list per column (${named(names)}); the ${counted(count, 'entry', 'entries')} of each became rows.` +
          (others.length > 0 ? ` Left out: ${named(others)}.` : ''),
      },
    ],
  };
}

function unwrapped(key: string, entries: readonly unknown[], value: JsonObject): Rows {
  const others = Object.keys(value).filter((other) => other !== key);
  const rest = others.length > 0 ? ` Not read: ${named(others)}.` : '';
  return { entries, notes: [{ code: 'unwrapped', message: `The rows were found under “${key}”.${rest}` }] };
}

function fromObject(value: JsonObject, file: string, depth: number): Rows {
  const keys = Object.keys(value);
  if (isRowMap(value))
    return {
      entries: Object.values(value),
      notes: [{ code: 'unwrapped', message: `The file is an object; its ${keys.length} values became the rows.` }],
    };
  const usual = rowKeys.filter((key) => Object.hasOwn(value, key));
  const listed = usual.find((key) => isRowList(value[key])) ?? usual.find((key) => isRowMap(value[key]));
  const holders = keys.filter((key) => isRowList(value[key]));
  const key = listed ?? (holders.length === 1 ? holders[0] : undefined);
  if (key !== undefined && parallelLists(value).length === 0) {
    const rows = value[key];
    return unwrapped(key, Array.isArray(rows) ? rows : Object.values(rows), value);
  }
  if (holders.length > 1 && parallelLists(value).length === 0)
    return wrongShape(file, `an object with several lists of rows: ${named(holders)}; keep one of them`);
  if (parallelLists(value).length > 0) return { entries: [value], notes: [] };
  const lists = Object.entries(value).filter(([, list]) => Array.isArray(list)) as [string, readonly unknown[]][];
  const longest = Math.max(0, ...lists.map(([, list]) => list.length));
  const together = lists.length > 1 || lists.length === keys.length;
  if (together && longest > 0 && lists.every(([, list]) => list.length === longest)) return fromColumns(value, lists);
  if (together && longest > 0)
    return wrongShape(
      file,
      `lists of different length: ${lists
        .slice(0, 8)
        .map(([name, list]) => `${name} has ${list.length} entries`)
        .join(', ')}`,
    );
  const inner = usual.find((name) => isObject(value[name]));
  if (inner !== undefined && depth < 2) return fromObject(value[inner], file, depth + 1);
  return wrongShape(file, `one object with the keys ${named(keys)}`);
}

/**
 * Finds the rows of a document: a list of objects, such a list under a key, or one list per column.
 * @throws AppError `import-wrong-shape` or `import-no-rows`.
 */
export function rowsOf(value: unknown, file: string): Rows {
  if (isObject(value)) return fromObject(value, file, 0);
  if (!Array.isArray(value)) return wrongShape(file, kindOf(value));
  if (value.length === 0) throw new AppError('import-no-rows', { file, columns: [] });
  if (!value.some(isObject)) return wrongShape(file, `a list whose first entry is ${kindOf(value[0])}, not an object`);
  return { entries: value as readonly unknown[], notes: [] };
}

/** Spreads parallel lists: one row per question, the rest of the passage repeated. */
export function spread(entry: JsonObject): readonly JsonObject[] {
  const keys = parallelLists(entry);
  const [first] = keys;
  if (first === undefined) return [entry];
  return (entry[first] as readonly unknown[]).map((_, index) =>
    Object.fromEntries(
      Object.entries(entry).map(([key, value]) => [
        key,
        keys.includes(key) ? (value as readonly unknown[])[index] : value,
      ]),
    ),
  );
}
