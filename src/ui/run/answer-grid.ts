import { outcomeOf, type ExampleResult } from '#core/evaluation.ts';
import type { Split } from '#core/example.ts';
import type { ExampleId } from '#core/id.ts';
import type { CandidateReport, RunReport } from '#core/report.ts';

/** How a cell of the grid looks. Refused and cut-off answers are read as little as those that cannot be read. */
export const cellKinds = ['not-asked', 'right', 'wrong', 'unreadable', 'failed', 'shown'] as const;
export type CellKind = (typeof cellKinds)[number];

/** Rows × prompts: every answer of a part of the data, in one array by rows. */
export type AnswerGrid = {
  readonly prompts: readonly CandidateReport[];
  readonly rows: readonly ExampleId[];
  /** Index into `cellKinds`, row after row. */
  readonly cells: Uint8Array;
};

export type GridOptions = {
  readonly split: Split;
  /** `kept`: those that the search ever kept to build on or compared at its end, and the best of the starting prompts. */
  readonly which: 'kept' | 'all';
  /** `hardest`: by the share of prompts that had it right, the lowest first. */
  readonly order: 'data' | 'hardest';
};

export const kindAt = ({ cells, prompts }: AnswerGrid, row: number, prompt: number): CellKind =>
  cellKinds[cells[row * prompts.length + prompt] ?? 0] ?? 'not-asked';

/** The grid of a run. Prompts that were asked nothing of this part are left out. */
export function gridOf(report: RunReport, { split, which, order }: GridOptions): AnswerGrid {
  const kept = which === 'kept' ? keptAndBaseline(report) : undefined;
  const prompts = report.candidates.filter(
    ({ candidate, summaries }) => summaries[split].asked > 0 && (kept?.has(candidate.id) ?? true),
  );
  const given = report.spec.split[split];
  const rows = order === 'data' ? given : hardestFirst(given, prompts, split);
  const cells = new Uint8Array(rows.length * prompts.length);
  for (const [column, { candidate, results }] of prompts.entries()) {
    const found = results[split];
    const shown = new Set(candidate.demos?.examples);
    for (const [index, id] of rows.entries())
      cells[index * prompts.length + column] = cellKinds.indexOf(kindOf(found.get(id), shown.has(id)));
  }
  return { prompts, rows, cells };
}

function kindOf(result: ExampleResult | undefined, isShown: boolean): CellKind {
  if (!result) return isShown ? 'shown' : 'not-asked';
  const outcome = outcomeOf(result);
  return outcome === 'right' || outcome === 'wrong' || outcome === 'failed' ? outcome : 'unreadable';
}

/** The prompts that the search ever kept to build on or compared at its end; undefined where it does not say. */
export function keptIn({ facts, candidates, best }: RunReport): ReadonlySet<string> | undefined {
  const residents = facts.flatMap((fact) => (fact.type === 'archive-changed' ? fact.residents : []));
  if (residents.length === 0) return undefined;
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

export const totalsOf = ({ cells }: AnswerGrid): Readonly<Record<CellKind, number>> => {
  const totals = { 'not-asked': 0, right: 0, wrong: 0, unreadable: 0, failed: 0, shown: 0 };
  for (const cell of cells) totals[cellKinds[cell] ?? 'not-asked'] += 1;
  return totals;
};
