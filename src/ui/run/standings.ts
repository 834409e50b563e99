import type { CurveCandidate } from '#core/curves.ts';
import type { CandidateReport, RunReport } from '#core/report.ts';
import { promptName } from './words.ts';

export type Standing = {
  readonly record: CandidateReport;
  /** From 1; absent while nothing of it was evaluated. */
  readonly rank?: number;
  /** Only a part of the train rows is done, so it stands behind those that are through. */
  readonly partial: boolean;
};

/** The winner first, then those that were compared on the validation rows, then the rest: the order of the export. */
export function standingsOf({ candidates, best, spec }: RunReport): readonly Standing[] {
  const full = spec.split.train.length;
  const group = ({ candidate, summaries: { train, validation } }: CandidateReport): number =>
    candidate.id === best ? 0 : validation.asked > 0 ? 1 : train.asked >= full ? 2 : train.asked > 0 ? 3 : 4;
  return [...candidates]
    .sort((a, b) => group(a) - group(b) || byScore(a, b))
    .map((record, index) => ({
      record,
      ...(record.summaries.train.asked > 0 ? { rank: index + 1 } : {}),
      partial: record.summaries.train.asked < full,
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
  }));
