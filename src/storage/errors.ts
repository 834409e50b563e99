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

/** What stands in the way, where it is not the browser that keeps nothing at all. */
type InTheWay = { readonly title: string; readonly remedy: string };

const unavailable = (reason: string, inTheWay?: InTheWay, cause?: unknown): AppError =>
  new AppError('storage-unavailable', { reason, ...inTheWay }, cause);

const broken: InTheWay = {
  title: 'The browser no longer keeps anything for this page',
  remedy:
    'Load the page again: what was saved is still there. If it stays so, restart the browser and see that the disk is not full.',
};

/**
 * What the browser said, in our words. Its own AbortError must not get out: everywhere else that name means that a person pressed
 * Stop, and it would be passed over in silence.
 */
export function toStorageError(error: unknown): unknown {
  if (!(error instanceof DOMException) || ourMistakes.has(error.name)) return error;
  if (error.name === 'QuotaExceededError') return new AppError('storage-full', {}, error);
  return unavailable(`${error.name}: ${error.message}`, broken, error);
}

/**
 * Opening can fail in any way (private windows, blocked cookies, no IndexedDB at all), and to a person all of them are one; but for a
 * disk that is full or fails.
 */
export function toOpeningError(error: unknown): AppError {
  if (error instanceof AppError) return error as AppError;
  const known = toStorageError(error);
  if (known instanceof AppError && (known.code === 'storage-full' || isPoisoned(error))) return known as AppError;
  return unavailable(error instanceof Error ? `${error.name}: ${error.message}` : String(error), undefined, error);
}

/**
 * After such an error the database is not to be trusted until the page is loaded anew: after a full disk, Chromium was seen to take
 * writes, acknowledge them, and forget them.
 */
export const isPoisoned = (error: unknown): boolean => error instanceof DOMException && error.name === 'UnknownError';

export const closedByUs = (): AppError => unavailable('The storage of this page was closed.', broken);
export const closedByBrowser = (): AppError =>
  unavailable('The browser closed the database: its data was cleared, or the disk is full or broken.', broken);
export const silent = (): AppError => unavailable('The browser did not say whether it kept what was written.', broken);
export const heldOpen = (): AppError =>
  unavailable('Another tab with this page keeps the data open.', {
    title: 'Another tab is in the way',
    remedy: 'Close the other tabs of this page, or load them again; then load this one again.',
  });
