import type { Capabilities, CallOptions, Completion, CompletionRequest, ModelClient, Usage } from '#core/completion.ts';
import { AppError } from '#core/error.ts';
import type { Dataset } from '#core/example.ts';
import type { CallKey, RunId } from '#core/id.ts';
import type { ModelRole } from '#core/run.ts';
import { classify, type FailureClass } from '#engine/calls/policy.ts';
import { worstCase } from '#engine/ledger.ts';
import { probeFingerprint } from '#engine/models.ts';
import { createRandom } from '#lib/random.ts';
import { probe } from '#providers/openai/probe.ts';
import { answerProbe, refusalOf, type Character } from '../support/asking.ts';
import { callFaults } from './call-faults.ts';
import type { Disk, Writer } from './disk.ts';
import { noFaults, type Faults } from './knobs.ts';
import { costOf, numberOf, tokensIn, type World } from './world.ts';

const patienceMs = 120_000;
/** What only a person can mend. */
const asksPerson: ReadonlySet<FailureClass> = new Set(['account', 'permission', 'set-up']);

/** What became of a request: known when it arrives, told when it is answered. */
type Fate = { readonly afterMs: number; readonly charged: boolean; readonly error?: AppError; readonly lie?: Usage };

/** What the oracle remembers of one life of the engine. */
export type Watched = Writer & {
  /** By lane, until when the server wants to be left alone, and when that was heard. */
  readonly holds: Map<string, { readonly until: number; readonly heardAt: number }>;
  /** When a failure was told that only a person can mend, since the person last did something. */
  askedAt: number | undefined;
  afterAsked: number;
  /** The person has pressed Pause, and not Resume since. */
  isPaused: boolean;
  readonly endings: Set<() => void>;
};

/** Which model is asked. */
type From = { readonly role: ModelRole; readonly lane: string; readonly model: string };

/** A provider with faults, and its books: what was asked, and what is charged. */
export class Provider {
  /** Requests that were charged, by call. */
  readonly charged = new Map<CallKey, number>();
  sent = 0;
  rejected = 0;
  problem: 'key-revoked' | 'quota-ended' | 'forbidden' | undefined;
  offlineUntil = 0;
  outageUntil = 0;
  spikeUntil = 0;
  /** Calm: the person wants the run to end, and nothing breaks any more. */
  calm = false;
  readonly #world: World;
  readonly #disk: Disk;
  readonly #run: RunId;
  readonly #random;
  readonly #labels: ReadonlyMap<string, string>;
  readonly #bad: ReadonlySet<string>;
  #faults = 0;
  #tokens: { level: number; at: number } | undefined;
  #spentTokens = 0;
  #spentUsd = 0;

  constructor(world: World, disk: Disk, dataset: Dataset, run: RunId) {
    this.#world = world;
    this.#run = run;
    this.#disk = disk;
    this.#random = createRandom(`provider ${world.knobs.seed}`);
    this.#labels = new Map(dataset.examples.map(({ inputs, targets }) => [inputs['text'] ?? '', targets[0] ?? '']));
    this.#bad = new Set(dataset.examples.slice(0, world.knobs.badRows).map(({ inputs }) => inputs['text'] ?? ''));
  }

  client(life: Watched, role: ModelRole): ModelClient {
    const { knobs } = this.#world;
    const from: From = knobs.sameLane
      ? { role, lane: 'one', model: 'simulated by the test' }
      : { role, lane: role, model: `simulated by the test for ${role}` };
    return {
      fingerprint: from.model,
      lane: from.lane,
      mostInFlight: knobs.mostInFlight,
      complete: (request, signal, options = {}) => this.#complete(life, from, request, signal, options),
      probe,
    };
  }

