import { describe, expect, it } from 'vitest';
import { arranged } from '#state/choices.ts';
import { offersOf } from '#state/presets.ts';
import { RunDraft } from '#state/run-draft.svelte.ts';
import { makeDataset } from '../support/builders.ts';

const planFor =
  (least: number) =>
  (calls: number): ReturnType<Parameters<typeof offersOf>[1]> => ({
    rounds: Math.floor(calls / 100),
    evaluationCalls: calls,
    generatorCalls: 0,
    prompts: 0,
    problems: calls < least ? ['The budget does not hold one round.'] : [],
  });

describe('presets of the budget', () => {
  it('are 300, 1,000 and 5,000 calls where there is a use for them, each with what it holds and what to expect', () => {
    const offers = offersOf(100_000, planFor(0));
    expect(offers.map(({ id, calls, rounds, refusal }) => [id, calls, rounds, refusal])).toEqual([
      ['quick', 300, 3, undefined],
      ['balanced', 1000, 10, undefined],
      ['thorough', 5000, 50, undefined],
    ]);
    expect(offers.every(({ expectation }) => expectation.length > 20)).toBe(true);
  });

  it('never take more than the plan has a use for, and are not offered twice', () => {
    expect(offersOf(700, planFor(0)).map(({ calls, refusal }) => [calls, refusal])).toEqual([
      [300, undefined],
      [700, undefined],
      [700, 'no-use'],
    ]);
  });

  it('are raised to what the plan cannot do without, and refused where the next one has as much', () => {
    expect(offersOf(9000, planFor(404)).map(({ calls, refusal, raised }) => [calls, refusal, raised])).toEqual([
      [410, undefined, true],
      [1000, undefined, undefined],
      [5000, undefined, undefined],
    ]);
    expect(offersOf(9000, planFor(1234)).map(({ calls, refusal, needed }) => [calls, refusal, needed])).toEqual([
      [300, 'too-few', 1240],
      [1240, undefined, undefined],
      [5000, undefined, undefined],
    ]);
    expect(offersOf(9000, planFor(6000))[2]).toMatchObject({ calls: 6000, raised: true });
  });

  it('say how many test rows they would hold, where it is these that take too much', () => {
    const draft = new RunDraft(makeDataset(2000), 1, { prompts: ['Name the label.'] });
    draft.sizes = { train: 60, validation: 60, test: 600 };
    const [quick, balanced] = draft.forecast.presets;
    expect(quick?.refusal).toBe('too-few');
    expect(balanced).toMatchObject({ raised: true });
    expect(balanced).not.toHaveProperty('fewerTests');
    const most = quick?.fewerTests ?? 0;
    expect(most).toBeGreaterThan(10);
    const quickWith = (test: number) => {
      draft.sizes = { ...draft.sizes, test };
      return draft.forecast.presets[0];
    };
    expect(quickWith(most)?.calls).toBe(300);
    expect(quickWith(most + 1)).toMatchObject({ raised: true });
    expect(offersOf(9000, planFor(1400), 50)[0]).not.toHaveProperty('fewerTests');
  });

  it('of a draft follow its data: each that is offered is a plan without problems and within its calls', () => {
    for (const rows of [30, 90, 600]) {
      const draft = new RunDraft(makeDataset(rows), 1, { prompts: ['Name the label.'] });
      for (const { calls, refusal } of draft.forecast.presets)
        if (refusal === undefined) {
          draft.calls = calls;
          expect(draft.forecast.plan.problems).toEqual([]);
          expect(draft.forecast.plannedCalls).toBeLessThanOrEqual(calls);
        }
      expect(draft.forecast.presets.some(({ refusal }) => refusal === undefined)).toBe(true);
    }
  });
});

it('the recommended optimizer comes first, then comparing prompts, then the others by name', () => {
  const choices = ['opro', 'compare', 'ape', 'pacer'].map((id) => ({ id, label: id.toUpperCase() }));
  const { first, others } = arranged(choices, 'pacer');
  expect(first.map(({ id }) => id)).toEqual(['pacer', 'compare']);
  expect(others.map(({ id }) => id)).toEqual(['ape', 'opro']);
  expect(arranged(choices.slice(0, 1), 'opro')).toMatchObject({ first: [{ id: 'opro' }], others: [] });
});
