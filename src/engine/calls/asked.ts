import type { Clock } from '#lib/clock.ts';
import type { Random } from '#lib/random.ts';
import type { Completion, CompletionRequest, ModelClient } from '#core/completion.ts';
import { AppError, isAppError } from '#core/error.ts';
import { callKey, type CallKey } from '#core/id.ts';
import type { ModelRole } from '#core/run.ts';
import type { Committer } from '../committer.ts';
import type { Gate } from '../gate.ts';
import { worstCase, type Ledger, type Reserve } from '../ledger.ts';
import type { RunState } from '../run-state.ts';
import type { AnswerCache } from '../seams.ts';
import type { Permit } from './limiter.ts';
import {
  classify,
  mostBadAnswersInARow,
  retryDelayMs,
  toldByServer,
  type FailureClass,
  type Policy,
  type RetryBudget,
} from './policy.ts';
import type { Slots } from './slots.ts';
import type { Lane } from './traffic.ts';
import type { UnderWay } from './under-way.ts';

/** What an answer took: its request, as written down, and what was set aside for it. */
export type Paid = { readonly attempt: string; readonly reserve: Reserve };

export type Answer = {
  readonly call: CallKey;
  readonly completion: Completion;
  /** Absent when the answer cache knew it. */
  readonly paid?: Paid;
  /** To be called when the answer is on disk, or given up: who waits for the same answer looks for it then. */
  readonly release: () => void;
};
/** A call that failed for good. What was sent for it is in the journal. */
export type Failure = { readonly error: AppError };

export type CallTools = {
  readonly role: ModelRole;
  readonly client: ModelClient;
  readonly cache: AnswerCache;
  readonly ledger: Ledger;
  readonly gate: Pick<Gate, 'isOpen' | 'pass'>;
  readonly clock: Clock;
  readonly committer: Committer;
  readonly state: RunState;
  /** Shared by all runs that ask at the same address. */
  readonly lane: Lane;
  /** For delays that keep calls that failed together from coming back together. */
  readonly random: Random;
  readonly retries: RetryBudget;
  readonly underWay: UnderWay;
  /** Aborts when a request that is not sent yet must not be sent any more, because the work has failed elsewhere. */
  readonly halt?: AbortSignal;
  /**
   * Places for the requests under way, where more are asked for than may be: those that wait for a place are made ready meanwhile, and
   * go the moment that one is free.
   */
  readonly slots?: Slots;
  /** A name for the next request, unique within the run. */
  readonly nextAttempt: () => string;
};

/** A request that was cut off so often, with nobody knowing what became of it, is sent again only when a person says so. */
const mostLost = 3;
/** One lost connection, or two, can befall any call. From then on it is looked whether the server lets this page in at all. */
const silencesToDoubt = 2;

/**
 * One call: cache → the same call under way elsewhere → gate → ledger → place → limiter → written down → sent. What fails is journaled at
 * once and tried again as the policy has it; what fails for good is handed back. Abort passes through.
 *
 * What an answer took stays set aside until the caller has journaled it: `paid`.
 */
export async function ask(
  request: CompletionRequest,
  tools: CallTools,
  signal: AbortSignal,
): Promise<Answer | Failure> {
  const call = callKey(tools.client.fingerprint, request);
  const waiting = tools.halt ?? signal;
  for (;;) {
    // a run that is paused holds no claim: others may want the same answer
    await tools.gate.pass(waiting);
    // claimed before the cache is looked at: an answer that is just being written is either waited for or found
    const release = await tools.underWay.claim(call, waiting);
    let answered = false;
    try {
      const known = await tools.cache.get(call);
      const answer = known ? { completion: known } : await askAnew(call, request, tools, signal);
      if (answer === 'not now') continue;
      if ('error' in answer) return answer;
      answered = true;
      return { call, ...answer, release };
    } finally {
      if (!answered) release();
    }
  }
}

async function askAnew(
  call: CallKey,
  request: CompletionRequest,
  tools: CallTools,
  signal: AbortSignal,
): Promise<{ readonly completion: Completion; readonly paid: Paid } | Failure | 'not now'> {
  const times = tools.state.lost.get(call) ?? 0;
  if (times >= mostLost) return { error: new AppError('call-lost-often', { times }) };
  const reserve: Reserve = { role: tools.role, usage: worstCase(request) };
  const { limiter, record } = tools.lane;
  const deadlines = tools.lane.deadlines.of(tools.client.fingerprint, request);
  /** Failures of this call by class; while the server is down they say nothing about the call. */
  const failures = new Map<FailureClass, number>();
  let silences = 0;
  for (;;) {
    const leave = await leaveToSend(call, reserve, tools, tools.halt ?? signal);
    if (!leave) return 'not now';
    // asked at the very moment of sending: the note may have taken long, for a disk can be slow, or full for hours
    if (limiter.isHeld || !mayGo(reserve, tools, tools.halt ?? signal)) {
      await leave.holdBack();
      return 'not now';
    }
    const { permit, attempt, done } = leave;
    let failure: AppError;
    try {
      const completion = await tools.client.complete(request, signal, {
        deadlineMs: deadlines.next(failures.get('timeout')),
        neverHeard: !record.heard && silences >= silencesToDoubt,
        hear: (hint) => limiter.hear(hint),
      });
      done();
      const { usage, latencyMs } = completion;
      tools.ledger.answered(reserve, usage);
      permit.succeeded({ latencyMs, tokens: usage.inputTokens + usage.outputTokens });
      deadlines.answered(latencyMs);
      tools.retries.succeeded();
      record.badAnswers = 0;
      record.heard = true;
      return { completion, paid: { attempt, reserve } };
    } catch (error) {
      done();
      failure = isAppError(error) ? error : new AppError('call-aborted', {}, error);
      record.failure = failure;
      tell(permit, classify(failure), failure);
      await journalFailure(call, attempt, reserve, failure, tools);
      if (!isAppError(error)) throw error;
    }
    const policy = classify(failure);
    if (policy.class === 'network') silences += 1;
    else if (saysSomething(policy, failure)) record.heard = true;
    if (policy.action !== 'retry' && policy.action !== 'wait') return { error: failure };
    if (permit.isProbe || limiter.isBroken) continue;
    const failed = (failures.get(policy.class) ?? 0) + 1;
    failures.set(policy.class, failed);
    if (failed >= policy.mostTries) return { error: failure };
    if (policy.class === 'no-answer' && ++record.badAnswers >= mostBadAnswersInARow) {
      record.badAnswers = 0;
      return { error: failure };
    }
    const spent = policy.countsForRetryBudget ? tools.retries.failed(failure) : undefined;
    if (spent) return { error: spent };
    const delayMs = retryDelayMs(policy, failed, tools.random);
    if (delayMs > 0) await tools.clock.sleep(delayMs, tools.halt ?? signal);
  }
}

