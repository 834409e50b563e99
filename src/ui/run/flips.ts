import { outcomeOf, type ExampleResult, type Outcome } from '#core/evaluation.ts';
import type { ExampleId } from '#core/id.ts';
import type { AnswerRow } from './answers.ts';

/** What became of a row from one prompt to another. */
export type Change = 'fixed' | 'broken' | 'right' | 'wrong';
export type Flip = { readonly id: ExampleId; readonly change: Change };

/** One row with what either prompt made of it. */
export type FlipRow = Flip & { readonly before: AnswerRow; readonly after: AnswerRow };

type Results = ReadonlyMap<ExampleId, ExampleResult>;

/** The rows that both prompts answered, those that were broken and those that were fixed first. */
export function flipsOf(before: Results, after: Results): readonly Flip[] {
  const order: readonly Change[] = ['broken', 'fixed', 'wrong', 'right'];
  const flips = [...before].flatMap(([id, result]): Flip[] => {
    const other = after.get(id);
    if (!other || result.type === 'failed' || other.type === 'failed') return [];
    return [{ id, change: changeOf(outcomeOf(result), outcomeOf(other)) }];
  });
  return flips.sort((a, b) => order.indexOf(a.change) - order.indexOf(b.change));
}

function changeOf(before: Outcome, after: Outcome): Change {
  if (before === 'right') return after === 'right' ? 'right' : 'broken';
  return after === 'right' ? 'fixed' : 'wrong';
}

export const countsOf = (flips: readonly Flip[]): Readonly<Record<Change, number>> => {
  const counts = { fixed: 0, broken: 0, right: 0, wrong: 0 };
  for (const { change } of flips) counts[change] += 1;
  return counts;
};
