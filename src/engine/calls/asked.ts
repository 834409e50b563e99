import type { Clock } from '#lib/clock.ts';
import type { Completion, CompletionRequest, ModelClient } from '#core/completion.ts';
import { isAppError, isRetryable, type AppError } from '#core/error.ts';
import { callKey, type CallKey } from '#core/id.ts';
import type { Gate } from '../gate.ts';
import type { Ledger } from '../ledger.ts';
import type { AnswerCache } from '../seams.ts';

export type Answer = {
  readonly call: CallKey;
  readonly completion: Completion;
  /** Requests that were sent: 0 when the cache knew the answer. */
  readonly attempts: number;
};
/** A call that failed for good, with the requests that were sent for it. */
export type Failure = { readonly error: AppError; readonly attempts: number };

export type CallTools = {
  readonly client: ModelClient;
  readonly cache: AnswerCache;
  readonly ledger: Ledger;
  readonly gate: Gate;
  readonly clock: Clock;
};

/** Tries of one call before the run stops and asks the person. */
const tries = 5;
const firstDelayMs = 500;
const longestDelayMs = 30_000;

/**
 * One call through the cache, the gate, the ledger and the retries. A retryable failure waits (twice as long each time, or as long
 * as the server says) and is tried again; what is left is handed back as a failure with its count. Abort passes untouched.
 * The calls stay taken in the ledger until the caller has journaled them: `settle(attempts)`.
 */
export async function ask(
  request: CompletionRequest,
  tools: CallTools,
  signal: AbortSignal,
): Promise<Answer | Failure> {
  const call = callKey(tools.client.fingerprint, request);
  const known = await tools.cache.get(call);
  if (known) return { call, completion: known, attempts: 0 };
  let attempts = 0;
  for (;;) {
    await tools.gate.pass(signal);
    try {
      tools.ledger.take();
      attempts += 1;
      return { call, completion: await tools.client.complete(request, signal), attempts };
    } catch (error) {
      if (!isAppError(error)) {
        tools.ledger.settle(attempts);
        throw error;
      }
      if (!isRetryable[error.code] || attempts >= tries) return { error, attempts };
      await wait(error, attempts, tools, signal);
    }
  }
}

async function wait(error: AppError, attempts: number, tools: CallTools, signal: AbortSignal): Promise<void> {
  const hint =
    error.code === 'provider-rate-limited' ? (error.details as { retryAfterMs?: number }).retryAfterMs : undefined;
  const delayMs = hint ?? Math.min(longestDelayMs, firstDelayMs * 2 ** (attempts - 1));
  try {
    await tools.clock.sleep(delayMs, signal);
  } catch (reason) {
    tools.ledger.settle(attempts);
    throw reason;
  }
}
