import { describe, expect, it } from 'vitest';
import { noFaults, quiet, type Happening, type Knobs } from './knobs.ts';
import { reportOf } from './report.ts';
import { play, type Course } from './run-history.ts';

const busy: Knobs = { ...quiet, concurrency: 4, rounds: 2, proposals: 2 };
const minute = 60_000;
const year = 31_536_000_000;

const kept = async (knobs: Knobs): Promise<Course> => {
  const course = await play(knobs);
  if (course.violations.length > 0) throw new Error(await reportOf(course));
  return course;
};

/** Times at which requests were sent, in milliseconds since the one thing that befell the run. */
function sentAfter({ trace }: Course): readonly number[] {
  const timeOf = (line: string): number => Number(line.split(' ')[0]);
  const start = timeOf(trace.find((line) => line.includes('**')) ?? '');
  return trace.filter((line) => line.includes(' send ') && timeOf(line) > start).map((line) => timeOf(line) - start);
}

describe('a network that is gone', () => {
  for (const [id, type, durationMs] of [
    ['N03', 'offline', 60 * minute],
    ['R20', 'outage', 10 * minute],
  ] as const)
    it(`${id} ${type} for ${durationMs / minute} minutes: about a probe a minute, and on within a minute`, async () => {
      for (const tick of [10, 40, 70]) {
        const course = await kept({ ...busy, happenings: [{ tick, type, durationMs }] });
        const sent = sentAfter(course);
        const during = sent.filter((at) => at > minute && at < durationMs);
        expect(during.length, `probes, from ${tick}`).toBeLessThanOrEqual((durationMs / minute) * 2);
        expect(sent.filter((at) => at < durationMs).length, `all, from ${tick}`).toBeLessThanOrEqual(
          (durationMs / minute) * 2 + 16,
        );
        const after = sent.find((at) => at >= durationMs);
        expect(after, `back, from ${tick}`).toBeLessThan(durationMs + 2 * minute);
      }
    });
});

describe('clocks', () => {
  it('C01 that are set back and forth by years change nothing', async () => {
    for (let tick = 1; tick < 120; tick += 7)
      for (const byMs of [86_400_000, -3_600_000, 10 * year, -10 * year])
        await kept({
          ...busy,
          budget: { of: 'minutes', share: 0.5 },
          happenings: [{ tick, type: 'wall-clock', byMs }],
        });
  });

  it('B08 C04 a machine that sleeps for seconds, minutes or hours, noticed or not, goes on to the same end', async () => {
    for (let tick = 1; tick < 120; tick += 7)
      for (const durationMs of [12_000, 10 * minute, 8 * 60 * minute])
        for (const noticed of [true, false])
          await kept({ ...busy, happenings: [{ tick, type: 'suspend', durationMs, noticed }] });
  });
});

describe('a server', () => {
  it('R01 R02 R03 that names a time is left alone until then', async () => {
    for (const hintMs of [20, 1500, 7000, 120_000])
      await kept({ ...busy, faults: { ...noFaults, rateLimited: 0.3, overloaded: 0.1, hintMs, most: 12 } });
  });

  it('X10 that asks for the longest wait, or says that an answer took a thousand times what it can, breaks no promise', async () => {
    await kept({ ...busy, faults: { ...noFaults, rateLimited: 0.2, hintMs: 10 * minute, most: 3 } });
    for (const of of ['tokens', 'cost', 'calls'] as const)
      await kept({ ...busy, budget: { of, share: 0.9 }, faults: { ...noFaults, lies: 0.3, most: 40 } });
  });

  it('R09 R12 R13 whose account is empty, or that refuses the key, is asked no further; the run goes on when it is mended', async () => {
    for (const type of ['quota-ended', 'key-revoked', 'forbidden'] as const)
      for (let tick = 3; tick < 120; tick += 5) await kept({ ...busy, happenings: [{ tick, type }] });
  });

  it('R17 that takes no long rows loses those rows only', async () => {
    for (const badRows of [1, 2]) await kept({ ...busy, rows: 16, badRows });
  });
});

describe('two things at once', () => {
  const pairs: readonly (readonly [Happening['type'], Happening])[] = [
    ['crash', { tick: 0, type: 'crash', downMs: 10 }],
    ['steal', { tick: 0, type: 'steal', leavesAfterMs: 3000 }],
    ['pause', { tick: 0, type: 'pause', durationMs: 40 }],
    ['key-revoked', { tick: 0, type: 'key-revoked' }],
  ];
  for (const [name, first] of pairs)
    it(`${name}, and a crash a few steps later`, async () => {
      for (let tick = 2; tick < 100; tick += 6)
        for (const later of [1, 2, 5])
          await kept({
            ...busy,
            diskMs: 8,
            happenings: [
              { ...first, tick },
              { tick: tick + later, type: 'crash', downMs: 10 },
            ],
          });
    });
});
