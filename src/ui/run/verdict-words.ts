import { isThrough } from '#core/compare-sealed.ts';
import { promptName, rowsDone, type CandidateReport, type RunReport } from '#core/report.ts';
import { isTestSeen } from '#core/run.ts';
import { rowsToSee, visibleDifference } from '#core/statistics/detectable.ts';
import { onlyCompares } from '#state/run-models.ts';
import { count, number, percent } from '#ui/parts/format.ts';
import { bestOfYours } from './best-of-yours.ts';
import { pointsOf, verdictTitles } from './difference-words.ts';

/** What may be said of two prompts, never more than the rows can carry. */

export type VerdictWords = {
  readonly tone: 'good' | 'bad' | 'warn' | '';
  /** In a word; which prompt it is, where the question was which one is best. */
  readonly title: string;
  readonly sentence: string;
};

/** How many rows would tell, where these could not: said with the difference that they would have to be enough for. */
export function moreRowsWords({
  comparison,
  candidates,
  best,
  baseline,
  spec: { split },
}: RunReport): string | undefined {
  if (comparison?.verdict !== 'cannot-tell') return undefined;
  const compared = candidates.filter(({ candidate: { id } }) => id === best || id === baseline);
  // what a whole test shows is less than one that ended early had to show
  if (!compared.every((record) => isThrough(record, split.test)))
    return `Both prompts answered ${number(comparison.n)} of the ${count(split.test.length, 'test row')}. A comparison that ends early is judged more strictly than a whole one.`;
  const accuracies = compared.flatMap(({ summaries }) => summaries.test.accuracy?.value ?? []);
  const mean = accuracies.reduce((sum, value) => sum + value, 0) / Math.max(1, accuracies.length);
  // where all are right or none is, the spread would seem to be nothing
  const base = Math.min(0.95, Math.max(0.05, mean));
  const visible = visibleDifference(comparison.n, base);
  const shows =
    visible === Infinity
      ? `With ${count(comparison.n, 'test row')} no difference shows.`
      : `With ${count(comparison.n, 'test row')} mostly differences of ${number(visible * 100)} points and more show.`;
  const seen = Math.abs(comparison.value);
  const needed = Math.ceil(rowsToSee(Math.max(seen, 0.02), base) / 10) * 10;
  return seen < 0.02 || needed <= comparison.n
    ? shows
    : `${shows} If the difference is what it seems, about ${number(needed)} rows would tell.`;
}

/** Rows that an earlier run has used are not unseen: who goes on from what it found has learned from them or chosen by them. */
const testRowsWords = (n: number, seen = 0): string =>
  seen === 0
    ? count(n, 'unseen row')
    : `${count(n, 'row')}, some or all of which ${seen === 1 ? 'an earlier run' : `${number(seen)} earlier runs`} had used`;

/** A trial has too few rows for any verdict, whatever came of it. */
function trialWords({ spec: { split }, best, baseline }: RunReport, found: string | undefined): string {
  const rows = `on the ${count(split.train.length + split.validation.length, 'row')} of a small trial`;
  if (found) return `${found} ${rows}, which are too few to be sure of it. The run in full will tell more.`;
  return best === baseline
    ? `no new prompt beat the best of the starting prompts ${rows}, which are too few to say that none can. The run in full will tell more.`
    : `a new prompt did best ${rows}, which are too few to say that it is better. The run in full will tell more.`;
}

/** No train row is left that it could gain, whichever search tried it. */
const isPerfect = (record: CandidateReport, trainRows: number): boolean =>
  record.summaries.train.accuracy?.value === 1 && rowsDone(record) >= trainRows;

/** From where to where it went: a difference alone may be one from nothing. Where a row failed for one of them, the two do not add up. */
function levelsOf({ comparison, candidates, best, baseline }: RunReport): string {
  const of = (id: typeof best) => candidates.find(({ candidate }) => candidate.id === id);
  const [mine, theirs] = [of(best), of(baseline)];
  const [to, from] = [mine?.summaries.test, theirs?.summaries.test];
  if (!theirs || !to?.accuracy || !from?.accuracy || to.n !== comparison?.n || from.n !== comparison.n) return '';
  return `: ${percent(to.accuracy.value)} right, where ${promptName(theirs)}, the best starting prompt, has ${percent(from.accuracy.value)}`;
}

/** What may be said at the end, from the rows that nobody saw before: one sentence, and never more than they can carry. */
export function verdictOf(report: RunReport): VerdictWords {
  const { candidates, comparison, end, best, baseline, spec } = report;
  const cannot = (sentence: string): VerdictWords => ({ tone: 'warn', title: 'Cannot tell', sentence });
  if (comparison) {
    const [points, from, to] = pointsOf(comparison.value, comparison.lo, comparison.hi);
    const stopped = end?.outcome === 'stopped' ? ' The run was stopped among its test rows.' : '';
    const found = `${points} points on ${testRowsWords(comparison.n, isTestSeen(spec) ? spec.testSeen : 0)}`;
    const levels = levelsOf(report);
    if (comparison.verdict === 'cannot-tell')
      return cannot(`${found}, but the 95\u00a0% interval goes from ${from} to ${to}${levels}.${stopped}`);
    return {
      ...verdictTitles[comparison.verdict],
      sentence: `${found}, 95\u00a0% interval ${from} to ${to}${levels}.${stopped}`,
    };
  }
  if (end?.outcome === 'stopped')
    return cannot(
      `the run was stopped${spec.split.test.length > 0 ? ' before its sealed test rows were opened' : ''}.`,
    );
  const found = onlyCompares(spec) ? bestOfYours(report) : undefined;
  if (spec.trialOf && best !== undefined) return cannot(trialWords(report, found?.title));
  if (found) return found;
  if (best !== undefined && best === baseline) {
    const isAnyNew = candidates.some(({ candidate }) => candidate.origin.type !== 'start');
    if (candidates.some((record) => isPerfect(record, spec.split.train.length)))
      return {
        tone: 'good',
        title: 'Nothing to gain',
        sentence: isAnyNew
          ? 'a prompt gets every training row right, and none is better than the best of the starting prompts.'
          : 'a starting prompt gets every training row right, so no better one was looked for.',
      };
    const sentence = isAnyNew
      ? 'no new prompt beat the best of the starting prompts.'
      : 'the best of the starting prompts stands, and no new one was written.';
    return { tone: 'warn', title: 'No better', sentence };
  }
  if (spec.split.test.length === 0) return cannot('no rows were set aside for a test at the end.');
  return cannot('too few test rows were answered for both prompts.');
}

/** What can be said while the test rows are still being answered; nothing before there is anything to compare. */
export function earlyWords(
  comparison: RunReport['comparison'],
): { readonly words: string; readonly tone: 'good' | 'bad' | '' } | undefined {
  if (!comparison) return undefined;
  if (comparison.verdict === 'better') return { words: 'already better than the baseline', tone: 'good' };
  if (comparison.verdict === 'worse') return { words: 'already worse than the baseline', tone: 'bad' };
  return { words: 'too early to tell', tone: '' };
}
