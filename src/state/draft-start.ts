import type { Budget } from '#core/budget.ts';
import type { SplitIds } from '#core/example.ts';
import type { FieldValue } from '#core/fields.ts';
import type { ExampleId } from '#core/id.ts';
import type { ModelChoice, ModelRole } from '#core/run.ts';
import type { SplitSizes } from '#core/split.ts';
import type { TaskSpec } from '#core/task.ts';

/** What a new run may be opened with. No secrets: it is kept over a reload. */
export type DraftStart = {
  readonly name?: string;
  readonly prompts?: readonly string[];
  /** Those of `prompts` that the app made from a task. */
  readonly madePrompts?: readonly string[];
  readonly task?: Partial<TaskSpec>;
  readonly models?: Partial<Record<ModelRole, ModelChoice>>;
  readonly sizes?: SplitSizes;
  /** The very rows of another run; they stay until a size or the seed is changed. */
  readonly split?: SplitIds;
  /** Runs that opened the test rows of `split`. */
  readonly testSeen?: number;
  /** Prompts that they began with, where nothing that they found was handed on. */
  readonly oldPrompts?: readonly string[];
  /** Rows that they used in any part: none of them is unseen, however the rows are divided. */
  readonly rowsSeen?: readonly ExampleId[];
  readonly optimizer?: { readonly id: string; readonly values: Readonly<Record<string, FieldValue>> };
  readonly budget?: Budget;
  readonly concurrency?: number;
};
