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
