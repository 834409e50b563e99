import { callsOf } from '#core/budget.ts';
import { curves } from '#core/curves.ts';
import type { Estimate } from '#core/evaluation.ts';
import type { RunReport } from '#core/report.ts';
import { curveCandidates, recordOf } from './standings.ts';

/** A run as one line among others: how good its best prompt was after how many calls, and what the sealed rows said at its end. */
export type RunLine = {
  readonly id: string;
  /** A, B, … in the order of choice. */
  readonly letter: string;
  readonly name: string;
  readonly optimizer: string;
  readonly simulated: boolean;
  readonly ended: boolean;
  readonly calls: number;
  /** Corners of the best so far on the train rows; level in between. */
  readonly steps: readonly { readonly x: number; readonly y: number }[];
  readonly train?: Estimate;
  readonly test?: Estimate;
  readonly comparison: RunReport['comparison'];
};

export const mostCompared = 6;

export function linesOf(reports: readonly RunReport[]): readonly RunLine[] {
  return reports.slice(0, mostCompared).map((report, index): RunLine => {
    const { spec, leaders, baseline, spending, comparison } = report;
    const { accuracy } = curves(curveCandidates(report), 'calls', {
      baseline,
      leaders,
      fullSize: spec.split.train.length,
    });
    const best = recordOf(report, report.best)?.summaries;
    return {
      id: spec.id,
      letter: 'ABCDEF'[index] ?? '',
      name: spec.name,
      optimizer: spec.optimizer.id,
      simulated: spec.simulated,
      ended: report.end !== undefined,
      calls: callsOf(spending),
      steps: accuracy.best.flatMap(({ x, y }) => (y === undefined ? [] : [{ x, y }])),
      ...(best?.train.accuracy ? { train: best.train.accuracy } : {}),
      ...(best?.test.accuracy ? { test: best.test.accuracy } : {}),
      comparison,
    };
  });
}

/** Whether sealed scores may be put side by side: only those of the same rows are about the same thing. */
export function sameTestRows(reports: readonly RunReport[]): boolean {
  const rowsOf = ({ spec }: RunReport): string => [...spec.split.test].sort().join(' ');
  return new Set(reports.map(rowsOf)).size <= 1;
}
