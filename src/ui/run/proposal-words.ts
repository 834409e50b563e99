import { rowsDone, type CandidateReport, type RunReport } from '#core/report.ts';
import { count, number, percent } from '#ui/parts/format.ts';
import type { Proposal } from './rounds.ts';
import { coverageWords, rangeWords } from './words.ts';

/** `sign word`, with how far it came where a race put it out. Proposals of one word are counted together. */
export type ProposalOutcome = {
  readonly sign: string;
  readonly word: string;
  readonly after: string;
  readonly tone: '' | 'good' | 'bad';
};

/** In the order in which a round counts them, the good ones first. */
export const outcomeOrder = ['kept', 'in the race', 'being tried', 'tried', 'not tried', 'dropped', 'out', 'rejected'];

/** The words of the badge of one proposal. */
export const outcomeWords = ({ sign, word, after }: ProposalOutcome): string =>
  [sign, word, after].filter(Boolean).join(' ');

/**
 * How a proposal ended, in a word. Kept, dropped, or out of a race: what the search decided, where it says so. Rejected: it was never
 * tried. A prompt of which nothing was decided has only been tried, however well or badly it did.
 */
export function outcomeOfProposal(
  fate: Proposal['fate'],
  report: Pick<RunReport, 'candidates' | 'end'>,
  isRoundOver: boolean,
): ProposalOutcome | undefined {
  if (!fate) return undefined;
  const plain = { sign: '', word: '', after: '', tone: '' } as const;
  if (fate.type === 'rejected') return { ...plain, sign: '✗', word: 'rejected', tone: 'bad' };
  const { judgement, race, id } = fate;
  if (judgement?.accepted) return { ...plain, sign: '✓', word: 'kept', tone: 'good' };
  if (judgement) return { ...plain, sign: '–', word: 'dropped' };
  if (race !== undefined && race !== 'running')
    return { ...plain, sign: '✗', word: 'out', after: `after ${count(race.outAfter, 'row')}` };
  if (!report.end && race === 'running') return { ...plain, word: 'in the race' };
  if (!report.end && !isRoundOver) return { ...plain, word: 'being tried' };
  const record = report.candidates.find(({ candidate }) => candidate.id === id);
  return { ...plain, word: record && record.summaries.train.asked === 0 ? 'not tried' : 'tried' };
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
