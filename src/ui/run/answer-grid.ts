import { outcomeOf, type ExampleResult } from '#core/evaluation.ts';
import type { Split } from '#core/example.ts';
import type { CandidateId, ExampleId } from '#core/id.ts';
import { shownRows } from '#core/prompt.ts';
import type { CandidateReport, RunReport } from '#core/report.ts';

/** How a cell of the grid looks. Refused and cut-off answers are read as little as those that cannot be read. */
export const cellKinds = ['not-asked', 'right', 'wrong', 'unreadable', 'failed', 'shown'] as const;
export type CellKind = (typeof cellKinds)[number];

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

/** The grid of a run. Prompts that were asked nothing of this part are left out. */
export function gridOf(report: RunReport, { split, which, order, places }: GridOptions): AnswerGrid {
  const kept = which === 'kept' ? keptAndBaseline(report) : undefined;
  const prompts = report.candidates.filter(
    ({ candidate, summaries }) => summaries[split].asked > 0 && (kept?.has(candidate.id) ?? true),
  );
  const part = report.spec.split[split];
  const isKnown = places !== undefined && part.every((id) => places.has(id));
  const numbering = isKnown ? places : new Map(part.map((id, index) => [id, index + 1]));
  const numberOf = (id: ExampleId): number => numbering.get(id) ?? 0;
  const inOrder = [...part].sort((a, b) => numberOf(a) - numberOf(b));
  const rows = order === 'data' ? inOrder : hardestFirst(inOrder, prompts, split);
  const cells = new Uint8Array(rows.length * prompts.length);
  for (const [column, { candidate, results }] of prompts.entries()) {
    const found = results[split];
    const shown = new Set(shownRows(candidate));
    for (const [index, id] of rows.entries())
      cells[index * prompts.length + column] = cellKinds.indexOf(kindOf(found.get(id), shown.has(id)));
  }
  return { prompts, rows, numbers: rows.map(numberOf), numberedBy: isKnown ? 'data' : 'part', cells };
}

function kindOf(result: ExampleResult | undefined, isShown: boolean): CellKind {
  if (!result) return isShown ? 'shown' : 'not-asked';
  const outcome = outcomeOf(result);
  return outcome === 'right' || outcome === 'wrong' || outcome === 'failed' ? outcome : 'unreadable';
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

function hardestFirst(
  rows: readonly ExampleId[],
  prompts: readonly CandidateReport[],
  split: Split,
): readonly ExampleId[] {
  const shares = new Map(
    rows.map((id) => {
      const answers = prompts
        .flatMap(({ results }) => results[split].get(id) ?? [])
        .filter(({ type }) => type === 'answered');
      const right = answers.filter((result) => outcomeOf(result) === 'right').length;
      return [id, answers.length === 0 ? 2 : right / answers.length] as const;
    }),
  );
  return [...rows].sort((a, b) => (shares.get(a) ?? 2) - (shares.get(b) ?? 2));
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
