import type { CurveCandidate } from '#core/curves.ts';
import { rowsDone, type CandidateReport, type RunReport } from '#core/report.ts';
import { promptName } from './words.ts';

export type Standing = {
  readonly record: CandidateReport;
  /** From 1; absent while nothing of it was evaluated. */
  readonly rank?: number;
  /** Only a part of the train rows is done, so it stands behind those that are through. */
  readonly partial: boolean;
};

/**
 * The winner first, then those that were compared on the validation rows, then those that a race kept, those that saw all train rows, and
 * the rest. Those that saw only a part are no match for each other: they go by the lower end of their interval.
 */
export function standingsOf({ candidates, best, spec, facts }: RunReport): readonly Standing[] {
  const full = spec.split.train.length;
  const kept = facts.findLast((fact) => fact.type === 'archive-changed')?.residents ?? [];
  const group = (record: CandidateReport): number => {
    const { candidate, summaries } = record;
    if (candidate.id === best) return 0;
    if (summaries.validation.asked > 0) return 1;
    if (kept.includes(candidate.id)) return 2;
    if (summaries.train.asked === 0) return 5;
    return rowsDone(record) >= full ? 3 : partial;
  };
  const partial = 4;
  return [...candidates]
    .sort((a, b) => group(a) - group(b) || (group(a) === partial ? byLowerEnd(a, b) : byScore(a, b)))
    .map((record, index) => ({
      record,
      ...(record.summaries.train.asked > 0 ? { rank: index + 1 } : {}),
      partial: rowsDone(record) < full,
    }));
}

function byScore(a: CandidateReport, b: CandidateReport): number {
  const split = a.summaries.validation.asked > 0 && b.summaries.validation.asked > 0 ? 'validation' : 'train';
  const [x, y] = [a.summaries[split], b.summaries[split]];
  return (
    (y.accuracy?.value ?? -1) - (x.accuracy?.value ?? -1) ||
    (x.crossEntropy?.value ?? Infinity) - (y.crossEntropy?.value ?? Infinity) ||
    a.order - b.order
  );
}

const byLowerEnd = (a: CandidateReport, b: CandidateReport): number =>
  (b.summaries.train.accuracy?.lo ?? -1) - (a.summaries.train.accuracy?.lo ?? -1) || a.order - b.order;

export const recordOf = (report: RunReport, id: string | undefined): CandidateReport | undefined =>
  report.candidates.find(({ candidate }) => candidate.id === id);

/** The same prompts as the training curve wants them: by their train rows, which all of them have. */
export const curveCandidates = (report: RunReport): readonly CurveCandidate[] =>
  report.candidates.map((record) => ({
    id: record.candidate.id,
    label: promptName(record),
    order: record.order,
    round: record.round,
    callsAfter: record.callsAfter,
    summary: record.summaries.train.asked > 0 ? record.summaries.train : undefined,
    shown: record.candidate.demos?.examples.length ?? 0,
  }));
