/** The only caller of the ambient clock. Tests hand in their own. */
export type Clock = {
  /** Wall time, milliseconds since 1970: for reading and for charts, never for a decision. */
  now(): number;
  /** Monotonic time in milliseconds: for durations. */
  elapsedMs(): number;
  /** Resolves after the delay, rejects with the signal's reason when it aborts. */
  sleep(delayMs: number, signal: AbortSignal): Promise<void>;
};

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsedMs: () => performance.now(),
  sleep: (delayMs, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const stop = (): void => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', stop);
        resolve();
      }, delayMs);
      signal.addEventListener('abort', stop, { once: true });
    }),
};

/** How often it is looked whether the machine slept, and by how much a tick must be late to say so. */
const tickMs = 1000;
const sleptMs = 5000;

/** Tells when the machine (or the page) has slept: ticks of a second come much too late. Returns how to stop. */
export function watchSleep(clock: Clock, slept: () => void): () => void {
  const stop = new AbortController();
  const watch = async (): Promise<void> => {
    for (;;) {
      const [elapsed, wall] = [clock.elapsedMs(), clock.now()];
      await clock.sleep(tickMs, stop.signal);
      // a monotonic clock may stand still in sleep, and the wall clock may be set: the larger gap counts
      if (Math.max(clock.elapsedMs() - elapsed, clock.now() - wall) > tickMs + sleptMs) slept();
    }
  };
  watch().catch(() => undefined); // ends so when it is stopped
  return () => stop.abort();
}
