import type { Split } from './example.ts';
import { compareOn, rowsDone, type CandidateReport, type RunReport } from './report.ts';

export type Standing = {
  readonly record: CandidateReport;
  /** From 1; absent while nothing of it was evaluated. */
  readonly rank?: number;
  /** Only a part of the train rows is done, so it stands behind those that are through. */
  readonly partial: boolean;
};

/**
 * The winner first, then those that it was hardly better than on the validation rows, then those that a race kept, those that saw all
 * train rows, and the rest. The best starting prompts meet the winner at the end however bad they are: that alone puts them before
 * nobody. Those that saw only a part are no match for each other: they go by the lower end of their interval.
 */
export function standingsOf({ candidates, best, spec, facts }: RunReport): readonly Standing[] {
  const full = spec.split.train.length;
  const kept = facts.findLast((fact) => fact.type === 'archive-changed')?.residents ?? [];
  const winner = candidates.find(({ candidate }) => candidate.id === best)?.results.validation;
  // row by row: two intervals of the same rows overlap long after one of them is clearly behind
  const isRunnerUp = ({ summaries: { validation }, results }: CandidateReport): boolean =>
    validation.accuracy !== undefined && (!winner || compareOn(results.validation, winner)?.verdict !== 'worse');
  const group = (record: CandidateReport): number => {
    const { candidate, summaries } = record;
    if (candidate.id === best) return 0;
    if (isRunnerUp(record)) return 1;
    if (kept.includes(candidate.id)) return 2;
    if (summaries.train.asked === 0) return 5;
    return rowsDone(record) >= full ? 3 : 4;
  };
  return [...candidates]
    .sort((a, b) => group(a) - group(b) || orders[group(a)]?.(a, b) || a.order - b.order)
    .map((record, index) => ({
      record,
      ...(record.summaries.train.asked > 0 ? { rank: index + 1 } : {}),
      partial: rowsDone(record) < full,
    }));
}

type Order = (a: CandidateReport, b: CandidateReport) => number;

const byScore =
  (split: Split): Order =>
  (a, b) => {
    const [x, y] = [a.summaries[split], b.summaries[split]];
    return (
      (y.accuracy?.value ?? -1) - (x.accuracy?.value ?? -1) ||
      difference(x.crossEntropy?.value ?? Infinity, y.crossEntropy?.value ?? Infinity)
    );
  };

const byLowerEnd: Order = (a, b) => (b.summaries.train.accuracy?.lo ?? -1) - (a.summaries.train.accuracy?.lo ?? -1);

/** Infinity − Infinity would be no order at all. */
const difference = (a: number, b: number): number => (a === b ? 0 : a - b);

/** Within each group. */
const orders: Readonly<Record<number, Order>> = {
  1: byScore('validation'),
  2: byScore('train'),
  3: byScore('train'),
  4: byLowerEnd,
};
