import { AppError } from '#core/error.ts';
import { letterOf, type Dataset, type Example } from '#core/example.ts';
import { datasetId, exampleId } from '#core/id.ts';
import type { Mapping } from '#core/import.ts';
import { cellAt } from './cell.ts';
import { listIn, type TextList } from './lists.ts';
import { optionIndex, optionsOf } from './options.ts';
import { notesOf, type LeftOut } from './mapping-notes.ts';
import type { PlacedTable } from './table.ts';

export { cellAt } from './cell.ts';
export { columnFacts, type ColumnFacts } from './column-facts.ts';
export { guessMapping } from './guess-mapping.ts';

/** Names under which a JSON list means "any one of these", and not an answer that is itself a list. */
const acceptsLists =
  /(?:^|\.)(?:ideal|answers(?:\.text)?|targets|references|labels|aliases|outputs|gold|expected_outputs)$/i;

/** The accepted answers that a cell holds, before options and label names come in. */
function answersIn(
  cell: string,
  column: string,
  { targetAfter, targetSeparator, choices }: Mapping,
): readonly string[] {
  const list = !choices && acceptsLists.test(column) ? listIn(cell) : undefined;
  if (list) return list.texts;
  const at = targetAfter ? cell.lastIndexOf(targetAfter) : -1;
  const answer = targetAfter && at !== -1 ? cell.slice(at + targetAfter.length) : cell;
  return targetSeparator ? answer.split(targetSeparator) : [answer];
}

/** The right answers of a row; none when the cells are empty or name no option. */
function targetsOf(
  table: PlacedTable,
  row: number,
  mapping: Mapping,
  options: TextList | undefined,
): readonly string[] {
  const answers = mapping.target
    .flatMap((column) => answersIn(cellAt(table, row, column) ?? '', column, mapping))
    .map((answer) => answer.trim())
    .filter((answer) => answer !== '');
  const { labelNames, targetIs = 'letter' } = mapping;
  const named = answers.map((answer) => {
    if (!options) return labelNames && Object.hasOwn(labelNames, answer) ? labelNames[answer] : answer;
    const index = optionIndex(answer, targetIs, options);
    return index === undefined ? undefined : letterOf(index);
  });
  return [...new Set(named.filter((answer) => answer !== undefined))];
}

/** The input that carries most of the text and is nearly always there: a row without it asks nothing. */
function mainInput(table: PlacedTable, inputs: readonly string[]): string | undefined {
  const lengths = inputs.map((name) => {
    const cells = table.rows.map((_, row) => cellAt(table, row, name) ?? '');
    const filled = cells.filter((cell) => cell.trim() !== '').length / cells.length;
    return { name, length: filled >= 0.95 ? cells.reduce((sum, cell) => sum + cell.length, 0) : -1 };
  });
  const best = lengths.reduce((a, b) => (b.length > a.length ? b : a), { name: '', length: 0 });
  return best.name === '' ? undefined : best.name;
}

type Read =
  | { readonly type: 'example'; readonly content: Omit<Example, 'id'> }
  | { readonly type: 'left-out'; readonly reason: LeftOut };

function readRow(table: PlacedTable, row: number, mapping: Mapping, main: string | undefined): Read {
  const inputs = Object.fromEntries(mapping.inputs.map((name) => [name, cellAt(table, row, name) ?? '']));
  const empty = main === undefined ? Object.values(inputs).every((text) => text.trim() === '') : !inputs[main]?.trim();
  // options alone may be all that is asked: which of them is the better one
  if (empty && mapping.inputs.length > 0) return { type: 'left-out', reason: 'missing-input' };
  const options = mapping.choices && optionsOf(table, row, mapping.choices);
  if (mapping.choices && !options) return { type: 'left-out', reason: 'missing-options' };
  const targets = targetsOf(table, row, mapping, options);
  if (targets.length === 0) {
    const said = mapping.target.some((column) => cellAt(table, row, column)?.trim());
    return { type: 'left-out', reason: options && said ? 'no-such-option' : 'missing-target' };
  }
  return { type: 'example', content: { inputs, targets, ...(options ? { choices: options.texts } : {}) } };
}

/**
 * The rows as examples. Rows that cannot be asked or judged are left out, and the notes count and name them; rows that are equal in
 * every cell keep ids of their own.
 * @throws AppError `import-no-examples` when no row is left.
 */
export function applyMapping(table: PlacedTable, mapping: Mapping, name: string, importedAt: number): Dataset {
  const fail = (reason: string): never => {
    throw new AppError('import-no-examples', { file: table.source, reason });
  };
  if (mapping.target.length === 0) fail('no column is chosen as the right answer');
  if (mapping.inputs.length === 0 && !mapping.choices) fail('no column is chosen as input');
  const main = mainInput(table, mapping.inputs);
  const repeats = new Map<string, number>();
  const kept: { readonly row: number; readonly example: Example }[] = [];
  const leftOut: { readonly row: number; readonly reason: LeftOut }[] = [];
  for (const row of table.rows.keys()) {
    const read = readRow(table, row, mapping, main);
    if (read.type === 'left-out') leftOut.push({ row, reason: read.reason });
    else {
      const first = exampleId(read.content);
      const repeat = repeats.get(first) ?? 0;
      repeats.set(first, repeat + 1);
      kept.push({ row, example: { id: repeat === 0 ? first : exampleId(read.content, repeat), ...read.content } });
    }
  }
  const notes = notesOf(table, mapping, kept, leftOut);
  if (kept.length === 0) fail(notes.map(({ message }) => message).join(' '));
  const examples = kept.map(({ example }) => example);
  return {
    id: datasetId({ examples: examples.map(({ id }) => id), mapping }),
    name,
    source: table.source,
    examples,
    fields: mapping.inputs,
    notes: [...table.notes, ...notes],
    importedAt,
  };
}
