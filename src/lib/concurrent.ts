import { anySignal } from './abort.ts';

/**
 * Does `work` for each item, at most `limit` at a time, and settles when all that was started has come to its end. After the first
 * rejection nothing new starts; what is under way is finished (it may be paid for), then the rejection is passed on. Work that only
 * waits for its turn can listen to `halt`: it aborts with the first rejection, and with the signal.
 */
export async function forEachConcurrent<T>(
  items: readonly T[],
  limit: number,
  work: (item: T, halt: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const halting = new AbortController();
  const halt = anySignal(signal, halting.signal);
  let next = 0;
  let failure: { readonly error: unknown } | undefined;
  const lane = async (): Promise<void> => {
    while (next < items.length && !failure && !signal.aborted) {
      try {
        await work(items[next++] as T, halt);
      } catch (error) {
        failure ??= { error };
        halting.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(limit, items.length)) }, lane));
  if (failure) throw failure.error;
  signal.throwIfAborted();
}
