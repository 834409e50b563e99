import { addUsage } from './budget.ts';
import type { Usage } from './completion.ts';
import type { ErrorCode } from './error.ts';
import type { CallKey } from './id.ts';
import type { Score } from './score.ts';
import { meanInterval, wilson, type Interval } from './statistics/intervals.ts';

/**
 * How an example ended. The first five are answers of the model; a refused or cut-off answer counts as not right, because the prompt
 * is what made the model answer so. Failed means that no answer came: it is missing, and missing is never wrong.
 */
export type Outcome = 'right' | 'wrong' | 'unparsable' | 'refused' | 'cut-off' | 'failed';

export type ExampleResult =
  | {
      readonly type: 'answered';
      readonly outcome: Exclude<Outcome, 'failed'>;
      /** What the model wrote, cut to a length that a journal can hold; the whole text is in the answer cache under `call`. */
      readonly answer: string;
      /** What was read out of it, where something could be read. */
      readonly read?: string;
      readonly crossEntropy: Score;
      readonly usage: Usage;
      readonly latencyMs: number;
      /** Requests that were sent for it: 0 when the answer cache knew it. */
      readonly attempts: number;
      readonly call: CallKey;
    }
  | {
      readonly type: 'failed';
      readonly code: ErrorCode;
      readonly message: string;
      readonly attempts: number;
    };

export const outcomeOf = (result: ExampleResult): Outcome => (result.type === 'failed' ? 'failed' : result.outcome);

/** A mean with its 95 % interval. `n`: how many values went in. */
export type Estimate = Interval & { readonly n: number };

/** What a prompt's results on some examples add up to. */
export type Summary = {
  /** Examples that were asked about, failed ones included. */
  readonly asked: number;
  /** Examples with an answer: the n of the accuracy. Coverage is n / asked. */
  readonly n: number;
  readonly right: number;
  /** Share of right answers with Wilson's 95 % interval; absent when nothing was answered. */
  readonly accuracy?: Estimate;
  /** Mean cross entropy of the right answer in nats with a 95 % t interval; absent without log-probabilities. */
  readonly crossEntropy?: Estimate & {
    /** Values that are only a lower bound: the right answer was not among the listed tokens. */
    readonly bounded: number;
    readonly estimated: boolean;
  };
  readonly outcomes: Readonly<Record<Outcome, number>>;
  readonly usage: Usage;
  /** Mean time of an answer, in milliseconds. */
  readonly latencyMs?: number;
};

/** Adds up the results of one prompt. Pure; the order of the results does not matter. */
export function summarize(results: Iterable<ExampleResult>): Summary {
  const outcomes: Record<Outcome, number> = { right: 0, wrong: 0, unparsable: 0, refused: 0, 'cut-off': 0, failed: 0 };
  let asked = 0;
  let usage: Usage = { inputTokens: 0, outputTokens: 0 };
  let bounded = 0;
  let estimated = false;
  const latencies: number[] = [];
  const entropies: number[] = [];
  for (const result of results) {
    asked += 1;
    outcomes[outcomeOf(result)] += 1;
    if (result.type === 'failed') continue;
    usage = addUsage(usage, result.usage);
    latencies.push(result.latencyMs);
    if (result.crossEntropy.type === 'unscored') continue;
    entropies.push(result.crossEntropy.value);
    if (result.crossEntropy.bound === 'at-least') bounded += 1;
    if (result.crossEntropy.bound === 'estimated') estimated = true;
  }
  const n = asked - outcomes.failed;
  return {
    asked,
    n,
    right: outcomes.right,
    ...(n > 0 ? { accuracy: { ...wilson(outcomes.right, n), n }, latencyMs: meanInterval(latencies).value } : {}),
    ...(entropies.length > 0
      ? { crossEntropy: { ...entropyInterval(entropies), n: entropies.length, bounded, estimated } }
      : {}),
    outcomes,
    usage,
  };
}

/** A surprise is never below zero, so neither is the lower end of its interval. */
function entropyInterval(values: readonly number[]): Interval {
  const interval = meanInterval(values);
  return { ...interval, lo: Math.max(0, interval.lo) };
}
