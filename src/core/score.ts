import type { Completion } from './completion.ts';
import type { Example } from './example.ts';
import type { AnswerFormat } from './task.ts';

/**
 * The judgement of one answer by one metric. "Unknown" is a case with a reason: never NaN, never 0.
 * `bound`: exact; at least this much (the right answer was not among the listed tokens); estimated by sampling.
 */
export type Score =
  | {
      readonly type: 'scored';
      readonly value: number;
      readonly bound?: 'exact' | 'at-least' | 'estimated';
      /** What the metric read as the answer, where it read one. */
      readonly read?: string;
    }
  | { readonly type: 'unscored'; readonly reason: 'no-logprobs' | 'no-answer' | 'no-target' };

/** Judges one answer. Aggregation (mean, interval, n) is the same for all and lives in core/evaluation.ts. */
export interface Metric {
  readonly id: string;
  readonly label: string;
  /** One sentence for the person who chooses. */
  readonly description: string;
  readonly direction: 'maximize' | 'minimize';
  /** `right-or-wrong`: the value is 1 or 0, and a missing `read` means that no answer could be found in the text. */
  readonly kind: 'right-or-wrong' | 'amount';
  score(example: Example, completion: Completion, format: AnswerFormat): Score;
}
