import { splits, type Split } from './example.ts';
import type { ExampleResult } from './evaluation.ts';
import type { ExampleId } from './id.ts';
import type { CandidateReport } from './report.ts';

/** A row that every prompt gets wrong: its label may be. */
export type DoubtfulRow = {
  readonly example: ExampleId;
  readonly split: Split;
  /** Prompts that answered it, all of them wrongly. */
  readonly prompts: number;
  /** What they answered, the most frequent first. */
  readonly answers: readonly { readonly answer: string; readonly times: number }[];
  /** The highest probability that any of them gave to the right answer, where that is known. */
  readonly probability?: number;
};

/** With fewer prompts a hard row looks the same as a wrong label. */
const leastPrompts = 6;
/** A right answer that some prompt found this likely is hard rather than wrong. */
const likely = 0.1;

/**
 * Rows that every prompt that answered them got wrong, at least six prompts, none of which held the right answer to be likely. Those on
 * whose wrong answer the prompts agree most come first: that answer may be the right one. Prompts that got nothing right at all do not
 * count, because they say nothing about a single row.
 */
export function labelAudit(
  candidates: readonly Pick<CandidateReport, 'results' | 'summaries'>[],
): readonly DoubtfulRow[] {
  return splits
    .flatMap((split) => {
      const able = candidates
        .filter(({ summaries }) => summaries[split].right > 0)
        .map(({ results }) => results[split]);
      const ids = new Set(able.flatMap((results) => [...results.keys()]));
      return [...ids].flatMap((example) => doubt(example, split, able) ?? []);
    })
    .sort((a, b) => agreement(b) - agreement(a) || b.prompts - a.prompts);
}

const agreement = ({ answers, prompts }: DoubtfulRow): number => (answers[0]?.times ?? 0) / prompts;

/**
 * The same of one row, by the results of the prompts that get anything right: wrong under at least six of them and right under none, and
 * none of them held the right answer to be likely.
 */
export function isInDoubt(results: Iterable<ExampleResult>): boolean {
  let prompts = 0;
  for (const result of results) {
    if (result.type !== 'answered') continue;
    if (result.outcome === 'right') return false;
    if (result.outcome !== 'wrong') continue; // nothing was answered that could be right
    if ((knownProbability(result.crossEntropy) ?? 0) >= likely) return false;
    prompts += 1;
  }
  return prompts >= leastPrompts;
}

function doubt(
  example: ExampleId,
  split: Split,
  able: readonly ReadonlyMap<ExampleId, ExampleResult>[],
): DoubtfulRow | undefined {
  const found = able.flatMap((results) => results.get(example) ?? []);
  if (!isInDoubt(found)) return undefined;
  const wrong = found.flatMap((result) => (result.type === 'answered' && result.outcome === 'wrong' ? [result] : []));
  const times = new Map<string, number>();
  for (const { read, answer } of wrong) times.set(read ?? answer, (times.get(read ?? answer) ?? 0) + 1);
  const answers = [...times].map(([answer, count]) => ({ answer, times: count })).sort((a, b) => b.times - a.times);
  const probabilities = wrong.flatMap(({ crossEntropy }) => knownProbability(crossEntropy) ?? []);
  return {
    ...{ example, split, prompts: wrong.length, answers },
    ...(probabilities.length > 0 ? { probability: Math.max(...probabilities) } : {}),
  };
}

/**
 * A lower bound of the cross entropy is an upper one of the probability: known where even that is unlikely. A few draws tell no small one:
 * where none of four is right, the smoothed estimate is still a tenth.
 */
function knownProbability(score: Extract<ExampleResult, { type: 'answered' }>['crossEntropy']): number | undefined {
  if (score.type === 'unscored' || score.bound === 'estimated') return undefined;
  const probability = Math.exp(-score.value);
  return score.bound === 'at-least' && probability >= likely ? undefined : probability;
}
