import { systemClock, type Clock } from './clock.ts';

/** A page that shows something new rests this many times as long as the showing took: it stays free for whoever uses it. */
const rest = 9;
const longestRestMs = 2000;

export type Frames = {
  readonly clock: Pick<Clock, 'elapsedMs'>;
  readonly nextFrame: (run: () => void) => void;
  /** When what is under way, the drawing included, is done and so much time has passed. */
  readonly later: (run: () => void, delayMs: number) => void;
};

const browserFrames: Frames = {
  clock: systemClock,
  nextFrame: (run) => requestAnimationFrame(run),
  later: (run, delayMs) => setTimeout(run, delayMs),
};

/**
 * Calls `run` at most once per animation frame, however often the returned function is called, and less often where `run` and the
 * drawing that follows it take long: a run with a hundred thousand answers must not keep the page from being used.
 */
export function oncePerFrame(run: () => void, { clock, nextFrame, later }: Frames = browserFrames): () => void {
  let state: 'idle' | 'waiting' | 'resting' = 'idle';
  let again = false;
  const ask = (): void => {
    state = 'waiting';
    nextFrame(() => {
      state = 'resting';
      const began = clock.elapsedMs();
      run();
      later(() => {
        const tookMs = clock.elapsedMs() - began;
        later(
          () => {
            state = 'idle';
            if (!again) return;
            again = false;
            ask();
          },
          Math.min(longestRestMs, rest * tookMs),
        );
      }, 0);
    });
  };
  return () => {
    if (state === 'idle') ask();
    else if (state === 'resting') again = true;
  };
}
