import type { Dataset, Example } from '#core/example.ts';
import { guessTask } from '#core/task-guess.ts';
import { mostLabels } from '#core/task.ts';
import { count } from '#ui/parts/format.ts';

/** Cells can be books; a screen needs their beginning. */
const cellLength = 200;
export const cut = (text: string, length = cellLength): string =>
  text.length > length ? `${text.slice(0, length).trimEnd()}…` : text;

/** Enough rows to tell what kind of answer is wanted. */
const rowsLookedAt = 2000;

/** What is expected of an answer, in words. */
export function answerWords(dataset: Dataset): string {
  const { answer } = guessTask({ ...dataset, examples: dataset.examples.slice(0, rowsLookedAt) });
  switch (answer.type) {
    case 'letter':
      return 'The letter of one option';
    case 'label':
      return `One of ${count(answer.labels.length, 'label')}`;
    case 'number':
      return 'A number';
    case 'text':
      return 'Free text';
  }
}

export type LabelShare = { readonly label: string; readonly rows: number };

/** How often each answer is the right one, the most frequent first. Undefined where nearly every row has an answer of its own. */
export function labelBalance(examples: readonly Example[]): readonly LabelShare[] | undefined {
  const rows = new Map<string, number>();
  for (const { targets } of examples) for (const label of targets) rows.set(label, (rows.get(label) ?? 0) + 1);
  if (rows.size > mostLabels || rows.size > Math.max(2, examples.length / 2)) return undefined;
  return [...rows]
    .map(([label, n]) => ({ label, rows: n }))
    .sort((a, b) => b.rows - a.rows || (a.label < b.label ? -1 : 1));
}
