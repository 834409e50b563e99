import { outcomeOf, type Outcome } from '#core/evaluation.ts';
import type { Split } from '#core/example.ts';
import type { CandidateId, ExampleId } from '#core/id.ts';
import { shownRows } from '#core/prompt.ts';
import type { CandidateReport, RunReport } from '#core/report.ts';
import { answersStamp } from './answers.ts';

/** How a cell of the grid looks. Refused and cut-off answers are read as little as those that cannot be read. */
export const cellKinds = ['not-asked', 'right', 'wrong', 'unreadable', 'failed', 'shown'] as const;
export type CellKind = (typeof cellKinds)[number];
/** As the cells hold it: the place of a kind among all. */
const codes = Object.fromEntries(cellKinds.map((kind, code) => [kind, code])) as Readonly<Record<CellKind, number>>;
const codeOf: Readonly<Record<Outcome, number>> = {
  right: codes.right,
  wrong: codes.wrong,
  failed: codes.failed,
  unparsable: codes.unreadable,
  refused: codes.unreadable,
  'cut-off': codes.unreadable,
};

/** Rows × prompts: every answer of a part of the data, in one array by rows. */
export type AnswerGrid = {
  readonly prompts: readonly CandidateReport[];
  readonly rows: readonly ExampleId[];
  /** What each row is called, from 1 and the same in every order: its place in the data set, else in this part of it. */
  readonly numbers: readonly number[];
  readonly numberedBy: 'data' | 'part';
  /** Index into `cellKinds`, row after row. */
  readonly cells: Uint8Array;
};

export type GridOptions = {
  readonly split: Split;
  /** `kept`: those that the search ever kept to build on or compared at its end, and the best of the starting prompts. */
  readonly which: 'kept' | 'all';
  /** `hardest`: by the share of prompts that had it right, the lowest first. */
  readonly order: 'data' | 'hardest';
  /** Place of each row in the data set, from 1, where the data are at hand. The parts of a run are shuffled. */
  readonly places?: ReadonlyMap<ExampleId, number> | undefined;
};

/** Place of each row in the data set, from 1. */
export const placesIn = (byId: ReadonlyMap<ExampleId, unknown>): ReadonlyMap<ExampleId, number> =>
  new Map([...byId.keys()].map((id, index) => [id, index + 1]));

export const kindAt = ({ cells, prompts }: AnswerGrid, row: number, prompt: number): CellKind =>
  cellKinds[cells[row * prompts.length + prompt] ?? 0] ?? 'not-asked';

/** Prompts that were asked nothing of this part are left out. */
function promptsOf(report: RunReport, { split, which }: GridOptions): readonly CandidateReport[] {
  const kept = which === 'kept' ? keptAndBaseline(report) : undefined;
  return report.candidates.filter(
    ({ candidate, summaries }) => summaries[split].asked > 0 && (kept?.has(candidate.id) ?? true),
  );
}

/** Changes when the grid does, as long as the places of the rows stay. A run that goes on has a new report with each frame. */
export const gridStamp = (report: RunReport, options: GridOptions): string =>
  [
    ...[options.split, options.order],
    ...promptsOf(report, options).map((record) => `${record.candidate.id} ${answersStamp(record, options.split)}`),
  ].join(' ');

/** The grid of a run. */
export function gridOf(report: RunReport, options: GridOptions): AnswerGrid {
  const { split, order, places } = options;
  const prompts = promptsOf(report, options);
  const part = report.spec.split[split];
  const isKnown = places !== undefined && part.every((id) => places.has(id));
  const numbering = isKnown ? places : new Map(part.map((id, index) => [id, index + 1]));
  const numberOf = (id: ExampleId): number => numbering.get(id) ?? 0;
  const rows = [...part].sort((a, b) => numberOf(a) - numberOf(b));
  const inOrder = { prompts, rows, numbers: rows.map(numberOf), numberedBy: isKnown ? 'data' : 'part' } as const;
  const grid = { ...inOrder, cells: cellsOf(inOrder, split) };
  return order === 'data' ? grid : hardestFirst(grid);
}

/** All cells, in one walk through the answers: a million of them are not felt. */
function cellsOf({ prompts, rows }: Pick<AnswerGrid, 'prompts' | 'rows'>, split: Split): Uint8Array {
  const cells = new Uint8Array(rows.length * prompts.length);
  const rowOf = new Map(rows.map((id, row) => [id, row]));
  for (const [column, { candidate, results }] of prompts.entries()) {
    const put = (id: ExampleId, code: number): void => {
      const row = rowOf.get(id);
      if (row !== undefined) cells[row * prompts.length + column] = code;
    };
    for (const id of shownRows(candidate)) put(id, codes.shown);
    for (const [id, result] of results[split]) put(id, codeOf[outcomeOf(result)]);
  }
  return cells;
}

