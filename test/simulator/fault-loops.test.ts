import { describe, expect, it } from 'vitest';
import { callFaults, type CallFault } from './call-faults.ts';
import { quiet, type Knobs } from './knobs.ts';
import { reportOf } from './report.ts';
import { play, type Course } from './run-history.ts';

/** A busy run: several requests at a time, writes that take their time, both models at work. */
const busy: Knobs = { ...quiet, concurrency: 4, rounds: 2, proposals: 2, diskMs: 8 };

const broken = async (course: Course): Promise<string | undefined> =>
  course.violations.length > 0 ? reportOf(course) : undefined;

describe('S04 the k-th operation of the disk fails', () => {
  for (const kind of ['full', 'broken', 'unheard'] as const)
    for (const lasts of ['once', 'for-ever'] as const)
      it(`${kind}, ${lasts}: every k comes to the same end`, async () => {
        for (let at = 1; at <= 200; at++) {
          const course = await play({ ...busy, diskFaults: [{ life: 0, at, lasts, kind }] });
          expect(await broken(course), `operation ${at}`).toBeUndefined();
        }
      });
});

describe('the k-th request fails', () => {
  for (const kind of Object.keys(callFaults) as CallFault[])
    it(`${kind}: every k comes to the same end`, async () => {
      for (let at = 1; at <= 60; at++) {
        const course = await play({ ...busy, callFault: { at, kind } });
        expect(await broken(course), `request ${at}`).toBeUndefined();
      }
    });
});

describe('the page is lost at the k-th step', () => {
  for (const befalls of ['crash', 'steal'] as const)
    it(`${befalls}: every k comes to the same end`, async () => {
      for (let tick = 1; tick <= 200; tick++) {
        const happening =
          befalls === 'crash' ? { tick, type: befalls, downMs: 10 } : { tick, type: befalls, leavesAfterMs: 5 };
        expect(await broken(await play({ ...busy, happenings: [happening] })), `step ${tick}`).toBeUndefined();
      }
    });
});

describe('the questions what two models accept, of which one gives in only at the third', () => {
  const asking: Knobs = { ...quiet, refuses: 2, sameLane: false, diskMs: 8 };

  it('each fail in each way: the same end', async () => {
    for (const kind of Object.keys(callFaults) as CallFault[])
      for (let at = 1; at <= 8; at++)
        expect(await broken(await play({ ...asking, callFault: { at, kind } })), `${kind} at ${at}`).toBeUndefined();
  });

  it('are interrupted at each step: the same end', async () => {
    for (let tick = 1; tick <= 48; tick++)
      for (const happening of [
        { tick, type: 'crash', downMs: 10 },
        { tick, type: 'steal', leavesAfterMs: 5 },
        { tick, type: 'pause', durationMs: 40 },
        { tick, type: 'offline', durationMs: 60_000 },
      ] as const)
        expect(
          await broken(await play({ ...asking, happenings: [happening] })),
          `${happening.type} at step ${tick}`,
        ).toBeUndefined();
  });
});
