import type { CallKey } from '#core/id.ts';

/**
 * Calls that somebody is asking for now, over all runs of this worker. Whoever wants the same answer waits until it is on disk, and
 * finds it in the answer cache: two prompts that render alike, or two runs on the same data, pay once.
 */
export class UnderWay {
  readonly #calls = new Map<CallKey, Promise<void>>();

  /** Resolves when nobody else is asking for this call, with the function that lets the next one in. */
  async claim(call: CallKey, signal: AbortSignal): Promise<() => void> {
    for (;;) {
      signal.throwIfAborted();
      const other = this.#calls.get(call);
      if (!other) break;
      await unlessAborted(other, signal);
    }
    let release = (): void => undefined;
    const done = new Promise<void>((resolve) => {
      release = () => {
        if (this.#calls.get(call) === done) this.#calls.delete(call);
        resolve();
      };
    });
    this.#calls.set(call, done);
    return release;
  }
}

/** @throws the signal's reason, when it aborts before the work is done. */
function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    void work.then(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
  });
}
