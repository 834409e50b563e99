import { isLosslessNumber, isSafeNumber } from 'lossless-json';
import { AppError } from '#core/error.ts';
import type { ImportNote } from '#core/example.ts';
import { counted } from '#lib/counted.ts';
import { parallelLists, spread } from './json-shape.ts';
import { cellText, isObject, type JsonObject } from './json-text.ts';
import { limits } from './limits.ts';
import { inWords, nameColumns, noteAt, type PlacedTable, type Places } from './table.ts';

type Placed = { readonly entry: JsonObject; readonly at: number };
type Path = readonly string[];
/** What was seen under one key over all rows. */
type Seen = { readonly children: Map<string, Seen>; objects: number; others: number };

/** More different keys than this in one place are data and not columns. */
const mostKeys = 50;
const deepestColumn = 6;
/** An answer that is an object is compared as a whole, so it stays one cell of JSON. */
const answerKeys =
  /^(targets?|answer|expected|expected_?output|ideal|labels?|output|reference|ground_truth|completion)$/i;

const seen = (): Seen => ({ children: new Map(), objects: 0, others: 0 });

function look(entry: JsonObject, into: Map<string, Seen>, depth: number): void {
  for (const [key, value] of Object.entries(entry)) {
    let node = into.get(key);
    if (!node) into.set(key, (node = seen()));
    if (value === null) continue;
    if (!isObject(value)) node.others += 1;
    else {
      node.objects += 1;
      if (depth < deepestColumn && node.children.size <= mostKeys) look(value, node.children, depth + 1);
    }
  }
}

/** Objects become dotted columns where every row that has something there has an object. */
function pathsOf(keys: ReadonlyMap<string, Seen>, above: Path = []): readonly Path[] {
  return [...keys].flatMap(([key, { children, objects, others }]) => {
    const path = [...above, key];
    const wholeAnswer = answerKeys.test(key) && children.size > 1;
    const opens = objects > 0 && others === 0 && children.size > 0 && children.size <= mostKeys && !wholeAnswer;
    return opens ? pathsOf(children, path) : [path];
  });
}

function valueAt(entry: JsonObject, path: Path): unknown {
  let value: unknown = entry;
  for (const key of path) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** A number that no calculation in JavaScript would keep. */
function holdsInexactNumber(value: unknown): boolean {
  if (isLosslessNumber(value)) return !isSafeNumber(value.value, { approx: true });
  if (Array.isArray(value)) return value.some(holdsInexactNumber);
  return isObject(value) && Object.values(value).some(holdsInexactNumber);
}

function notesAbout(
  entries: readonly unknown[],
  at: readonly number[],
  unit: Places['unit'],
  spreads: number,
): readonly ImportNote[] {
  const places = (wanted: (entry: unknown) => boolean): Places => ({
    unit,
    at: at.filter((_, index) => wanted(entries[index])),
  });
  const odd = places((entry) => !isObject(entry) || Object.keys(entry).length === 0);
  const inexact = places(holdsInexactNumber);
  const notes: ImportNote[] = [];
  if (odd.at.length > 0)
    notes.push(
      noteAt(
        'not-an-object',
        `${counted(odd.at.length, 'entry', 'entries')} left out, because only objects with keys are rows: ${inWords(odd)}.`,
        odd,
      ),
    );
  if (inexact.at.length > 0)
    notes.push(
      noteAt(
        'number-not-exact',
        `Numbers beyond what a computer calculates with exactly: ${inWords(inexact)}. They are kept digit by digit, as in the file; compare them as text.`,
        inexact,
      ),
    );
  if (spreads > 0)
    notes.push({
      code: 'lists-to-rows',
      message: `Lists of equal length inside ${counted(entries.length, 'entry', 'entries')} became ${counted(spreads, 'row')}, one for each question.`,
    });
  return notes;
}

/**
 * Objects as a table. Columns come in the order in which their keys first appear.
 * @throws AppError `import-no-rows` or `import-too-large`.
 */
export function tableOfObjects(
  file: string,
  entries: readonly unknown[],
  { unit, at }: Places,
  notes: readonly ImportNote[],
): PlacedTable {
  const objects = entries.flatMap((entry, index): readonly Placed[] =>
    isObject(entry) && Object.keys(entry).length > 0 ? [{ entry, at: at[index] ?? 0 }] : [],
  );
  const spreadable = objects.length > 0 && objects.every(({ entry }) => parallelLists(entry).length > 0);
  const rows = spreadable
    ? objects.flatMap(({ entry, at: place }) => spread(entry).map((row) => ({ entry: row, at: place })))
    : objects;
  if (rows.length === 0) throw new AppError('import-no-rows', { file, columns: [] });
  const keys = new Map<string, Seen>();
  for (const { entry } of rows) look(entry, keys, 1);
  const paths = pathsOf(keys);
  for (const [size, limit, what] of [
    [rows.length, limits.rows, 'row'],
    [paths.length, limits.columns, 'column'],
  ] as const)
    if (size > limit)
      throw new AppError('import-too-large', {
        file,
        place: 'the file',
        size: counted(size, what),
        limit: counted(limit, what),
      });
  const names = nameColumns(paths.map((path) => path.join('.')));
  return {
    source: file,
    columns: names.columns,
    rows: rows.map(({ entry }) => paths.map((path) => cellText(valueAt(entry, path)))),
    notes: [...notes, ...notesAbout(entries, at, unit, spreadable ? rows.length : 0), ...names.notes],
    leftOut: entries.length - objects.length,
    places: { unit, at: rows.map((row) => row.at) },
  };
}
