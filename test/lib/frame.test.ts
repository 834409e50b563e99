import { describe, expect, it } from 'vitest';
import { oncePerFrame } from '#lib/frame.ts';

/** A page whose frames come every 16 ms and whose drawing takes as long as it is told. */
function page(drawingMs: number) {
  let now = 0;
  const waiting: { readonly at: number; readonly run: () => void }[] = [];
  const add = (delayMs: number, run: () => void): void => {
    waiting.push({ at: now + delayMs, run });
  };
  return {
    frames: {
      clock: { elapsedMs: () => now },
      nextFrame: (run: () => void) => add(16, run),
      later: (run: () => void, delayMs: number) => add(delayMs, run),
    },
    draw: () => {
      now += drawingMs;
    },
    /** Lets time pass; entries come in all the while. */
    pass(durationMs: number, each: () => void) {
      const until = now + durationMs;
      while (now < until) {
        each();
        const due = waiting.filter(({ at }) => at <= now);
        for (const one of due) waiting.splice(waiting.indexOf(one), 1);
        for (const { run } of due) run();
        now += 1;
      }
    },
  };
}

describe('what is shown at most once a frame', () => {
  it('P15 is shown a few times a second, not ten thousand times, while a hundred thousand entries come in', () => {
    for (const [drawingMs, most] of [
      [0, 1000],
      [5, 200],
      [50, 25],
      [400, 8],
    ] as const) {
      const one = page(drawingMs);
      let shown = 0;
      const refresh = oncePerFrame(() => {
        shown += 1;
        one.draw();
      }, one.frames);
      one.pass(10_000, () => {
        for (let entry = 0; entry < 10; entry++) refresh();
      });
      expect(shown, `${drawingMs} ms to draw`).toBeGreaterThan(3);
      expect(shown * drawingMs, `${drawingMs} ms to draw`).toBeLessThanOrEqual(2500);
      expect(shown).toBeLessThanOrEqual(most);
    }
  });

  it('shows the last state, even when nothing follows it', () => {
    const one = page(0);
    let value = 0;
    let seen = -1;
    const refresh = oncePerFrame(() => (seen = value), one.frames);
    one.pass(500, () => {
      value += 1;
      refresh();
    });
    one.pass(500, () => undefined);
    expect(seen).toBe(value);
  });
});