/** A mistake of ours counts like a request that was cut off: it may be charged. */
const journalFailure = (
  call: CallKey,
  attempt: string,
  reserve: Reserve,
  error: AppError,
  tools: CallTools,
): Promise<void> =>
  tools.committer.commit({
    events: [
      {
        type: 'call-failed',
        role: reserve.role,
        call,
        code: error.code,
        charged: classify(error).charged,
        reserved: reserve.usage,
      },
    ],
    settled: [attempt],
    applied: () => tools.ledger.settle(reserve),
  });

/** Whether nothing was said meanwhile that keeps a request back: Pause, Stop, a lower budget, or trouble elsewhere. */
const mayGo = (reserve: Reserve, { gate, ledger }: CallTools, signal: AbortSignal): boolean =>
  gate.isOpen && !signal.aborted && ledger.fits(reserve);

/** `attempt`: the request as it was written down. `done`: to be called when it has come to its end. `holdBack`: it is not sent after all. */
type Leave = {
  readonly permit: Permit;
  readonly attempt: string;
  readonly done: () => void;
  readonly holdBack: () => Promise<void>;
};

/**
 * Everything that must say yes, and the note on disk; undefined when Pause was pressed or the budget lowered meanwhile. Nothing is sent
 * that is not on disk: after a crash it is known what may have been charged. Who waits for a place is written down while it waits,
 * unless the limiter would hold it up: a note that stands there for long makes a crash look dearer than it was.
 */
async function leaveToSend(
  call: CallKey,
  reserve: Reserve,
  tools: CallTools,
  signal: AbortSignal,
): Promise<Leave | undefined> {
  const { ledger, slots, lane } = tools;
  const size = { tokens: reserve.usage.inputTokens + reserve.usage.outputTokens };
  await ledger.take(reserve, signal);
  let attempt: string | undefined;
  let permit: Permit | undefined;
  let done = (): void => undefined;
  /** What was written down and will not be sent is no request. Said once: of what cannot be said, a crash will seem to have cost it. */
  const takeBack = async (): Promise<void> => {
    const settled = attempt === undefined ? [] : [attempt];
    attempt = undefined;
    if (settled.length > 0) await tools.committer.commit({ events: [], settled });
  };
  /** Gives everything back: what was not sent counts for nothing. */
  const holdBack = async (): Promise<void> => {
    permit?.settled();
    done();
    await takeBack().finally(() => ledger.settle(reserve));
  };
  try {
    if (slots?.areTaken && lane.limiter.isFree(size)) attempt = await writeDown(call, reserve, tools);
    done = (await slots?.take(signal)) ?? done;
    if (!lane.limiter.isFree(size)) await takeBack();
    permit = await lane.limiter.admit(size, signal);
    if (mayGo(reserve, tools, signal)) {
      attempt ??= await writeDown(call, reserve, tools);
      return { permit, attempt, done, holdBack };
    }
  } catch (error) {
    await holdBack();
    throw error;
  }
  await holdBack();
  return undefined;
}

async function writeDown(call: CallKey, reserve: Reserve, { committer, nextAttempt }: CallTools): Promise<string> {
  const id = nextAttempt();
  await committer.commit({ events: [], sent: [{ id, call, role: reserve.role, reserved: reserve.usage }] });
  return id;
}

/** Failures that came from the server itself, in words that could be read. */
const saysSomething = ({ class: kind }: Policy, { code }: AppError): boolean =>
  toldByServer.has(kind) && code !== 'provider-cors';

/** What the limiter has to know of a failure. */
function tell(permit: Permit, policy: Policy, error: AppError): void {
  const { retryAfterMs } = error.details as { readonly retryAfterMs?: number };
  const hint = retryAfterMs === undefined ? {} : { waitMs: retryAfterMs };
  if (policy.class === 'rate') permit.rejected(hint);
  else if (policy.class === 'overload') permit.broke({ reason: 'overload', ...hint });
  else if (policy.class === 'network') permit.broke({ reason: 'network' });
  else permit.settled({ answered: toldByServer.has(policy.class) });
}
