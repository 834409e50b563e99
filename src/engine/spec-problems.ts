import { callsOf, overspent, type Budget } from '#core/budget.ts';
import { checkValues } from '#core/fields.ts';
import { candidateId, type CandidateId } from '#core/id.ts';
import type { Optimizer } from '#core/optimizer.ts';
import { planForRun } from '#core/run-plan.ts';
import { callsPerCell, searchCalls, type RunSpec } from '#core/run.ts';
import type { Metric } from '#core/score.ts';
import type { RunState } from './run-state.ts';
import { unboundedProblems } from './unbounded.ts';

export const seedIds = ({ prompts }: Pick<RunSpec, 'prompts'>): readonly CandidateId[] => [
  ...new Set(prompts.map(candidateId)),
];

/** What keeps a run that is under way from going on with this budget. */
export function budgetProblems(budget: Budget, { spending, spec, capabilities }: RunState): readonly string[] {
  if (!Number.isInteger(budget.calls)) return ['Calls at most: a whole number is wanted.'];
  return [
    ...overspent(budget, spending, {
      evaluation: spec?.models.evaluation.price,
      generator: spec?.models.generator.price,
    }),
    ...(spec ? unpriced(budget, spec) : []),
    ...(spec ? unboundedProblems(budget, spec.models, capabilities) : []),
  ];
}

/** An ended run has only what its budget has left, and would stop half way in silence. */
export function reopeningProblems({ status, spec, spending, candidates, capabilities }: RunState): readonly string[] {
  if (status !== 'ended' || !spec) return [];
  const rows = [...candidates.values()].reduce(
    (sum, { failed: { train, validation, test } }) => sum + train + validation + test,
    0,
  );
  const needed = rows * callsPerCell(spec.task, capabilities.evaluation ?? { topLogprobs: 0, rejected: [] });
  const left = spec.budget.calls - callsOf(spending);
  if (needed <= left) return [];
  return [
    `To ask ${rows} failed rows again takes ${needed} calls, and ${left} are left of the budget. Use these settings again with a larger one.`,
  ];
}

/** A limit in money needs prices, or it would be none. */
function unpriced({ costUsd }: Budget, { models }: RunSpec): readonly string[] {
  if (costUsd === undefined || (models.evaluation.price && models.generator.price)) return [];
  return ['A limit in dollars needs the price of both models: enter the prices, or limit the calls instead.'];
}

type Parts = {
  optimizer(id: string): Optimizer | undefined;
  metric(id: string): Metric | undefined;
};

/** Everything that would keep this run from starting, each as a sentence with the way out. */
export function specProblems(spec: RunSpec, tools: Parts): readonly string[] {
  const optimizer = tools.optimizer(spec.optimizer.id);
  return [
    ...continuingProblems(spec, tools),
    ...(spec.prompts.every((prompt) => prompt.trim() === '') ? ['No starting prompt: write at least one.'] : []),
    ...(spec.split.train.length === 0 ? ['No rows to train on: give the train part at least one row.'] : []),
    ...(optimizer ? planForRun(optimizer, spec, searchCalls(spec)).problems : []),
  ];
}

/**
 * What would keep a run from going on that has started: another version of the app may open it. What it planned is no matter any more: a
 * person may have lowered the budget since, so that it ends soon.
 */
export function continuingProblems(spec: RunSpec, tools: Parts): readonly string[] {
  const optimizer = tools.optimizer(spec.optimizer.id);
  if (!optimizer) return [`The optimizer “${spec.optimizer.id}” is not part of this version.`];
  return [
    ...checkValues(optimizer.fields, spec.optimizer.values).problems,
    ...unpriced(spec.budget, spec),
    ...(optimizer.version === spec.optimizer.version
      ? []
      : [
          `This run was made with version ${spec.optimizer.version} of “${optimizer.label}”; this is version ${optimizer.version}. It can be looked at, not continued.`,
        ]),
    ...(tools.metric(spec.task.metric) ? [] : [`The metric “${spec.task.metric}” is not part of this version.`]),
  ];
}
