import { checkValues, type FieldValue } from './fields.ts';
import { candidateId } from './id.ts';
import type { Optimizer, Plan, PlanSizes } from './optimizer.ts';
import type { RunSpec } from './run.ts';

/** What a search is planned for. */
type PlanFor = Omit<PlanSizes, 'rounds'> & {
  /** Options of the optimizer, as they were chosen. */
  readonly values: Readonly<Record<string, FieldValue>>;
  /** What is left to the search, in answers of rows. */
  readonly calls: number;
  /** A ceiling of rounds beside the optimizer's own number of them. */
  readonly rounds?: number | undefined;
};

/** What an optimizer will do, which is never more rounds than the ceiling allows. */
export function planFor(optimizer: Optimizer, { values, calls, rounds, ...sizes }: PlanFor): Plan {
  const valid = (given: PlanFor['values']) => checkValues(optimizer.fields, given).values;
  const chosen = valid(values);
  if (rounds === undefined || !(rounds >= 1)) return optimizer.plan(chosen, sizes, calls);
  const isClipped = Number(chosen['rounds']) > rounds;
  return optimizer.plan(isClipped ? valid({ ...values, rounds }) : chosen, { ...sizes, rounds }, calls);
}

/** The same for a run as it was set up. @param calls what is left to the search, in answers of rows. */
export const planForRun = (
  optimizer: Optimizer,
  { optimizer: { values }, split, prompts, budget }: Pick<RunSpec, 'optimizer' | 'split' | 'prompts' | 'budget'>,
  calls: number,
): Plan =>
  planFor(optimizer, {
    values,
    train: split.train.length,
    validation: split.validation.length,
    seeds: new Set(prompts.map(candidateId)).size,
    calls,
    rounds: budget.rounds,
  });

/**
 * The fewest calls above `from`, which are too few, that leave the plan without a problem; undefined where no number of them does.
 * @param planWith the plan of a run with so many calls.
 */
export function leastCalls(planWith: (calls: number) => Plan, from: number, most = 1_000_000): number | undefined {
  const holds = (calls: number): boolean => planWith(calls).problems.length === 0;
  let few = Math.max(0, Math.floor(from));
  let enough = few + 16;
  while (!holds(enough)) {
    if (enough >= most) return undefined;
    [few, enough] = [enough, Math.min(most, enough * 2)];
  }
  while (enough - few > 1) {
    const middle = Math.floor((few + enough) / 2);
    if (holds(middle)) enough = middle;
    else few = middle;
  }
  return enough;
}
