/** Aborting is not failing: an AbortError passes through every layer untouched, is never shown and never journaled. */
export function isAbortError(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

/** A signal that aborts when any of the given ones does. */
export const anySignal = (...signals: readonly AbortSignal[]): AbortSignal => AbortSignal.any([...signals]);
