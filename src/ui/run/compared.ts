import { canonicalJson } from '#lib/hash.ts';
import { callsOf } from '#core/budget.ts';
import { curves } from '#core/curves.ts';
import type { Estimate } from '#core/evaluation.ts';
import { isShownBy } from '#core/prompt.ts';
import { compareOn, countPairs, type RunReport } from '#core/report.ts';
import { isTestSeen, type RunSpec } from '#core/run.ts';
import { holm } from '#core/statistics/holm.ts';
import { mcNemarMidP, type Difference } from '#core/statistics/paired.ts';
import { modelName } from '#state/run-models.ts';
import { curveCandidates, recordOf } from './standings.ts';

/** A run as one line among others: how good its best prompt was after how many calls, and what the sealed rows said at its end. */
export type RunLine = {
  readonly id: string;
  /** A, B, … in the order of choice. */
  readonly letter: string;
  readonly name: string;
  readonly optimizer: string;
  /** The evaluation model. */
  readonly model: string;
  readonly simulated: boolean;
  readonly ended: boolean;
  readonly calls: number;
  /** Answers that the cache held, for which no call was needed. */
  readonly cached: number;
  /** Corners of the best so far on the train rows, with what is known of it by now; level in between. */
  readonly steps: readonly LineStep[];
  /** Rows of the train part. */
  readonly trainRows: number;
  readonly train?: Estimate;
  readonly test?: Estimate;
  readonly comparison: RunReport['comparison'];
  /** Its test rows were used by an earlier run that handed something on, so it is not blind to them. */
  readonly testSeen: boolean;
};

/** `n`: rows that the score rests on; `partial`: they are not all of the train part. */
type LineStep = { readonly x: number; readonly y: number; readonly n: number; readonly partial: boolean };

export const mostCompared = 6;

export function linesOf(reports: readonly RunReport[]): readonly RunLine[] {
  return reports.slice(0, mostCompared).map((report, index): RunLine => {
    const { spec, leaders, baseline, spending, comparison } = report;
    const { accuracy } = curves(curveCandidates(report), 'calls', {
      baseline,
      leaders,
      fullSize: spec.split.train.length,
    });
    const points = new Map(accuracy.points.map((point) => [point.id, point]));
    const best = recordOf(report, report.best)?.summaries;
    return {
      id: spec.id,
      letter: 'ABCDEF'[index] ?? '',
      name: spec.name,
      optimizer: spec.optimizer.id,
      model: modelName(spec.models.evaluation),
      simulated: spec.simulated,
      ended: report.end !== undefined,
      calls: callsOf(spending),
      cached: report.cachedAnswers,
      steps: accuracy.best.flatMap(({ x, id }) => {
        const point = points.get(id);
        return point ? [{ x, y: point.y, n: point.n, partial: point.partial }] : [];
      }),
      trainRows: spec.split.train.length,
      ...(best?.train.accuracy ? { train: best.train.accuracy } : {}),
      ...(best?.test.accuracy ? { test: best.test.accuracy } : {}),
      comparison,
      testSeen: isTestSeen(spec),
    };
  });
}

/** Whether sealed scores may be put side by side: only those of the same rows are about the same thing. A run without one says nothing. */
export function sameTestRows(reports: readonly RunReport[]): boolean {
  const rowsOf = ({ spec }: RunReport): string => [...spec.split.test].sort().join(' ');
  const tested = reports.filter(({ candidates, best }) =>
    candidates.some(({ candidate, summaries }) => candidate.id === best && summaries.test.accuracy !== undefined),
  );
  return new Set(tested.map(rowsOf)).size <= 1;
}

/** What a prompt's score hangs on besides the prompt: where two runs differ in it, their difference is not one of prompts alone. */
type SetUp = 'evaluation model' | 'frame' | 'form of the answer';

function setUpOf({ models, task }: RunSpec): Readonly<Record<SetUp, string>> {
  const { provider, values } = models.evaluation;
  const { answer, metric, reading, maxAnswerTokens } = task;
  return {
    'evaluation model': canonicalJson({ provider, values }),
    frame: canonicalJson(task.template),
    'form of the answer': canonicalJson({ answer, metric, reading, maxAnswerTokens }),
  };
}

/** The best prompts of two runs on the sealed rows that both runs have. */
export type RunPair = {
  /** Letters of the runs. */
  readonly first: string;
  readonly second: string;
  readonly difference: Difference;
  /** McNemar's mid-p, corrected for the number of pairs. */
  readonly p: number;
  /** Letter of the better one; absent where it cannot be told. */
  readonly better?: string;
  /** What else than the prompts the runs differ in. */
  readonly unlike: readonly SetUp[];
};

/** The interval is that of the pair alone, the verdict counts how many pairs there are: what seems clear by the one may not be by the other. */
export const isClearAlone = ({ difference: { lo, hi }, better }: RunPair): boolean =>
  better === undefined && (lo > 0 || hi < 0);

/** Every pair of runs that are through with their sealed rows and have some in common. A row that one of them learned from is none. */
export function pairsOf(reports: readonly RunReport[]): readonly RunPair[] {
  const ended = reports.slice(0, mostCompared).flatMap((report, index) => {
    const best = report.end && recordOf(report, report.best);
    // stopped among its test rows, where somebody may have looked on: an end-of-run test would say too much
    const isWhole =
      best && report.spec.split.test.every((row) => best.results.test.has(row) || isShownBy(best.candidate, row));
    return best && isWhole
      ? [{ letter: 'ABCDEF'[index] ?? '', results: best.results.test, setUp: setUpOf(report.spec) }]
      : [];
  });
  const pairs = ended.flatMap((a, index) =>
    ended.slice(index + 1).flatMap((b) => {
      const difference = compareOn(a.results, b.results);
      return difference ? [{ a, b, difference, p: mcNemarMidP(countPairs(a.results, b.results)) }] : [];
    }),
  );
  const corrected = holm(pairs.map(({ p }) => p));
  return pairs.map(({ a, b, difference }, index): RunPair => {
    const p = corrected[index] ?? 1;
    const better = p > 0.05 ? undefined : difference.value > 0 ? a.letter : b.letter;
    const unlike = (Object.keys(a.setUp) as SetUp[]).filter((part) => a.setUp[part] !== b.setUp[part]);
    return { first: a.letter, second: b.letter, difference, p, ...(better === undefined ? {} : { better }), unlike };
  });
}
