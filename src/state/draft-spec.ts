import { findDemonstrations } from '#core/demonstrations.ts';
import { runId } from '#core/id.ts';
import type { ModelChoice, RunSpec } from '#core/run.ts';
import { plainModel } from './model-draft.ts';
import type { RunDraft } from './run-draft.svelte.ts';

/** What a run is started with, from a draft whose rows are divided. `withoutSecrets` takes the keys out of a model's values. */
export function specOfDraft(
  draft: RunDraft,
  now: number,
  withoutSecrets: (choice: ModelChoice) => ModelChoice,
): RunSpec {
  const { dataset, optimizer, optimizerValues, seed, startingPrompts, task, testSeen } = draft;
  const evaluation = withoutSecrets(plainModel(draft.models.evaluation));
  const generator = draft.models.areOne ? evaluation : withoutSecrets(plainModel(draft.models.generator));
  const madePrompts = startingPrompts.filter((prompt) => draft.startsFromMade || draft.isMade(prompt));
  const promptDemos = findDemonstrations(startingPrompts, dataset.examples, task.template);
  return {
    id: runId(now, seed),
    name: draft.name.trim() || dataset.name,
    seed,
    dataset: { id: dataset.id, name: dataset.name },
    split: draft.split,
    task,
    models: { evaluation, generator },
    optimizer: { id: optimizer.id, version: optimizer.version, values: { ...optimizerValues } },
    prompts: startingPrompts,
    ...(madePrompts.length > 0 ? { madePrompts } : {}),
    ...(promptDemos.length > 0 ? { promptDemos } : {}),
    ...(testSeen > 0 ? { testSeen } : {}),
    ...(draft.sameStart ? { sameStart: true } : {}),
    budget: draft.budget,
    concurrency: draft.concurrency,
    simulated: draft.models.simulated,
  };
}
