import { describe, expect, it } from 'vitest';
import { addUsage, callsOf, costOf, noSpending, tokensOf, type Spending } from '#core/budget.ts';

const spending: Spending = {
  ...noSpending,
  evaluationCalls: 40,
  generatorCalls: 3,
  probeCalls: 2,
  evaluation: { inputTokens: 400_000, outputTokens: 100_000 },
  generator: { inputTokens: 20_000, outputTokens: 10_000 },
};

describe('spending', () => {
  it('counts every call and every token once', () => {
    expect(callsOf(noSpending)).toBe(0);
    expect(callsOf(spending)).toBe(45);
    expect(tokensOf(spending)).toBe(530_000);
  });

  it('costs the tokens of each model at its own price per million', () => {
    const prices = { evaluation: { inputUsd: 1, outputUsd: 2 }, generator: { inputUsd: 10, outputUsd: 30 } };
    expect(costOf(spending, prices)).toBeCloseTo(0.4 + 0.2 + 0.2 + 0.3, 12);
    expect(costOf(noSpending, prices)).toBe(0);
  });

  it('is unknown, not free, while a price is unknown', () => {
    expect(costOf(spending, { evaluation: { inputUsd: 1, outputUsd: 1 } })).toBeUndefined();
    expect(costOf(spending, {})).toBeUndefined();
  });

  it('stays marked as estimated once a part of it is', () => {
    const measured = { inputTokens: 1, outputTokens: 1 };
    expect(addUsage(measured, measured)).toEqual({ inputTokens: 2, outputTokens: 2 });
    expect(addUsage(measured, { ...measured, estimated: true })).toEqual({
      inputTokens: 2,
      outputTokens: 2,
      estimated: true,
    });
  });
});
