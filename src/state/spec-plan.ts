import { trainRows, type Dataset } from '#core/example.ts';
import { testedPrompts, type Optimizer } from '#core/optimizer.ts';
import { callsPerCell, searchCalls, type RunSpec } from '#core/run.ts';
import { planForRun } from '#core/run-plan.ts';
import { firstCallProblems } from '#engine/first-call.ts';
import { estimateRun, expectedCalls, tokensPerCall, type RunEstimate } from './estimate.ts';
import { limitedPlan, type LimitedPlan } from './limited-plan.ts';

/** The plan of a run as it is about to start, within all of its limits. */
export type SpecPlan = LimitedPlan & {
  /** Calls of one answer, as far as that is known before the model was asked: the most. */
  readonly perAnswer: number;
  /** Without times: no model was asked yet. */
  readonly estimate: RunEstimate;
};

export function planOfSpec(spec: RunSpec, dataset: Dataset, optimizer: Optimizer): SpecPlan {
  const { task, models, split, prompts, budget } = spec;
  const perAnswer = callsPerCell(task, { topLogprobs: models.evaluation.provider === 'simulated' ? 20 : 0 });
  const metaPrompt = String(spec.optimizer.values['metaPrompt'] ?? '');
  const prices = { evaluation: models.evaluation.price, generator: models.generator.price };
  const told = limitedPlan({
    budget,
    planWith: (calls) => planForRun(optimizer, spec, searchCalls({ split, budget: { calls } }, perAnswer)),
    callsOf: (plan) => ({
      evaluation: (plan.evaluationCalls + testedPrompts(plan) * split.test.length) * perAnswer,
      generator: plan.generatorCalls,
    }),
    tokens: tokensPerCall(task, dataset, prompts, metaPrompt),
    prices,
  });
  const sizes = { train: split.train.length, test: split.test.length };
  const estimate = estimateRun(task, dataset, prompts, metaPrompt, {
    calls: expectedCalls(told.plan, sizes, perAnswer),
    prices,
    latencyMs: {},
    concurrency: spec.concurrency,
  });
  // a budget that does not hold one call is refused for that, in words of its own
  return firstCallProblems(spec, trainRows(dataset, split)).length > 0
    ? { ...told, perAnswer, estimate, problems: [] }
    : { ...told, perAnswer, estimate };
}
