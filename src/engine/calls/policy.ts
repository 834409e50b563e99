import { AppError, type ErrorCode } from '#core/error.ts';
import { describeError } from '#core/messages.ts';
import type { Random } from '#lib/random.ts';

/** What kind of trouble a failure is. Failures of one class in one call are counted together. */
export type FailureClass =
  | 'rate'
  | 'overload'
  | 'network'
  | 'timeout'
  | 'account'
  /** The key, or what it may do. */
  | 'permission'
  /** Something came that does not speak the protocol. */
  | 'no-answer'
  | 'set-up'
  /** This row cannot be answered. */
  | 'row'
  /** Something that the model promised is missing. */
  | 'ability'
  | 'storage'
  /** Of ours. */
  | 'mistake';

/** Trouble that a server told of itself: it is there, and it speaks. */
export const toldByServer: ReadonlySet<FailureClass> = new Set([
  'rate',
  'overload',
  'account',
  'permission',
  'no-answer',
  'set-up',
  'row',
]);
/** Trouble after which the same request may be paid for twice. */
const retriedTogether: ReadonlySet<FailureClass> = new Set(['overload', 'network', 'timeout', 'no-answer']);

export type Policy = {
  readonly class: FailureClass;
  /**
   * `retry`: ask again, after `retryDelayMs`; `wait`: ask again when the limiter says so; `ask`: pause the run, a person decides;
   * `fail-row`: this row has no answer, the run goes on; `stop`: nothing can be decided.
   */
  readonly action: 'retry' | 'wait' | 'ask' | 'fail-row' | 'stop';
  /** Failures of this class in one call before the action becomes `ask`. Failures while the breaker is open do not count. */
  readonly mostTries: number;
  readonly charged: 'no' | 'maybe';
  /** Whether it is one of the failures that `RetryBudget` holds together. */
  readonly countsForRetryBudget: boolean;
};

const rate: Policy = row('rate', 'wait', 'no', Infinity);
const overload: Policy = row('overload', 'retry', 'maybe', 12);
const network: Policy = row('network', 'retry', 'maybe', 12);
const timeout: Policy = row('timeout', 'retry', 'maybe', 3);
const account: Policy = row('account', 'ask', 'no');
const permission: Policy = row('permission', 'ask', 'no');
const badAnswer: Policy = row('no-answer', 'retry', 'maybe', 4);
const setup: Policy = row('set-up', 'ask', 'no');
const thisRow: Policy = row('row', 'fail-row', 'no');
const ability: Policy = row('ability', 'ask', 'maybe');
const storage: Policy = row('storage', 'ask', 'maybe');
const mistake: Policy = row('mistake', 'stop', 'maybe');

/** Codes that a call can end with. A new one does not compile until it has a class. */
type CallCode = Extract<ErrorCode, `${'provider' | 'row' | 'storage' | 'call' | 'logprobs'}-${string}`>;

const table: Readonly<Record<CallCode, Policy>> = {
  'provider-rate-limited': rate,
  'provider-overloaded': overload,
  'provider-unreachable': network,
  'provider-timeout': timeout,
  'provider-quota': account,
  'provider-unauthorized': permission,
  'provider-forbidden': permission,
  'provider-cors': permission,
  'provider-bad-answer': badAnswer,
  'provider-wrong-address': setup,
  'provider-model-unknown': setup,
  'provider-redirects': setup,
  'provider-parameter': setup,
  // a refusal without a reason that we know: the row may be to blame; when it is not, the circuit of failing rows asks
  'provider-rejected': thisRow,
  'row-too-long': thisRow,
  'row-filtered': thisRow,
  'logprobs-missing': ability,
  'storage-full': storage,
  'storage-unavailable': storage,
  'storage-newer': storage,
  'call-lost-often': row('timeout', 'ask', 'maybe'),
  'call-aborted': row('timeout', 'stop', 'maybe'),
};

function row(name: FailureClass, action: Policy['action'], charged: Policy['charged'], mostTries = 1): Policy {
  return { class: name, action, mostTries, charged, countsForRetryBudget: retriedTogether.has(name) };
}

const isCallCode = (code: ErrorCode): code is CallCode => Object.hasOwn(table, code);

/** What is to be done about a failed call. */
export const classify = ({ code }: Pick<AppError, 'code'>): Policy => (isCallCode(code) ? table[code] : mistake);

/** Answers that are none in a row, from whatever call, after which the address does not speak the protocol and a person is asked. */
export const mostBadAnswersInARow = 5;

const firstDelayMs = 500;
const longestDelayMs = 60_000;

/**
 * How long to wait before a call is tried again: drawn from a span that doubles with each failure, so that calls that failed together
 * do not come back together. The limiter's own waits come on top.
 * @param failures how often this call has failed, from 1.
 */
export function retryDelayMs({ action }: Policy, failures: number, random: Pick<Random, 'next'>): number {
  return action === 'retry' ? random.next() * Math.min(longestDelayMs, firstDelayMs * 2 ** failures) : 0;
}

/**
 * Failures that may have been charged must not pile up unseen: together they stay below a fixed number and a share of the answers.
 * Failures while the breaker is open are not told to it, so that a long outage does not use it up.
 */
export class RetryBudget {
  static readonly free = 50;
  static readonly share = 0.1;
  #failed = 0;
  #answered = 0;

  succeeded(): void {
    this.#answered++;
  }

  /** Counts a failure that is about to be tried again. The error to stop with when the budget is spent. */
  failed(error: AppError): AppError<'retries-spent'> | undefined {
    this.#failed++;
    if (this.#failed <= RetryBudget.free + RetryBudget.share * this.#answered) return undefined;
    return new AppError('retries-spent', {
      failed: this.#failed,
      answered: this.#answered,
      last: describeError(error.code, error.details).sentence,
    });
  }
}
