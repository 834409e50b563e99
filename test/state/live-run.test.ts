import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '#core/run.ts';
import { LiveRun } from '#state/live-run.svelte.ts';
import { finishedRun, type HandMadeRun } from '../support/hand-made-run.ts';

/** A window on a run whose journal is as long as the test says. */
function open(run: HandMadeRun, written: number) {
  let hear: (entries: readonly JournalEntry[]) => void = () => undefined;
  const journal = { length: written };
  const reads: number[] = [];
  const live = new LiveRun(
    run.spec.id,
    {
      read: (_, from = 0) => {
        reads.push(from);
        return Promise.resolve(run.entries.slice(from, journal.length));
      },
    },
    (_, listener) => {
      hear = listener;
      return () => undefined;
    },
    (show) => show,
  );
  return { live, journal, reads, hear: (from: number, to: number) => hear(run.entries.slice(from, to)) };
}

describe('a window on a run', () => {
  it('shows what it is told, however often', async () => {
    const run = finishedRun();
    const { live, hear } = open(run, 5);
    await live.loaded;
    hear(3, 12);
    hear(3, 12);
    hear(12, run.entries.length);
    expect(live.report).toEqual(run.report);
  });

  it('reads what it was not told when there is a gap, as after taking over from another tab', async () => {
    const run = finishedRun();
    const { live, journal, hear } = open(run, 5);
    await live.loaded;
    journal.length = run.entries.length;
    hear(20, 24);
    await expect.poll(() => live.report?.end).toEqual(run.report.end);
    expect(live.report).toEqual(run.report);
  });

  it('reads on once for any number of hints that come meanwhile', async () => {
    const run = finishedRun();
    const { live, journal, reads } = open(run, 5);
    await live.loaded;
    journal.length = run.entries.length;
    await Promise.all([live.catchUp(), live.catchUp(), live.catchUp()]);
    expect(live.report).toEqual(run.report);
    expect(reads.length).toBeLessThanOrEqual(3);
  });
});
