import type { Clock } from './clock.ts';

type Signs = {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly withinMs: number;
  /** Settles when the browser says that the script of the thread is not there. It does not always say so. */
  readonly failed?: Promise<unknown> | undefined;
};

/**
 * The first answer of a thread that was just started. One whose script is not loaded never answers, and whoever waits for it would wait
 * for ever.
 * @param what the thread, as a sentence begins with it.
 */
export async function loaded<T>(what: string, answer: Promise<T>, { clock, withinMs, failed }: Signs): Promise<T> {
  const notLoaded = (): never => {
    throw new Error(`${what} could not be loaded. Are you online?`);
  };
  const stop = new AbortController();
  const signs = [clock.sleep(withinMs, stop.signal).then(notLoaded)];
  if (failed) signs.push(failed.then(notLoaded));
  try {
    return await Promise.race([answer, ...signs]);
  } finally {
    stop.abort();
  }
}

/** Settles with the first event that says that the script is not there. */
export const failureOf = (thread: EventTarget): Promise<unknown> =>
  new Promise((failed) => thread.addEventListener('error', failed, { once: true }));
