import type { Budget } from '#core/budget.ts';
import type { Dataset } from '#core/example.ts';
import type { RunSpec } from '#core/run.ts';
import { makeDataset, makeSpec, startingPrompts, task } from '../support/builders.ts';
import type { Knobs } from './knobs.ts';
import { price } from './world.ts';

const finalists = 1;
/** More than the first calls can take: a run with less does not begin. */
const oneCall = 250;

/** The run that a person starts in this history. */
export function specOf(knobs: Knobs): { readonly spec: RunSpec; readonly dataset: Dataset } {
  const { seed, rows, rounds, proposals, samples, concurrency } = knobs;
  const dataset = makeDataset(rows);
  const model = { provider: 'simulated', values: {}, price };
  const other = { ...model, values: { model: 'another' } };
  const spec = makeSpec(dataset, {
    seed,
    concurrency,
    prompts: startingPrompts.slice(0, knobs.prompts),
    task: { ...task, estimateSamples: samples },
    models: { evaluation: model, generator: knobs.sameLane ? model : other },
    values: {
      rounds,
      proposals,
      finalists,
      shownExamples: 2,
      metaPrompt: '{{task}}\n{{good prompts}}\n{{rules}}\n{{idea}}',
    },
  });
  return { dataset, spec: { ...spec, budget: budgetOf(knobs, spec) } };
}

function budgetOf({ budget: { of, share }, prompts, rounds, proposals }: Knobs, { split }: RunSpec): Budget {
  const perRound = proposals * (1 + split.train.length);
  const least =
    prompts * split.train.length + (finalists + 1) * split.validation.length + perRound + 2 * split.test.length + 2;
  const whole = least + (rounds - 1) * perRound;
  const ample = { calls: 100_000 };
  switch (of) {
    case 'calls':
      return { calls: least + Math.round(share * whole) };
    case 'tokens':
      return { ...ample, tokens: Math.max(oneCall, Math.round(share * whole * 200)) };
    case 'cost':
      return { ...ample, costUsd: Math.max(oneCall * 4e-6, share * whole * 0.0008) };
    case 'minutes':
      return { ...ample, minutes: Math.max(0.02, share * 2) };
    case 'rounds':
      return { ...ample, rounds: 1 + Math.round(share) };
    case 'ample':
      return ample;
  }
}
