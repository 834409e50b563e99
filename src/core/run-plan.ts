import { checkValues, type FieldValue } from './fields.ts';
import type { Optimizer, Plan, PlanSizes } from './optimizer.ts';

/** What a search is planned for. */
export type PlanFor = Omit<PlanSizes, 'rounds'> & {
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
