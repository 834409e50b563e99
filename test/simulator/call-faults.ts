import { AppError } from '#core/error.ts';

/** Each way in which one request can fail; without an error: it is never answered. */
type Kind = { readonly charged: boolean; readonly error?: () => AppError };

const host = 'api.test';
const url = 'https://api.test';
const unreachable = (): AppError => new AppError('provider-unreachable', { url });
const overloaded = (): AppError => new AppError('provider-overloaded', { status: 503 });

export type CallFault =
  | 'rate without a hint'
  | 'rate with a hint'
  | 'overloaded'
  | 'overloaded with a hint'
  | 'overloaded, and charged'
  | 'lost before the answer'
  | 'lost after the answer'
  | 'hang'
  | 'hang, and charged'
  | 'malformed'
  | 'no credit'
  | 'key refused'
  | 'forbidden'
  | 'model unknown'
  | 'wrong address'
  | 'redirected';

export const callFaults: Readonly<Record<CallFault, Kind>> = {
  'rate without a hint': { charged: false, error: () => new AppError('provider-rate-limited', {}) },
  'rate with a hint': { charged: false, error: () => new AppError('provider-rate-limited', { retryAfterMs: 7000 }) },
  overloaded: { charged: false, error: overloaded },
  'overloaded with a hint': {
    charged: false,
    error: () => new AppError('provider-overloaded', { status: 503, retryAfterMs: 7000 }),
  },
  'overloaded, and charged': { charged: true, error: overloaded },
  'lost before the answer': { charged: false, error: unreachable },
  'lost after the answer': { charged: true, error: unreachable },
  hang: { charged: false },
  'hang, and charged': { charged: true },
  malformed: { charged: true, error: () => new AppError('provider-bad-answer', { found: '<html>' }) },
  'no credit': { charged: false, error: () => new AppError('provider-quota', { said: 'no credit' }) },
  'key refused': { charged: false, error: () => new AppError('provider-unauthorized', { status: 401, host }) },
  forbidden: { charged: false, error: () => new AppError('provider-forbidden', { status: 403, host, said: 'no' }) },
  'model unknown': { charged: false, error: () => new AppError('provider-model-unknown', { model: 'm', known: [] }) },
  'wrong address': { charged: false, error: () => new AppError('provider-wrong-address', { url, status: 404 }) },
  redirected: { charged: false, error: () => new AppError('provider-redirects', { url }) },
};
