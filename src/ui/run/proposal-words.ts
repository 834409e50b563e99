import { rowsDone, type CandidateReport } from '#core/report.ts';
import { count, number, percent } from '#ui/parts/format.ts';
import type { Proposal } from './rounds.ts';
import { coverageWords, rangeWords } from './words.ts';

export type ProposalOutcome = { readonly words: string; readonly tone: '' | 'good' | 'bad' };

/**
 * How a proposal ended, in a word. Accepted: it passed the checks and is tried. Kept or dropped: what the search decided then, where it
 * says so. Rejected: it was never tried.
 */
export function outcomeOfProposal(fate: Proposal['fate']): ProposalOutcome {
  if (!fate) return { words: '', tone: '' };
  if (fate.type === 'rejected') return { words: '✗ rejected', tone: 'bad' };
  if (!fate.judgement) return { words: '✓ accepted', tone: 'good' };
  return fate.judgement.accepted ? { words: '✓ kept', tone: 'good' } : { words: '– dropped', tone: '' };
}

/** `60.0 % right on 5 of 40 train rows (23.1 % to 88.2 %)`: a score is never said without the rows that it rests on. */
export function scoreWords(record: CandidateReport, full: number): string {
  const { accuracy, asked, n } = record.summaries.train;
  if (!accuracy) return 'not tried yet';
  const whole = rowsDone(record) >= full;
  const rows = whole ? 'the train rows' : `${number(n)} of ${number(full)} train rows`;
  const notes = [rangeWords(accuracy), whole ? coverageWords({ n, asked }) : ''].filter(Boolean).join('; ');
  return `${percent(accuracy.value)} right on ${rows} (${notes})`;
}

/** The same in short, where prompts stand below each other: `60.0 % of 5 rows right (23.1 % to 88.2 %)`. */
export function briefScoreWords({ summaries: { train } }: Pick<CandidateReport, 'summaries'>): string {
  const { accuracy, n } = train;
  return accuracy
    ? `${percent(accuracy.value)} of ${count(n, 'row')} right (${rangeWords(accuracy)})`
    : 'not tried yet';
}
