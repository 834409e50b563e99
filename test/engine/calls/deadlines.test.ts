import { describe, expect, it } from 'vitest';
import { Deadlines, DeadlinesByKind } from '#engine/calls/deadlines.ts';

const after = (...latenciesMs: readonly number[]): Deadlines => {
  const deadlines = new Deadlines(8);
  for (const latencyMs of latenciesMs) deadlines.answered(latencyMs);
  return deadlines;
};
const times = (count: number, latencyMs: number): number[] => Array.from({ length: count }, () => latencyMs);

describe('the wait for an answer', () => {
  it('is left to the provider as long as nothing is known', () => {
    expect(after().next()).toBe(600_000);
    expect(after(...times(4, 100)).next()).toBe(600_000);
  });

  it('is six times what all but the slowest answers took, between one minute and ten', () => {
    expect(after(...times(50, 100)).next()).toBe(60_000);
    expect(after(...times(50, 15_000)).next()).toBe(90_000);
    expect(after(...times(50, 200_000)).next()).toBe(600_000);
    expect(after(...times(199, 12_000), 500_000).next()).toBe(72_000);
  });

  it('has room for every token that an answer may have, where texts were short so far', () => {
    const deadlines = new DeadlinesByKind().of('a model', { maxTokens: 1000 });
    for (const latencyMs of times(50, 4000)) deadlines.answered(latencyMs);
    expect(deadlines.next()).toBe(300_000);
    for (const latencyMs of times(200, 80_000)) deadlines.answered(latencyMs);
    expect(deadlines.next()).toBe(480_000);
  });

  it('is longer for a call that has timed out', () => {
    const deadlines = after(...times(50, 10_000));
    expect([0, 1, 2, 3, 4].map((timeouts) => deadlines.next(timeouts))).toEqual([
      60_000, 120_000, 240_000, 480_000, 600_000,
    ]);
  });

  it('follows a server that becomes slower, or faster', () => {
    const deadlines = after(...times(500, 100), ...times(200, 20_000));
    expect(deadlines.next()).toBe(120_000);
    for (const latencyMs of times(200, 100)) deadlines.answered(latencyMs);
    expect(deadlines.next()).toBe(60_000);
  });

  it('is not moved by a nonsense latency', () => {
    expect(after(...times(50, 100), NaN, -5).next()).toBe(60_000);
  });

  it('is learned for each model and each length of answer by itself', () => {
    const kinds = new DeadlinesByKind();
    for (const latencyMs of times(50, 100)) kinds.of('a model', { maxTokens: 8 }).answered(latencyMs);
    expect(kinds.of('a model', { maxTokens: 8 }).next()).toBe(60_000);
    expect(kinds.of('a model', { maxTokens: 500 }).next()).toBe(600_000);
    expect(kinds.of('another model', { maxTokens: 8 }).next()).toBe(600_000);
  });
});
