import { describe, expect, it } from 'vitest';
import { RunDraft } from '#state/run-draft.svelte.ts';
import { planOfSpec } from '#state/spec-plan.ts';
import { optimizers } from '#optimizers/index.ts';
import { makeDataset, makeSpec } from '../support/builders.ts';

const draftOf = (): RunDraft => {
  const draft = new RunDraft(makeDataset(200), 1, { prompts: ['Name the label.', 'Which label fits best?'] });
  draft.chooseOptimizer('pacer');
  return draft;
};

describe('a plan within tokens and money', () => {
  it('is made for the calls that the tokens hold, and says so', () => {
    const draft = draftOf();
    draft.calls = 1000;
    const whole = draft.forecast.plannedCalls;
    expect(draft.forecast.held).toBeUndefined();
    draft.tokens = 45_000;
    const { held, plannedCalls, plan } = draft.forecast;
    expect(held?.words).toMatch(/^45,000 tokens hold about \d+ of 1,000 calls$/);
    expect(plan.problems).toEqual([]);
    expect(plannedCalls).toBeLessThanOrEqual(held?.calls ?? 0);
    expect(plannedCalls).toBeLessThan(whole);
    expect(draft.forecast.estimate?.tokens.lo).toBeLessThan(45_000);
    expect(draft.problems).toEqual([]);
    draft.tokens = 10_000_000;
    expect(draft.forecast.held).toBeUndefined();
    expect(draft.forecast.plannedCalls).toBe(whole);
  });

  it('is refused where they do not hold the smallest run, with what would', () => {
    const draft = draftOf();
    draft.tokens = 2000;
    expect(draft.problems.join()).toMatch(
      /^2,000 tokens hold about \d+ of 1,000 calls\. The budget is too small .* It can start from about [\d,]+ tokens on\.$/,
    );
    draft.tokens = Number(/from about ([\d,]+) tokens/.exec(draft.problems.join())?.[1]?.replaceAll(',', ''));
    expect(draft.problems).toEqual([]);
    expect(draft.forecast.held?.calls).toBeLessThan(1000);
  });

  it('counts money by the prices of both models', () => {
    const draft = draftOf();
    draft.models.setPrice('evaluation', { inputUsd: 1, outputUsd: 4 });
    draft.costUsd = 0.05;
    expect(draft.forecast.held?.words).toMatch(/^\$0\.05 holds about \d+ of 1,000 calls$/);
    draft.costUsd = 50;
    expect(draft.forecast.held).toBeUndefined();
    draft.costUsd = 0.01;
    expect(draft.problems.join()).toMatch(/It can start from about \$0\.\d\d on\./);
  });

  it('says how many calls would do where they are too few', () => {
    const draft = draftOf();
    draft.calls = 5;
    const least = Number(/It can start from ([\d,]+) calls on/.exec(draft.problems.join())?.[1]);
    draft.calls = least;
    expect(draft.problems).toEqual([]);
    draft.calls = least - 1;
    expect(draft.problems).toHaveLength(1);
  });
});

it('the plan of a run counts the further answers by which a model without probabilities is measured', () => {
  const dataset = makeDataset(90);
  const plain = makeSpec(dataset);
  const several = { ...plain, task: { ...plain.task, estimateSamples: 4 } };
  const server = { provider: 'openai-compatible', values: {} };
  const models = { evaluation: server, generator: server };
  const planned = (spec: typeof plain) => planOfSpec({ ...spec, budget: { calls: 1000 } }, dataset, optimizers.pacer);
  const [one, five] = [planned({ ...plain, models }), planned({ ...several, models })];
  expect([one.perAnswer, five.perAnswer]).toEqual([1, 5]);
  const { test } = plain.split;
  expect(5 * (five.plan.evaluationCalls + 2 * test.length) + five.plan.generatorCalls).toBeLessThanOrEqual(1000);
  expect(five.plan.evaluationCalls).toBeLessThan(one.plan.evaluationCalls / 3);
  // the simulated model is known to give probabilities
  const simulated = { provider: 'simulated', values: {} };
  expect(planned({ ...several, models: { evaluation: simulated, generator: simulated } }).perAnswer).toBe(1);
});
