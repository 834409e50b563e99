import type { Example } from '#core/example.ts';
import type { Metric } from '#core/score.ts';
import type { AnswerReading, TaskSpec } from '#core/task.ts';
import { choiceLetter } from './choice-letter.ts';
import { contains } from './contains.ts';
import { crossEntropy } from './cross-entropy.ts';
import { exact } from './exact.ts';
import { label } from './label.ts';
import { number } from './number.ts';
import { proposeReadingWith } from './propose-reading.ts';
import { strict } from './strict.ts';

/** All metrics by their id. Adding one: one file and one line here. */
export const metrics = {
  'choice-letter': choiceLetter,
  label,
  exact,
  number,
  contains,
  strict,
  'cross-entropy': crossEntropy,
} as const satisfies Readonly<Record<string, Metric>>;

export const metricOf = (id: string): Metric | undefined =>
  Object.hasOwn(metrics, id) ? metrics[id as keyof typeof metrics] : undefined;

/** A rule that makes unreadable answers readable, judged by the task's own metric. */
export function proposeReading(
  answers: readonly { readonly text: string; readonly example: Example }[],
  task: TaskSpec,
): AnswerReading | undefined {
  const metric = metricOf(task.metric);
  return metric && proposeReadingWith(metric, answers, task);
}
