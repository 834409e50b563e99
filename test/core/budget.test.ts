import { describe, expect, it } from 'vitest';
import {
  addUsage,
  callsOf,
  costAtMost,
  costOf,
  noSpending,
  overspent,
  tokensAtMost,
  tokensOf,
  type Spending,
} from '#core/budget.ts';

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

describe('a ceiling below what is spent', () => {
  const prices = { evaluation: { inputUsd: 1, outputUsd: 2 }, generator: { inputUsd: 10, outputUsd: 30 } };
  const uncertain = {
    ...spending,
    uncertainCalls: 1,
    uncertain: {
      evaluation: { inputTokens: 1000, outputTokens: 12 },
      generator: { inputTokens: 2000, outputTokens: 500 },
    },
  };

  it('is named with what is spent, calls, tokens and money alike; what is just spent will do', () => {
    expect(overspent({ calls: 44, tokens: 529_999, costUsd: 1.09 }, spending, prices)).toEqual([
      '45 calls are spent already: allow at least that many.',
      '530,000 tokens are spent already: allow at least that many, or set no limit.',
      '$1.10 are spent already: allow at least that much, or set no limit.',
    ]);
    expect(overspent({ calls: 45, tokens: 530_000, costUsd: 1.1 }, spending, prices)).toEqual([]);
    expect(overspent({ calls: 45 }, spending, {})).toEqual([]);
  });

  it('counts what may have been charged at its worst', () => {
    expect(tokensAtMost(uncertain)).toBe(530_000 + 1012 + 2500);
    expect(costAtMost(uncertain, prices)).toBeCloseTo(1.1 + 0.001024 + 0.035, 12);
    const [text, ...others] = overspent({ calls: 45, tokens: 533_000 }, uncertain, prices);
    expect(text).toContain('533,512 tokens are spent already, with those that may have been charged');
    expect(others).toEqual([]);
  });
});
