import type { Random } from '#lib/random.ts';
import type { Fields } from '#core/fields.ts';
import type { Procedure } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import { upperConfidence, upperConfidenceCells } from './bandit.ts';
import { measure } from './measure.ts';
import { byMean, halve, halvingCells, type Halving } from './race.ts';
import { standings } from './standings.ts';
import type { Workbench } from './workbench.ts';

/** Rows of the first rung of a race among proposals. */
const firstRung = 5;

/** How many prompts come down to the best ones; spread into `fields`. */
export const contestField = {
  selection: {
    type: 'choice',
    label: 'How the best prompts are found',
    help: 'A race asks all prompts about the same rows and drops the worse half while the rows double. The paper’s bandit (UCB) asks each prompt about rows of its own, which takes about three times as many for the same certainty.',
    choices: [
      { value: 'race', label: 'Race on shared rows' },
      { value: 'ucb', label: 'Bandit (UCB), as in the paper' },
      { value: 'all', label: 'All prompts on all rows' },
    ],
    default: 'race',
    advanced: true,
  },
  pulls: {
    type: 'number',
    label: 'Turns of the bandit',
    help: 'Only for the bandit: in each turn the most promising third is asked about five more rows.',
    min: 1,
    max: 100,
    step: 1,
    default: 8,
    advanced: true,
  },
} as const satisfies Fields;

export type ContestValues = { readonly selection: string; readonly pulls: number };

/** Best first. `complete`: the budget held the whole contest. */
export function* contest(
  bench: Workbench,
  candidates: readonly Candidate[],
  { round, rows }: Omit<Halving, 'first'>,
  { selection, pulls }: ContestValues,
  random: Random,
): Procedure<{ readonly order: readonly Candidate[]; readonly complete: boolean }> {
  if (selection === 'ucb') return yield* upperConfidence(bench, candidates, rows, pulls, random);
  if (selection === 'race') {
    // other first rows in each round: one that is known on all rows must not leave for good because of the same five
    const mixed = random.fork('order').shuffle(rows);
    const { complete } = yield* halve(bench, candidates, { round, rows: mixed, first: firstRung });
    return { order: standings(bench, candidates).map(({ candidate }) => candidate), complete };
  }
  const complete = yield* measure(bench, candidates, rows);
  return { order: byMean(bench, candidates, rows), complete };
}

/** Cells of so many new prompts that all leave after their first rows, where a contest lets them leave. */
export const shortContestCells = (fresh: number, rows: number, { selection }: ContestValues): number =>
  fresh * (selection === 'all' ? rows : Math.min(firstRung, rows));

/** Cells that a contest takes at the most. */
export const contestCells = (candidates: number, rows: number, { selection, pulls }: ContestValues): number => {
  if (selection === 'ucb') return upperConfidenceCells(candidates, rows, pulls);
  return selection === 'race' ? halvingCells(candidates, rows, firstRung) : candidates * rows;
};