  async #complete(
    life: Watched,
    from: From,
    request: CompletionRequest,
    signal: AbortSignal,
    options: CallOptions,
  ): Promise<Completion> {
    signal.throwIfAborted();
    const { clock } = this.#world;
    const { role, lane } = from;
    const { accepts } = options;
    const call = this.#dispatched(life, from, request, accepts);
    const fate = this.#fateOf(role, request, accepts);
    const usage = usageOf(request);
    const reserve = worstCase(request);
    if (fate.charged) this.charged.set(call, (this.charged.get(call) ?? 0) + 1);
    this.#spend(reserve);
    const end = (): void => {
      if (!life.endings.delete(end)) return;
      this.#spend(reserve, -1);
      if (fate.charged) this.#spend(usage);
    };
    life.endings.add(end);
    const deadlineMs = Math.min(patienceMs, options.deadlineMs ?? patienceMs);
    try {
      this.#world.tick();
      await life.guard(clock.sleep(Math.min(fate.afterMs, deadlineMs), signal));
    } finally {
      end();
    }
    this.#world.tick();
    if (life.dead) return new Promise(() => undefined);
    const error = fate.afterMs > deadlineMs ? new AppError('provider-timeout', { afterMs: deadlineMs }) : fate.error;
    this.#world.note(`answer ${life.index} ${call.slice(0, 6)} ${error?.code ?? 'ok'}`);
    if (error) {
      this.#told(life, lane, error);
      throw error;
    }
    const said = accepts ? answerProbe(request, accepts, this.#character(role)) : this.#answer(request, life);
    return { ...said, usage: fate.lie ?? usage, latencyMs: fate.afterMs };
  }

  /** All that must hold whenever a request leaves the machine. */
  #dispatched(life: Watched, { role, lane, model }: From, request: CompletionRequest, accepts?: Capabilities): CallKey {
    const world = this.#world;
    const call = world.keyOf(request, accepts ? probeFingerprint(model, this.#run, accepts) : model);
    const now = world.clock.elapsedMs();
    const name = `${role} ${call.slice(0, 6)} of life ${life.index}`;
    world.note(`send ${name}`);
    this.sent += 1;
    const written = this.#disk.take(life.index, call);
    if (!written) world.violated('P4', `${name} was sent without being written down`);
    if (this.#disk.broughtBy.get(call) === life.index) world.violated('P2', `${name} was sent though it is answered`);
    if (life.isPaused) world.violated('pause', `${name} was sent after Pause`);
    const hold = life.holds.get(lane);
    if (hold && written && now < hold.until - 0.5 && written.submittedAt > hold.heardAt + 2 * world.knobs.diskMs)
      world.violated('P7', `${name} was sent at ${now}, ${hold.until - now} ms before the server wanted it`);
    if (life.askedAt !== undefined && written && written.submittedAt > life.askedAt + world.knobs.diskMs * 2) {
      life.afterAsked += 1;
      if (life.afterAsked > 1)
        world.violated('P8', `${life.afterAsked} requests after a failure that a person must mend`);
    }
    this.#checkBudget(name, written?.budget ?? world.budget, request);
    return call;
  }

  #checkBudget(name: string, before: World['budget'], request: CompletionRequest): void {
    const world = this.#world;
    const most = (of: (budget: World['budget']) => number | undefined): number => {
      const now = of(world.budget) ?? Infinity;
      return Math.max(now, of(before) ?? Infinity);
    };
    if (this.sent > most((budget) => budget.calls))
      world.violated('P5', `${name} is call ${this.sent} of ${world.budget.calls}`);
    if (world.knobs.faults.lies > 0) return;
    const reserve = worstCase(request);
    const tokens = this.#spentTokens + tokensIn(reserve);
    if (tokens > most(({ tokens: allowed }) => allowed))
      world.violated('P5', `${name} could make it ${tokens} of ${world.budget.tokens ?? 0} tokens`);
    const cost = this.#spentUsd + costOf(reserve);
    if (cost > most(({ costUsd }) => costUsd) + 1e-9)
      world.violated('P5', `${name} could make it $${cost} of $${world.budget.costUsd ?? 0}`);
  }

  #spend(usage: Usage, sign = 1): void {
    this.#spentTokens += sign * tokensIn(usage);
    this.#spentUsd += sign * costOf(usage);
  }

  #told(life: Watched, lane: string, error: AppError): void {
    const now = this.#world.clock.elapsedMs();
    const { retryAfterMs } = error.details as { readonly retryAfterMs?: number };
    if (retryAfterMs !== undefined) {
      const until = Math.max(now + retryAfterMs, life.holds.get(lane)?.until ?? 0);
      life.holds.set(lane, { until, heardAt: now });
    }
    // what the model does not accept is left out, and nobody is asked
    if (asksPerson.has(classify(error).class) && error.code !== 'provider-parameter') life.askedAt ??= now;
  }

  /** What comes of the questions of a probe. */
  #character(role: ModelRole): Character {
    const { refuses, topLogprobs } = this.#world.knobs;
    return { refuses: ['seed', 'stop'].slice(0, refuses), gives: role === 'evaluation' ? topLogprobs : 0 };
  }

  #fateOf(role: ModelRole, request: CompletionRequest, accepts: Capabilities | undefined): Fate {
    const { knobs, clock } = this.#world;
    const random = this.#random;
    const now = clock.elapsedMs();
    const slow = now < this.spikeUntil ? 20 : 1;
    const afterMs = knobs.latencyMs * slow * (0.5 + random.next());
    const soonMs = Math.min(afterMs, 50);
    const failed = (error: AppError, charged = false, after = soonMs): Fate => ({ afterMs: after, charged, error });
    if (now < this.offlineUntil) return failed(unreachable(), false, 5);
    if (this.problem === 'key-revoked')
      return failed(new AppError('provider-unauthorized', { status: 401, host: 'api.test' }));
    if (this.problem === 'quota-ended') return failed(new AppError('provider-quota', { said: 'no credit' }));
    if (this.problem === 'forbidden')
      return failed(new AppError('provider-forbidden', { status: 403, host: 'api.test', said: 'no' }));
    const waitMs = this.#bucketWaitMs(now);
    if (waitMs > 0) {
      this.rejected += 1;
      return failed(new AppError('provider-rate-limited', knobs.faults.bucket?.hints ? { retryAfterMs: waitMs } : {}));
    }
    if (now < this.outageUntil) return failed(new AppError('provider-overloaded', { status: 503 }));
    const refusal = accepts && refusalOf(accepts, this.#character(role));
    if (refusal) return failed(refusal);
    if (role === 'evaluation' && this.#bad.has(textIn(request)))
      return failed(new AppError('row-too-long', { said: 'context length exceeded' }));
    const faults = this.calm || this.#faults >= knobs.faults.most ? noFaults : knobs.faults;
    const { callFault } = knobs;
    if (callFault?.at === this.sent) {
      const { error, charged } = callFaults[callFault.kind];
      return { afterMs: error ? afterMs : Infinity, charged, ...(error ? { error: error() } : {}) };
    }
    const fate = this.#broken(faults, afterMs, request);
    if (fate) this.#faults += 1;
    return fate ?? { afterMs, charged: true };
  }

  #broken(faults: Faults, afterMs: number, request: CompletionRequest): Fate | undefined {
    const chance = (share: number): boolean => share > 0 && this.#random.next() < share;
    const hint = faults.hintMs === undefined ? {} : { retryAfterMs: faults.hintMs };
    if (chance(faults.rateLimited))
      return {
        afterMs: 10,
        charged: false,
        error: new AppError('provider-rate-limited', hint),
      };
    if (chance(faults.overloaded))
      return { afterMs, charged: chance(0.3), error: new AppError('provider-overloaded', { status: 500, ...hint }) };
    if (chance(faults.resetBefore)) return { afterMs: 3, charged: false, error: unreachable() };
    if (chance(faults.resetAfter)) return { afterMs, charged: true, error: unreachable() };
    if (chance(faults.hang)) return { afterMs: Infinity, charged: chance(0.5) };
    if (chance(faults.malformed))
      return { afterMs, charged: true, error: new AppError('provider-bad-answer', { found: '<html>' }) };
    if (chance(faults.lies)) {
      const { inputTokens, outputTokens } = worstCase(request);
      return { afterMs, charged: true, lie: { inputTokens: inputTokens * 1000, outputTokens } };
    }
    return undefined;
  }

  /** How long until the exact bucket has room again; 0 when it had, and took one. */
  #bucketWaitMs(now: number): number {
    const { bucket } = this.#world.knobs.faults;
    if (!bucket || this.calm) return 0;
    this.#tokens ??= { level: bucket.burst, at: now };
    const perMs = bucket.perMinute / 60_000;
    const level = Math.min(bucket.burst, this.#tokens.level + (now - this.#tokens.at) * perMs);
    this.#tokens = { level: level >= 1 ? level - 1 : level, at: now };
    return level >= 1 ? 0 : (1 - level) / perMs;
  }

  /** The same request, the same answer, whoever asks and whenever. */
  #answer(request: CompletionRequest, { index }: Watched): Omit<Completion, 'usage' | 'latencyMs'> {
    const content = request.messages.at(-1)?.content ?? '';
    const number = numberOf(`${request.seed} ${content}`);
    const text = this.#labels.get(textIn(request));
    if (text === undefined) return generated(number);
    const labels = ['praise', 'complaint', 'question'];
    const said = number % 100 < 55 ? text : (labels[number % 3] ?? '');
    if (number % 53 === 0) return { text: '', finishReason: 'stop' };
    if (number % 59 === 0) return { text: 'I would rather not', finishReason: 'filter' };
    const cut = number % 61 === 0;
    const full = cut
      ? { text: 'Well, that depends on', finishReason: 'length' as const }
      : { text: said, finishReason: 'stop' as const };
    // the model is another one when the page comes back
    if (request.topLogprobs === 0 || (this.#world.knobs.forgetsLogprobs && index > 0)) return full;
    const logprob = -0.01 - (number % 97) / 100;
    const alternatives = labels.map((token, index) => ({ token, logprob: token === said ? logprob : -2 - index }));
    return { ...full, tokens: [{ token: said, logprob, alternatives }] };
  }
}

const unreachable = (): AppError => new AppError('provider-unreachable', { url: 'https://api.test' });

const textIn = ({ messages }: CompletionRequest): string => (messages.at(-1)?.content ?? '').split('\n\n').at(-1) ?? '';

const usageOf = (request: CompletionRequest): Usage => {
  const characters = request.messages.reduce((sum, { content }) => sum + content.length, 0);
  return { inputTokens: Math.ceil(characters / 4), outputTokens: 1 + (characters % request.maxTokens) };
};

/** Now and then nothing, a refusal, half a prompt, or what was there before. */
function generated(number: number): Omit<Completion, 'usage' | 'latencyMs'> {
  const kind = number % 13;
  if (kind === 0) return { text: 'I am sorry, I cannot do that.', finishReason: 'stop' };
  if (kind === 1) return { text: '<prompt>Say what this', finishReason: 'length' };
  if (kind === 2) return { text: '', finishReason: 'filter' };
  const word = ['kind', 'tone', 'aim', 'wish', 'mood', 'sort'][number % 6] ?? '';
  return {
    text: `<prompt>Name the ${word} of the message, case ${kind < 6 ? 1 : number % 50}.</prompt>`,
    finishReason: 'stop',
  };
}
