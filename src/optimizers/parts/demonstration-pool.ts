import { outcomeOf } from '#core/evaluation.ts';
import { canBeShown, type Demonstration } from '#core/demonstrations.ts';
import type { Example } from '#core/example.ts';
import type { OptimizerContext } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import type { Workbench } from './workbench.ts';

/** Longest row that is shown as a demonstration, and longest answer of the model that is shown with it, in characters. */
const longestRow = 800;
const longestAnswer = 300;
/** A row that is shown measures nothing any more, so most rows are kept out of the pool. */
const poolShare = 1 / 3;
const largestPool = 200;

/** The train rows that demonstrations are drawn from. */
export function demonstrationPool({ train, task, random }: OptimizerContext): readonly Example[] {
  const size = Math.min(largestPool, Math.floor(train.length * poolShare));
  return random
    .fork('demonstrations')
    .shuffle(train)
    .filter((example) => canBeShown(task.template, example, longestRow))
    .slice(0, size);
}

/** A row as it is shown: with the model's own answer where one of these candidates got it right, else with the answer of the data. */
export function demonstrationOf({ book }: Workbench, example: Example, of: readonly Candidate[]): Demonstration {
  const own = of
    .map(({ id }) => book.result(id, example.id))
    .find((result) => result !== undefined && outcomeOf(result) === 'right');
  const answer = own?.type === 'answered' ? own.answer.trim() : '';
  const isFit = answer !== '' && answer.length <= longestAnswer && !answer.includes('{{');
  return { example, answer: isFit ? answer : (example.targets[0] ?? '') };
}
