import { AppError } from '#core/error.ts';
import { anySignal } from '#lib/abort.ts';
import type { Clock } from '#lib/clock.ts';

/** A reason of our own: without one, each abort makes an error with a trace of the stack. */
const ended = 'the work has ended';

/** A timer this late has slept with the machine, and an answer that came meanwhile is delivered after it: wait for that. */
const lateMs = 2000;
const graceMs = 5000;

/**
 * Does the work and gives it up when it takes too long.
 * @throws AppError `provider-timeout`.
 */
export async function withDeadline<T>(
  afterMs: number,
  clock: Clock,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const deadline = new AbortController();
  const done = new AbortController();
  const watch = async (): Promise<void> => {
    const from = clock.elapsedMs();
    await clock.sleep(afterMs, done.signal);
    if (clock.elapsedMs() - from > afterMs + lateMs) await clock.sleep(graceMs, done.signal);
    deadline.abort(new AppError('provider-timeout', { afterMs }));
  };
  watch().catch(() => undefined); // ends so when the work is done
  try {
    return await work(anySignal(signal, deadline.signal));
  } catch (error) {
    signal.throwIfAborted();
    throw deadline.signal.aborted ? deadline.signal.reason : error;
  } finally {
    done.abort(ended);
  }
}