/** By the share of the prompts with an answer that had it right; rows without any come last. */
function hardestFirst(grid: AnswerGrid): AnswerGrid {
  const width = grid.prompts.length;
  const shares = new Float64Array(grid.rows.length);
  for (const row of shares.keys()) {
    let [right, answered] = [0, 0];
    for (let cell = row * width; cell < (row + 1) * width; cell++) {
      const code = grid.cells[cell];
      if (code === codes.right) right += 1;
      if (code === codes.right || code === codes.wrong || code === codes.unreadable) answered += 1;
    }
    shares[row] = answered === 0 ? 2 : right / answered;
  }
  const order = [...shares.keys()].sort((a, b) => (shares[a] ?? 0) - (shares[b] ?? 0));
  const cells = new Uint8Array(grid.cells.length);
  for (const [row, from] of order.entries())
    cells.set(grid.cells.subarray(from * width, (from + 1) * width), row * width);
  const inOrder = <T>(list: readonly T[]): readonly T[] => order.map((row) => list[row] as T);
  return { ...grid, rows: inOrder(grid.rows), numbers: inOrder(grid.numbers), cells };
}

/**
 * The prompts that the search ever kept to build on or compared at its end; undefined where it does not say. Some searches tell what they
 * keep, others only what they think of each proposal.
 */
export function keptIn({ facts, candidates, best }: RunReport): ReadonlySet<string> | undefined {
  const residents = facts.flatMap((fact) => (fact.type === 'archive-changed' ? fact.residents : []));
  const judged = facts.flatMap((fact) => (fact.type === 'proposal-judged' ? fact : []));
  if (residents.length === 0) for (const { accepted, candidate } of judged) if (accepted) residents.push(candidate);
  if (residents.length === 0 && judged.length === 0) return undefined;
  const finalists = candidates.filter(({ summaries }) => summaries.validation.asked > 0);
  return new Set([...residents, ...finalists.map(({ candidate }) => candidate.id), best ?? '']);
}

/** Those, and what they are measured against. */
export function keptAndBaseline(report: RunReport): ReadonlySet<string> | undefined {
  const kept = keptIn(report);
  return kept && new Set([...kept, report.baseline ?? '']);
}

/** The prompts, in their order, at which the answer to a row turned: from not right to right, or back. */
export function turnsOf(
  grid: AnswerGrid,
  row: number,
): readonly { readonly prompt: CandidateReport; readonly to: 'right' | 'wrong' }[] {
  let before: boolean | undefined;
  return grid.prompts.flatMap((prompt, column) => {
    const kind = kindAt(grid, row, column);
    if (kind === 'not-asked' || kind === 'failed' || kind === 'shown') return [];
    const now = kind === 'right';
    const turned = before !== undefined && before !== now;
    before = now;
    return turned ? [{ prompt, to: now ? ('right' as const) : ('wrong' as const) }] : [];
  });
}

export type CellTotals = Readonly<Record<CellKind, number>>;

function countOf(cells: Uint8Array): CellTotals {
  const totals = { 'not-asked': 0, right: 0, wrong: 0, unreadable: 0, failed: 0, shown: 0 };
  for (const cell of cells) totals[cellKinds[cell] ?? 'not-asked'] += 1;
  return totals;
}

export const totalsOf = ({ cells }: AnswerGrid): CellTotals => countOf(cells);

/** How the prompts of the grid did on one row. */
export const rowTotalsOf = ({ cells, prompts: { length } }: AnswerGrid, row: number): CellTotals =>
  countOf(cells.subarray(row * length, (row + 1) * length));

/** A cell by what it stands for: where it stands changes while a run goes on. */
export type HeldCell = { readonly prompt: CandidateId; readonly row: ExampleId };
type Place = { readonly row: number; readonly column: number };

export function heldAt({ prompts, rows }: AnswerGrid, place: Place | undefined): HeldCell | undefined {
  const prompt = place && prompts[place.column]?.candidate.id;
  const row = place && rows[place.row];
  return prompt !== undefined && row !== undefined ? { prompt, row } : undefined;
}

/** Where a held cell stands now; undefined where the grid has it no more. */
export function placeOf({ prompts, rows }: AnswerGrid, held: HeldCell | undefined): Place | undefined {
  if (!held) return undefined;
  const place = {
    row: rows.indexOf(held.row),
    column: prompts.findIndex(({ candidate }) => candidate.id === held.prompt),
  };
  return place.row < 0 || place.column < 0 ? undefined : place;
}
