import type { Example, ImportNote, ImportNoteCode } from '#core/example.ts';
import { exampleId } from '#core/id.ts';
import type { Mapping } from '#core/import.ts';
import { counted } from '#lib/counted.ts';
import { isIdName } from './column-names.ts';
import { cellsOf } from './guess-choices.ts';
import { inWords, named, noteAt, type PlacedTable, type Places } from './table.ts';

export type LeftOut = 'missing-target' | 'missing-input' | 'missing-options' | 'no-such-option';
type Kept = readonly { readonly row: number; readonly example: Example }[];

/** Places in the file where they are known, else places in the table. */
const placesOf = ({ places }: PlacedTable, rows: readonly number[]): Places => ({
  unit: places?.unit ?? 'item',
  at: [...new Set(rows.map((row) => places?.at[row] ?? row + 1))].sort((a, b) => a - b),
});

const reasons: Readonly<Record<LeftOut, { readonly code: ImportNoteCode; readonly why: string }>> = {
  'missing-target': { code: 'missing-target', why: 'no right answer is given' },
  'no-such-option': { code: 'missing-target', why: 'the right answer is none of the options' },
  'missing-options': { code: 'missing-input', why: 'there are fewer than two options' },
  'missing-input': { code: 'missing-input', why: 'there is nothing to ask' },
};

/** Groups rows by a key and keeps the groups with more than one. */
function repeated(keys: Iterable<readonly [key: string, row: number]>): ReadonlyMap<string, readonly number[]> {
  const groups = new Map<string, number[]>();
  for (const [key, row] of keys) {
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return new Map([...groups].filter(([, rows]) => rows.length > 1));
}

function duplicateIds(table: PlacedTable, { inputs, target }: Mapping): readonly ImportNote[] {
  const column = table.columns.find((name) => isIdName(name) && !inputs.includes(name) && !target.includes(name));
  if (column === undefined) return [];
  const ids = [...cellsOf(table, column).entries()].filter(([, id]) => id.trim() !== '');
  const twice = repeated(ids.map(([row, id]) => [id, row]));
  if (twice.size === 0) return [];
  const message = `In the column “${column}”, ${twice.size === 1 ? 'the id' : 'the ids'} ${named([...twice.keys()])} ${
    twice.size === 1 ? 'occurs' : 'occur'
  } more than once. Rows are told apart by their content, so none is lost.`;
  return [noteAt('duplicate-id', message, placesOf(table, [...twice.values()].flat()))];
}

function duplicateRows(table: PlacedTable, kept: Kept): readonly ImportNote[] {
  const twice = repeated(
    kept.map(({ row, example: { inputs, targets, choices } }) => [
      exampleId(contentOf({ inputs, targets, choices })),
      row,
    ]),
  );
  const extra = [...twice.values()].flatMap((rows) => rows.slice(1));
  if (extra.length === 0) return [];
  const places = placesOf(table, extra);
  return [
    noteAt(
      'duplicate-row',
      `${counted(extra.length, 'repeat', 'repeats')} of an earlier row, word for word: ${inWords(places)}. They stay in the set; a run asks each such row once.`,
      places,
    ),
  ];
}

const contentOf = ({
  inputs,
  targets,
  choices,
}: {
  inputs: Example['inputs'];
  targets: readonly string[];
  choices: readonly string[] | undefined;
}) => ({
  inputs,
  targets,
  ...(choices ? { choices } : {}),
});

function conflicts(table: PlacedTable, kept: Kept): readonly ImportNote[] {
  const targets = new Map(kept.map(({ row, example }) => [row, JSON.stringify([...example.targets].sort())]));
  const same = repeated(
    kept.map(({ row, example: { inputs, choices } }) => [exampleId(contentOf({ inputs, targets: [], choices })), row]),
  );
  const torn = [...same.values()].filter((rows) => new Set(rows.map((row) => targets.get(row))).size > 1).flat();
  if (torn.length === 0) return [];
  const places = placesOf(table, torn);
  return [
    noteAt(
      'conflicting-target',
      `The same input has different right answers: ${inWords(places)}. No prompt can get all of them right.`,
      places,
    ),
  ];
}

/** What the person should know about the rows of this mapping, the weightiest first. */
export function notesOf(
  table: PlacedTable,
  mapping: Mapping,
  kept: Kept,
  leftOut: readonly { readonly row: number; readonly reason: LeftOut }[],
): readonly ImportNote[] {
  const missing = (Object.keys(reasons) as LeftOut[]).flatMap((reason) => {
    const rows = leftOut.filter((row) => row.reason === reason).map(({ row }) => row);
    if (rows.length === 0) return [];
    const { code, why } = reasons[reason];
    const places = placesOf(table, rows);
    return [noteAt(code, `${counted(rows.length, 'row')} left out, because ${why}: ${inWords(places)}.`, places)];
  });
  return [...missing, ...conflicts(table, kept), ...duplicateRows(table, kept), ...duplicateIds(table, mapping)];
}
