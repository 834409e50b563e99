import { AppError } from '#core/error.ts';

/** Ours to mend: a wrong key, a value that cannot be cloned, a store that does not exist. They pass as they are. */
const ourMistakes = new Set([
  'ConstraintError',
  'DataCloneError',
  'DataError',
  'NotFoundError',
  'ReadOnlyError',
  'TransactionInactiveError',
]);

const unavailable = (reason: string, cause?: unknown): AppError =>
  new AppError('storage-unavailable', { reason }, cause);

/**
 * What the browser said, in our words. Its own AbortError must not get out: everywhere else that name means that a person pressed
 * Stop, and it would be passed over in silence.
 */
export function toStorageError(error: unknown): unknown {
  if (!(error instanceof DOMException) || ourMistakes.has(error.name)) return error;
  if (error.name === 'QuotaExceededError') return new AppError('storage-full', {}, error);
  return unavailable(`${error.name}: ${error.message}`, error);
}

/** Opening can fail in any way (private windows, blocked cookies, no IndexedDB at all), and to a person all of them are one. */
export function toOpeningError(error: unknown): AppError {
  const known = toStorageError(error);
  if (known instanceof AppError) return known as AppError;
  return unavailable(known instanceof Error ? `${known.name}: ${known.message}` : String(known), error);
}

/**
 * After such an error the database is not to be trusted until the page is loaded anew: after a full disk, Chromium was seen to take
 * writes, acknowledge them, and forget them.
 */
export const isPoisoned = (error: unknown): boolean => error instanceof DOMException && error.name === 'UnknownError';

export const closedByUs = (): AppError => unavailable('The storage of this page was closed.');
export const closedByBrowser = (): AppError =>
  unavailable('The browser closed the database: its data was cleared, or the disk is full or broken.');
export const silent = (): AppError => unavailable('The browser did not say whether it kept what was written.');
export const heldOpen = (): AppError =>
  unavailable('Another tab with this page keeps the data open. Close the other tabs of this page.');
