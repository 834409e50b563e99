import { canBeShown, type Demonstration } from '#core/demonstrations.ts';
import type { Example } from '#core/example.ts';
import type { OptimizerContext } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import { isWhole, rightAnswers } from '../parts/demonstrations.ts';
import type { Workbench } from '../parts/workbench.ts';

/**
 * Longest row that is shown, and longest answer of the model that is shown with it, in characters. Tighter than for the other searches:
 * with their lengths an old run would go another way.
 */
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
    .filter((example) => isWhole(example.targets[0] ?? '') && canBeShown(task.template, example, longestRow))
    .slice(0, size);
}

/** A row as it is shown: with the model's own answer where one of these candidates got it right, else with the answer of the data. */
export function demonstrationOf(bench: Workbench, example: Example, of: readonly Candidate[]): Demonstration {
  const [own = ''] = rightAnswers(bench, example.id, of);
  const isFit = own !== '' && own.length <= longestAnswer && !own.includes('{{');
  return { example, answer: isFit ? own : (example.targets[0] ?? '') };
}
