import { testedPrompts, type Plan } from './optimizer.ts';
import type { CandidateReport, RunReport } from './report.ts';
import type { Split } from './example.ts';

/** Where a run stands. */
type Phase = 'start' | 'search' | 'comparison' | 'test' | 'ended';

export type RunProgress = {
  readonly phase: Phase;
  /** The last round that was begun; 0 while the starting prompts are tried. */
  readonly round: number;
  /** Rounds that there will be at most; unknown where what a round saves goes into further ones. */
  readonly rounds?: number;
  /** Answers that are there, from a model or from the cache: what the bar counts. */
  readonly done: number;
  /** Answers that there will be at most; unknown for an optimizer that this version does not have. */
  readonly total?: number;
  /** Running time that is still to come, at the pace so far; unknown while too little is done to tell. */
  readonly leftMs?: number;
};

/** So many answers are needed before a pace is worth telling. */
const enough = 8;

const asked = (candidates: readonly CandidateReport[], split: Split): number =>
  candidates.reduce((sum, { summaries }) => sum + summaries[split].asked, 0);

/** Whether the search may still hear what a person says: the finalists meet on the validation rows when it is over. */
export const isListening = ({ end, candidates }: Pick<RunReport, 'end' | 'candidates'>): boolean =>
  !end && asked(candidates, 'validation') === 0 && asked(candidates, 'test') === 0;

/**
 * How far a run is, and how long it will still take. A plan says the most that a run may take: a proposal that was rejected
 * is never tried on the train rows, unless another one takes its place, and equal winners need one test only, so the total shrinks on
 * the way.
 */
export function progressOf(report: RunReport, plan: Plan | undefined): RunProgress {
  const { spec, candidates, facts } = report;
  const tests = asked(candidates, 'test');
  const validations = asked(candidates, 'validation');
  const done = asked(candidates, 'train') + validations + tests + report.generations.length;
  const round = facts.reduce((last, fact) => (fact.type === 'round-started' ? Math.max(last, fact.round) : last), 0);
  const phase = report.end
    ? 'ended'
    : tests > 0
      ? 'test'
      : validations > 0
        ? 'comparison'
        : round > 0
          ? 'search'
          : 'start';
  // a ceiling of rounds is told where it is sure to be near
  const ceiling = spec.budget.rounds ?? Infinity;
  const rounds = plan?.spendsAll ? (plan.rounds >= ceiling ? ceiling : undefined) : plan?.rounds;
  const total = totalOf();
  const left = total === undefined ? undefined : leftOf(total);
  return {
    phase,
    round,
    ...(rounds === undefined ? {} : { rounds: Math.max(rounds, round) }),
    done,
    ...(total === undefined ? {} : { total }),
    ...(left === undefined ? {} : { leftMs: left }),
  };

  function totalOf(): number | undefined {
    if (phase === 'ended') return done;
    const testers = report.best === report.baseline ? 1 : 2;
    if (phase === 'test') return Math.max(done, done - tests + testers * spec.split.test.length);
    if (!plan) return undefined;
    const rejected = plan.spendsAll ? 0 : facts.filter(({ type }) => type === 'proposal-rejected').length;
    const planned = plan.evaluationCalls + plan.generatorCalls + testedPrompts(plan) * spec.split.test.length;
    return Math.max(done, planned - rejected * spec.split.train.length);
  }

  /** Answers out of the cache took no time, so the pace is that of the others. */
  function leftOf(most: number): number | undefined {
    const paid = done - report.cachedAnswers;
    if (phase === 'ended' || paid < enough || report.runningMs <= 0) return undefined;
    return (report.runningMs / paid) * (most - done);
  }
}
