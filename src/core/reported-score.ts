import { createRandom } from '#lib/random.ts';
import type { Estimate, ExampleResult } from './evaluation.ts';
import type { CandidateId, ExampleId } from './id.ts';
import type { CandidateReport, RunReport } from './report.ts';
import { expectedInflation, withoutSelection, type Cells } from './statistics/selection.ts';

/** The score of the best prompt on rows that had a part in choosing it, and how much of it may be the luck of the choice. */
export type ChosenScore = {
  readonly split: 'train' | 'validation';
  readonly accuracy: Estimate;
  /** Prompts that answered every row that this one answered, this one among them. */
  readonly rivals: number;
  /** Prompts that answered any of them: those that a race dropped early had less luck to win by. */
  readonly tried: number;
  /** No other of them scored higher here. */
  readonly first: boolean;
  /**
   * What choosing the best of as many prompts would add to the score if all of them were equally good; a share, 0 for a single one. Absent
   * where all of them answered fewer than two rows.
   */
  readonly expectedInflation?: number;
  /**
   * The score without the luck of having been chosen; only where it is the best on these rows, and of more than one. The luck is that on
   * the rows that all of them answered.
   */
  readonly corrected?: number;
};

/** How much of the score of the best prompt is selection. */
export type ReportedScore = {
  readonly candidate: CandidateId;
  /**
   * What the score is to be called: measured on sealed rows; sealed rows are there, but not opened; or development accuracy, where no
   * rows were set aside.
   */
  readonly standing: 'sealed' | 'unopened' | 'development';
  /** In the order in which they had their say: the last one decided. Validation rows have none until the finalists were compared. */
  readonly chosenOn: readonly ChosenScore[];
  /** On the sealed rows, which had no part in choosing it. */
  readonly test?: Estimate;
};

/** Pure: the same run gives the same numbers, whenever they are asked for. Undefined as long as nothing has a score. */
export function reportedScore(report: RunReport): ReportedScore | undefined {
  const best = report.candidates.find(({ candidate }) => candidate.id === report.best);
  if (!best) return undefined;
  const { split } = report.spec;
  const test = best.summaries.test.accuracy;
  const parts = report.finalistsCompared ? (['train', 'validation'] as const) : (['train'] as const);
  const chosenOn = parts.flatMap((part) => chosenScore(report, best, part) ?? []);
  if (chosenOn.length === 0 && !test) return undefined;
  return {
    candidate: best.candidate.id,
    standing: test ? 'sealed' : split.test.length > 0 ? 'unopened' : 'development',
    chosenOn,
    ...(test ? { test } : {}),
  };
}

function chosenScore(
  { candidates, spec }: RunReport,
  best: CandidateReport,
  split: ChosenScore['split'],
): ChosenScore | undefined {
  const { accuracy } = best.summaries[split];
  if (!accuracy) return undefined;
  // a race asks few prompts about all rows, and none about those that it shows as examples
  const rows = spec.split[split].filter((id) => best.results[split].has(id));
  const covering = candidates.filter(({ results }) => rows.every((id) => results[split].has(id)));
  const cells = cellsOf(
    covering.map(({ results }) => results[split]),
    rows,
  );
  const rights = cells.map((of) => of.reduce((sum, right) => sum + right, 0));
  const mine = rights[covering.indexOf(best)] ?? 0;
  const first = rights.every((right) => right <= mine);
  const without = first
    ? withoutSelection(cells, createRandom(spec.seed).fork(`without selection: ${split}`))
    : undefined;
  // the rows that all of them answered may be easier than those of the score: only the luck is taken from there
  const offset = accuracy.value - mine / (cells[0]?.length ?? 0);
  const inflation = expectedInflation(cells);
  return {
    split,
    accuracy,
    rivals: covering.length,
    tried: candidates.filter(({ results }) => rows.some((id) => results[split].has(id))).length,
    first,
    ...(inflation === undefined ? {} : { expectedInflation: inflation }),
    ...(without === undefined ? {} : { corrected: Math.min(accuracy.value, Math.max(0, without + offset)) }),
  };
}

/** Right is 1, anything else that was answered 0; rows that failed for one of the prompts are left out for all. */
function cellsOf(results: readonly ReadonlyMap<ExampleId, ExampleResult>[], ids: readonly ExampleId[]): Cells {
  const answered = ids.filter((id) => results.every((of) => of.get(id)?.type === 'answered'));
  return results.map((of) =>
    answered.map((id) => {
      const result = of.get(id);
      return result?.type === 'answered' && result.outcome === 'right' ? 1 : 0;
    }),
  );
}
