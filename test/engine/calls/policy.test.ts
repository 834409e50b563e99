import { describe, expect, it } from 'vitest';
import { AppError, type ErrorCode } from '#core/error.ts';
import { classify, RetryBudget, retryDelayMs, type FailureClass, type Policy } from '#engine/calls/policy.ts';
import { createRandom } from '#lib/random.ts';

const policyOf = (code: ErrorCode): Policy => classify({ code });

describe('what is done about a failed call', () => {
  it.each<[ErrorCode, FailureClass, Policy['action'], number]>([
    ['provider-rate-limited', 'rate', 'wait', Infinity],
    ['provider-overloaded', 'overload', 'retry', 12],
    ['provider-unreachable', 'network', 'retry', 12],
    ['provider-timeout', 'timeout', 'retry', 3],
    ['provider-quota', 'account', 'ask', 1],
    ['provider-unauthorized', 'permission', 'ask', 1],
    ['provider-forbidden', 'permission', 'ask', 1],
    ['provider-cors', 'permission', 'ask', 1],
    ['provider-bad-answer', 'no-answer', 'retry', 4],
    ['provider-model-unknown', 'set-up', 'ask', 1],
    ['provider-wrong-address', 'set-up', 'ask', 1],
    ['provider-redirects', 'set-up', 'ask', 1],
    ['provider-parameter', 'set-up', 'ask', 1],
    ['row-too-long', 'row', 'fail-row', 1],
    ['row-filtered', 'row', 'fail-row', 1],
    ['provider-rejected', 'row', 'fail-row', 1],
    ['logprobs-missing', 'ability', 'ask', 1],
    ['storage-full', 'storage', 'ask', 1],
    ['run-missing', 'mistake', 'stop', 1],
  ])('%s is of class %s: %s', (code, name, action, mostTries) => {
    expect(policyOf(code)).toMatchObject({ class: name, action, mostTries });
  });

  it('counts as charged what may have been answered, and as free what was refused', () => {
    const codes: readonly ErrorCode[] = [
      'provider-overloaded',
      'provider-unreachable',
      'provider-timeout',
      'provider-bad-answer',
    ];
    for (const code of codes) expect(policyOf(code)).toMatchObject({ charged: 'maybe', countsForRetryBudget: true });
    for (const code of ['provider-rate-limited', 'provider-quota', 'row-too-long'] as const)
      expect(policyOf(code)).toMatchObject({ charged: 'no', countsForRetryBudget: false });
  });
});

describe('the wait before a retry', () => {
  it('is drawn from a span that doubles up to a minute, and is none where the limiter waits', () => {
    const random = createRandom(1);
    for (let failures = 1; failures <= 12; failures++) {
      const most = Math.min(60_000, 500 * 2 ** failures);
      const drawn = Array.from({ length: 300 }, () => retryDelayMs(policyOf('provider-overloaded'), failures, random));
      expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...drawn)).toBeLessThan(most);
      expect(Math.max(...drawn)).toBeGreaterThan(most * 0.9);
    }
    expect(retryDelayMs(policyOf('provider-rate-limited'), 3, random)).toBe(0);
  });
});

describe('the budget of retries', () => {
  const error = new AppError('provider-overloaded', { status: 503 });

  it('allows 50 failures and one more for ten answers, then says what happened', () => {
    const budget = new RetryBudget();
    for (let i = 0; i < 50; i++) expect(budget.failed(error)).toBeUndefined();
    for (let i = 0; i < 10; i++) budget.succeeded();
    expect(budget.failed(error)).toBeUndefined();
    expect(budget.failed(error)).toMatchObject({
      code: 'retries-spent',
      details: { failed: 52, answered: 10, last: expect.stringContaining('503') as string },
    });
  });
});
