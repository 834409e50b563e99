import type { Fields } from '#core/fields.ts';
import type { ExampleId } from '#core/id.ts';
import type { Procedure } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import type { Random } from '#lib/random.ts';
import type { Workbench } from './workbench.ts';

/** How a rewritten prompt earns its pass over all rows. */
export const gateField = {
  gate: {
    type: 'choice',
    label: 'When a new prompt is tried on every row',
    help: 'A few rows decide little, and the rewriting has seen them. The paper asks for strictly more right answers on just these.',
    choices: [
      { value: 'rungs', label: 'No worse on the rows that it was written for, then on others' },
      { value: 'strict', label: 'More right answers on the rows that it was written for (the paper)' },
    ],
    default: 'rungs',
    advanced: true,
  },
} as const satisfies Fields;

/** Other rows that a child meets behind its own, in multiples of the batch. */
const further = 2;

/** The most cells of a gate. */
export const gateCells = (batch: number, rows: number, gate: string): number =>
  Math.min(rows, gate === 'strict' ? batch : batch * (1 + further));

/**
 * Compares a child with its parent on the rows that it was written for and, as a rule, on others, before a pass over all rows is paid
 * for. The parent is known on all of them.
 */
export function* passesGate(
  bench: Workbench,
  {
    child,
    parent,
    batch,
    gate,
    random,
  }: {
    readonly child: Candidate;
    readonly parent: Candidate;
    readonly batch: readonly ExampleId[];
    readonly gate: string;
    readonly random: Random;
  },
): Procedure<{ readonly passed: boolean; readonly reason: string } | 'exhausted'> {
  const { book, context } = bench;
  if (!(yield* bench.evaluate([child], batch))) return 'exhausted';
  const right = (candidate: Candidate, rows: readonly ExampleId[]): string => {
    const accuracy = book.accuracy(candidate.id, rows);
    return accuracy ? `${Math.round(accuracy.value * accuracy.n)} of ${accuracy.n}` : 'none';
  };
  const words = (rows: readonly ExampleId[]): string =>
    `${right(child, rows)} rows right, its parent ${right(parent, rows)}`;
  if (gate === 'strict') {
    const gain = book.accuracyDifference(child.id, parent.id, batch)?.value ?? 0;
    return {
      passed: gain > 0,
      reason: `${gain > 0 ? 'Better' : 'No better'} on the rows that it was written for: ${words(batch)}.`,
    };
  }
  const gainOn = (rows: readonly ExampleId[]): number => book.difference(child.id, parent.id, rows)?.value ?? -1;
  if (gainOn(batch) < 0)
    return { passed: false, reason: `Worse on the rows that it was written for: ${words(batch)}.` };
  const rest = context.train.flatMap(({ id }) => (batch.includes(id) ? [] : [id]));
  const others = random.sample(rest, further * batch.length);
  if (!(yield* bench.evaluate([child], others))) return 'exhausted';
  const all = [...batch, ...others];
  return gainOn(all) < 0
    ? { passed: false, reason: `Worse with ${others.length} further rows: ${words(all)}.` }
    : { passed: true, reason: `No worse on the first ${all.length} rows: ${words(all)}.` };
}
