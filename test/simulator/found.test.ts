import { describe, expect, it } from 'vitest';
import type { RunEvent } from '#core/run.ts';
import { foldEntries } from '#engine/run-state.ts';
import { noFaults, quiet, type Knobs } from './knobs.ts';
import { play } from './run-history.ts';
import { specOf } from './spec.ts';

/** Mistakes that the simulator found, each as the shortest history that showed it. */
const broken = async (turned: Partial<Knobs>): Promise<readonly string[]> =>
  (await play({ ...quiet, ...turned })).violations.map(({ promise, what }) => `${promise}: ${what}`);

describe('failed rows that a person opens again', () => {
  it('while they are being asked about are asked again, and told to the search', async () => {
    for (let tick = 1; tick < 240; tick += 9)
      expect(
        await broken({ badRows: 1, rounds: 3, happenings: [{ tick, type: 'reopen-failed' }] }),
        `at ${tick}`,
      ).toEqual([]);
  });
});

describe('a budget', () => {
  it('of money or tokens that an answered row has used up for its further draws ends the run, and does not hang it', async () => {
    for (const of of ['cost', 'tokens'] as const)
      for (const share of [0.04, 0.2, 0.5, 0.8])
        for (const concurrency of [1, 3, 8])
          expect(
            await broken({ topLogprobs: 0, samples: 1, concurrency, budget: { of, share } }),
            `${share} of the ${of}, ${concurrency} at a time`,
          ).toEqual([]);
  });

  it('that is lowered holds for requests that wait for their turn', async () => {
    for (let tick = 8; tick < 60; tick += 2)
      expect(
        await broken({ concurrency: 8, mostInFlight: 2, happenings: [{ tick, type: 'budget', share: 0.01 }] }),
        `lowered at ${tick}`,
      ).toEqual([]);
  });
});

describe('a disk that breaks while others wait for money', () => {
  it('ends the work of all of them', async () => {
    for (let at = 4; at < 80; at += 2)
      expect(
        await broken({
          concurrency: 3,
          latencyMs: 20,
          diskMs: 8,
          budget: { of: 'tokens', share: 0.3 },
          diskFaults: [{ life: 0, at, lasts: 'once', kind: 'broken' }],
        }),
        `operation ${at}`,
      ).toEqual([]);
  });
});

describe('a driver that takes over', () => {
  it('misses no request that the other one writes down at that moment', async () => {
    for (let tick = 1; tick < 120; tick++)
      expect(
        await broken({ concurrency: 4, diskMs: 8, happenings: [{ tick, type: 'steal', leavesAfterMs: 5 }] }),
        `at ${tick}`,
      ).toEqual([]);
  });
});

describe('an account that is empty', () => {
  it('is asked no more, also by those who wait for their turn', async () => {
    const bucket = { perMinute: 600, burst: 1, hints: false };
    for (let tick = 8; tick < 80; tick += 3)
      expect(
        await broken({
          concurrency: 8,
          faults: { ...noFaults, bucket },
          happenings: [{ tick, type: 'quota-ended' }],
        }),
        `at ${tick}`,
      ).toEqual([]);
  });
});

describe('minutes', () => {
  const year = 31_536_000_000;

  it('C01 P21 are those of a clock that nobody can set', async () => {
    for (const byMs of [10 * year, -10 * year, -3_600_000])
      for (const later of [
        { tick: 40, type: 'pause', durationMs: 0 },
        { tick: 40, type: 'crash', downMs: 10 },
      ] as const)
        expect(
          await broken({
            budget: { of: 'minutes', share: 0.2 },
            happenings: [{ tick: 20, type: 'wall-clock', byMs }, later],
          }),
          `${byMs}, then ${later.type}`,
        ).toEqual([]);
  });

  it('do not pass while nobody drives, also when a person says something meanwhile', () => {
    const { spec } = specOf(quiet);
    const events: readonly (readonly [number, RunEvent])[] = [
      [0, { type: 'run-started', version: 1, spec }],
      [1000, { type: 'inputs-heard', step: 0, round: 1 }],
      [3_600_000, { type: 'input-given', input: { type: 'hint', text: 'Shorter.' } }],
      [3_600_500, { type: 'run-resumed' }],
    ];
    expect(foldEntries(events.map(([at, event], seq) => ({ seq, at, event }))).runningMs).toBe(1000);
  });
});

describe('a run that ends', () => {
  it('stays ended, whatever is said at that moment', async () => {
    for (let tick = 60; tick < 140; tick++)
      expect(
        await broken({ diskMs: 8, happenings: [{ tick, type: 'pause', durationMs: 0 }] }),
        `paused at ${tick}`,
      ).toEqual([]);
  });
});

describe('an answer that was withheld', () => {
  it('is no broken promise of log-probabilities', async () => {
    // the draws of 479 and 522 have such an answer among the first three
    for (const seed of [479, 522]) expect(await broken({ seed, rows: 14, concurrency: 8 }), `seed ${seed}`).toEqual([]);
  });
});
