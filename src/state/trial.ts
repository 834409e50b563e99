import type { RunSpec } from '#core/run.ts';

/** What a small trial has: few rows, and few rounds of new prompts. */
export const trialRows = 20;
export const trialRounds = 2;

/**
 * The same run, small: the first train rows of the same split, so that the run in full finds their answers in the answer cache. The
 * sealed rows stay sealed. Where there are fewer train rows, validation rows fill up.
 */
export function trialOf(spec: RunSpec): RunSpec {
  const train = spec.split.train.slice(0, trialRows);
  const validation = spec.split.validation.slice(0, trialRows - train.length);
  return {
    ...spec,
    name: `${spec.name}, small trial`,
    split: { train, validation, test: [] },
    budget: { ...spec.budget, rounds: Math.min(trialRounds, spec.budget.rounds ?? trialRounds) },
    trialOf: { split: spec.split, budget: spec.budget },
  };
}
