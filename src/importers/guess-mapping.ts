import type { Mapping, Table } from '#core/import.ts';
import { columnFacts, type ColumnFacts } from './column-facts.ts';
import { holdsTargetWord, isBookkeeping, isGiveaway, isIdName, isInputName, isTargetName } from './column-names.ts';
import { cellsOf, guessChoices, referenceColumns } from './guess-choices.ts';
import { guessTargetIs } from './options.ts';

/** Few different short values, each of them often: a class. */
const looksLikeClass = ({ distinct, meanLength }: ColumnFacts, rows: number): boolean =>
  distinct >= 2 && distinct <= 30 && distinct <= Math.max(2, rows / 5) && meanLength <= 40;

/** A name for the row: called so, or counting upwards, or a long code. It must be different in (nearly) every row. */
function isIdColumn(table: Table, fact: ColumnFacts, facts: readonly ColumnFacts[]): boolean {
  const { name, distinct, numeric, filled, meanLength } = fact;
  const rows = table.rows.length;
  // `answer_key` and `label_id` say which answer it is, unless each row has its own
  if (isIdName(name)) return !(isTargetName(name) || holdsTargetWord(name)) || distinct >= filled * rows;
  if (rows < 5 || distinct < filled * rows || meanLength > 40 || isInputName(name) || isTargetName(name)) return false;
  const cells = cellsOf(table, name);
  // numbers of tickets and orders stand to the left of the text; to its right they may be what is to be found in it
  const right = facts.slice(facts.indexOf(fact) + 1);
  if (right.some((other) => isProse(table, other, meanLength)) && areNumbersOfRows(cells, numeric)) return true;
  if (numeric) return cells.every((cell, index) => index === 0 || Number(cell) === Number(cells[index - 1]) + 1);
  return cells.every((cell) => cell === '' || (/^[\w-]{16,}$/.test(cell) && /\d/.test(cell)));
}

/** Texts of several words, longer than these cells. */
const isProse = (table: Table, { name, meanLength }: ColumnFacts, than: number): boolean =>
  meanLength >= Math.max(20, 2 * than) && shareOf(cellsOf(table, name), (cell) => /\S\s+\S+\s+\S/.test(cell)) > 0.8;

/** `T-1004`, `ORD-10234`, `INV2024-31`: the same letters and other digits in each row; or whole numbers that only rise. */
function areNumbersOfRows(cells: readonly string[], numeric: boolean): boolean {
  const filled = cells.map((cell) => cell.trim()).filter((cell) => cell !== '');
  if (numeric)
    return filled.every(
      (cell, index) => /^\d+$/.test(cell) && (index === 0 || Number(cell) > Number(filled[index - 1])),
    );
  const letters = filled.map((cell) => /^(\p{L}{1,10})[-_#/.]?\d[\d\-_/.]*$/u.exec(cell)?.[1]?.toLowerCase());
  return letters[0] !== undefined && letters.every((one) => one === letters[0]);
}

function targetScore(fact: ColumnFacts, index: number, table: Table): number {
  const { name, distinct } = fact;
  let score = index / table.columns.length; // the answer usually stands to the right
  if (isTargetName(name)) score += 10;
  else if (holdsTargetWord(name)) score += 5;
  if (isInputName(name)) score -= 6;
  if (looksLikeClass(fact, table.rows.length)) score += distinct <= 3 ? 3.5 : 2.5;
  if (fact.filled < 0.5) score -= 4;
  if (distinct <= 1) score -= 4;
  return score;
}

/** Whether each value of one column goes with one value of the other: a class and its name. */
function sameClasses(table: Table, one: string, other: string): ReadonlyMap<string, string> | undefined {
  const there = new Map<string, string>();
  const back = new Map<string, string>();
  const others = cellsOf(table, other);
  for (const [row, value] of cellsOf(table, one).entries()) {
    const partner = others[row] ?? '';
    if ((there.get(value) ?? partner) !== partner || (back.get(partner) ?? value) !== value) return undefined;
    there.set(value, partner);
    back.set(partner, value);
  }
  return there;
}

/** A column such as label_text beside label: it would give the answer away, and it knows what the codes mean. */
const classNames = (table: Table, target: ColumnFacts, others: readonly ColumnFacts[]): ColumnFacts | undefined =>
  others.find(
    ({ name, distinct }) =>
      holdsTargetWord(name) &&
      looksLikeClass(target, table.rows.length) &&
      distinct === target.distinct &&
      sameClasses(table, target.name, name) !== undefined,
  );

const shareOf = (cells: readonly string[], fits: (cell: string) => boolean): number => {
  const filled = cells.filter((cell) => cell.trim() !== '');
  return filled.length === 0 ? 0 : filled.filter(fits).length / filled.length;
};

function answerForm(table: Table, target: readonly string[]): Pick<Mapping, 'targetAfter' | 'targetSeparator'> {
  const [only = ''] = target;
  if (target.length !== 1) return {};
  const cells = cellsOf(table, only);
  if (shareOf(cells, (cell) => cell.includes('####')) > 0.8) return { targetAfter: '####' };
  if (shareOf(cells, (cell) => cell.includes(' | ') && cell.length < 300) > 0.1) return { targetSeparator: ' | ' };
  return {};
}

/** Which column plays which part, guessed from names and content. A proposal: the person sees it and can change it. */
export function guessMapping(table: Table): Mapping {
  const facts = columnFacts(table);
  const choices = guessChoices(table, facts);
  const options = choices?.type === 'columns' ? choices.columns : choices ? [choices.column] : [];
  // The list of option labels that stands beside the list of option texts.
  const beside = options.map((name) => name.replace(/\.text$/, '.label'));
  const aside = facts
    .filter((fact) => isBookkeeping(fact.name) || isIdColumn(table, fact, facts))
    .map(({ name }) => name);
  const free = facts.filter(({ name }) => !options.includes(name) && !beside.includes(name));
  const references = choices ? [] : referenceColumns(free);
  const candidates = free.filter(({ name }) => !aside.includes(name));
  const scored = (candidates.length > 1 ? candidates : free)
    .map((fact) => ({ fact, score: targetScore(fact, table.columns.indexOf(fact.name), table) }))
    .sort((a, b) => b.score - a.score);
  const best = scored[0];
  const target = references.length > 1 && (best?.score ?? 0) < 10 ? references : best ? [best.fact.name] : [];
  const rest = free.filter(({ name, filled }) => !target.includes(name) && filled > 0);
  const sparse = ({ name, filled }: ColumnFacts): boolean => filled < 0.5 && !isInputName(name);
  const usable = rest
    .filter(({ name }) => !aside.includes(name) && !isGiveaway(name) && !references.includes(name))
    .filter((fact) => !sparse(fact));
  const [only = ''] = target;
  const twin = best && classNames(table, best.fact, usable);
  const inputs = usable.filter((fact) => fact !== twin).map(({ name }) => name);
  const names = twin && best.fact.numeric && !twin.numeric ? sameClasses(table, only, twin.name) : undefined;
  return {
    inputs: inputs.length > 0 ? inputs : rest.map(({ name }) => name),
    target,
    ...(choices ? { choices, targetIs: guessTargetIs(table, only, choices) } : answerForm(table, target)),
    ...(names ? { labelNames: Object.fromEntries([...names].filter(([code]) => code !== '')) } : {}),
  };
}
