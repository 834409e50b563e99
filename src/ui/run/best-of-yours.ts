import { compareOn, type CandidateReport, type RunReport } from '#core/report.ts';
import { isTestSeen, type RunSpec } from '#core/run.ts';
import { standingsOf } from '#core/standings.ts';
import { count, percent } from '#ui/parts/format.ts';
import { differenceWords } from './difference-words.ts';
import { recordOf } from './standings.ts';
import { promptName, rangeWords } from './words.ts';

type Found = { readonly tone: 'good' | ''; readonly title: string; readonly sentence: string };

/** Unseen rows first: those of the choice flatter what was chosen. */
function scoreOf({ summaries }: CandidateReport, spec: RunSpec): string {
  for (const [split, words] of [
    ['test', isTestSeen(spec) ? 'test row' : 'unseen row'],
    ['validation', 'validation row'],
    ['train', 'train row'],
  ] as const) {
    const { accuracy, n } = summaries[split];
    if (accuracy)
      return `${percent(accuracy.value)} right on ${count(n, words)}, 95\u00a0% interval ${rangeWords(accuracy)}.`;
  }
  return 'it was asked about no rows.';
}

/** The winner against the next best, on the rows of the last comparison that both had a part in. */
function againstNext(best: CandidateReport, next: CandidateReport): Pick<Found, 'tone' | 'sentence'> {
  const name = promptName(next);
  for (const split of ['validation', 'train'] as const) {
    const difference = compareOn(best.results[split], next.results[split]);
    if (!difference) continue;
    const isClear = difference.verdict === 'better';
    const { sentence } = differenceWords(difference, split);
    return {
      tone: isClear ? 'good' : '',
      sentence: `Against ${name}, the next best: ${sentence}${isClear ? '' : ' That is too little to be sure which of the two is better.'}`,
    };
  }
  return { tone: '', sentence: `${name}, the next best, did not answer the same rows.` };
}

/** What came of a comparison of the prompts that a person has: which of them is the best, and how sure that is. */
export function bestOfYours(report: RunReport): Found | undefined {
  const best = recordOf(report, report.best);
  if (!best) return undefined;
  const others = report.candidates.filter((record) => record !== best);
  const next = standingsOf(report).find(({ record, rank }) => record !== best && rank !== undefined)?.record;
  const known = scoreOf(best, report.spec);
  if (others.length === 0) return { tone: '', title: `${promptName(best)} is your only prompt`, sentence: known };
  const { tone, sentence } = next ? againstNext(best, next) : ({ tone: '', sentence: 'No other was asked.' } as const);
  const verb = tone === 'good' ? 'is the' : 'did';
  return {
    tone,
    title: `${promptName(best)} ${verb} best of your ${others.length + 1}`,
    sentence: `${known} ${sentence}`,
  };
}
