import type { CurveCandidate } from '#core/curves.ts';
import type { CandidateReport, RunReport } from '#core/report.ts';
import { promptName } from './words.ts';

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
