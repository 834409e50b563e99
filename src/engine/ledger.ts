import { callsOf, costAtMost, costOfUsage, tokensAtMost } from '#core/budget.ts';
import type { CompletionRequest, Usage } from '#core/completion.ts';
import { AppError } from '#core/error.ts';
import type { ModelRole } from '#core/run.ts';
import { specOf, type RunState } from './run-state.ts';

/** What one request can take at the most. */
export type Reserve = { readonly role: ModelRole; readonly usage: Usage };

/** Tokens that the form of a conversation adds to each message, generously. */
const perMessage = 16;
const utf8 = new TextEncoder();

/**
 * The most that a request can take. No tokenizer is known here, but a token stands for at least one byte of text, and the answer has
 * an upper bound of its own.
 */
export const worstCase = ({ messages, maxTokens }: Pick<CompletionRequest, 'messages' | 'maxTokens'>): Usage => ({
  inputTokens: messages.reduce((sum, { content }) => sum + utf8.encode(content).length + perMessage, perMessage),
  outputTokens: maxTokens,
});

const tokensIn = ({ inputTokens, outputTokens }: Usage): number => inputTokens + outputTokens;

/**
 * What is spent and what is left, derived from the state of the run and the calls under way. The only place that says no: a request
 * is set aside at its worst before it is sent, and settled at what it took, so that no ceiling is passed at any concurrency.
 */
export class Ledger {
  readonly #state: RunState;
  /** Time the run was under way so far, in milliseconds. */
  readonly #runningMs: () => number;
  /** Calls set aside for the end of the run: the comparison on the sealed rows. */
  reserve = 0;
  /** The search is over: its finalists are compared, and the sealed rows asked about, even when the minutes are. */
  closing = false;
  readonly #underWay = new Set<Reserve>();
  /** Answered, and not in the state yet: at what they took. */
  readonly #answered = new Map<Reserve, Reserve>();
  #waiting: (() => void)[] = [];

  constructor(state: RunState, runningMs: () => number) {
    this.#state = state;
    this.#runningMs = runningMs;
  }

  /** Whether so many further calls can be afforded, with `keep` left over for what comes after. An estimate but for the calls. */
  holds(calls: number, keep = 0): boolean {
    const { budget } = specOf(this.#state);
    const spent = callsOf(this.#state.spending);
    const wanted = calls + keep + this.reserve;
    if (spent + this.#setAside().length + wanted > budget.calls) return false;
    if (this.minutesUp !== undefined) return false;
    const share = spent === 0 ? 0 : wanted / spent;
    if (budget.tokens !== undefined && tokensAtMost(this.#state.spending) * (1 + share) > budget.tokens) return false;
    return budget.costUsd === undefined || this.#costSpent() * (1 + share) <= budget.costUsd;
  }

  /** The limit of minutes, where it is reached and counts. */
  get minutesUp(): number | undefined {
    const { minutes } = specOf(this.#state).budget;
    const isUp = !this.closing && minutes !== undefined && this.#runningMs() >= minutes * 60_000;
    return isUp ? minutes : undefined;
  }

  /**
   * Sets one request aside before it is sent. Where it fits only when others under way turn out cheaper than their worst, it waits
   * for them; not for answered ones, for those cost what they cost, and may belong to the very work that asks.
   * @throws AppError `budget-spent` when it does not fit even then.
   */
  async take(reserve: Reserve, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const limit = this.#limitReached(reserve, this.#setAside());
      if (limit === undefined) break;
      const least = this.#limitReached(reserve, [...this.#answered.values()]);
      if (this.#underWay.size === 0 || least !== undefined || this.#callsAreUp())
        throw new AppError('budget-spent', { limit });
      await this.#change(signal);
    }
    this.#underWay.add(reserve);
  }

  /** Whether what was set aside for it may still be spent: the budget can have been lowered since, and the time has gone on. */
  fits(reserve: Reserve): boolean {
    const others = this.#setAside().filter((other) => other !== reserve);
    return this.#limitReached(reserve, others) === undefined;
  }

  /** An answer came: from now on it counts at what it took. */
  answered(reserve: Reserve, usage: Usage): void {
    this.#underWay.delete(reserve);
    this.#answered.set(reserve, { role: reserve.role, usage });
    this.#changed();
  }

  /** Gives back what was set aside: it is now in the state, or was never sent. */
  settle(reserve: Reserve): void {
    this.#underWay.delete(reserve);
    this.#answered.delete(reserve);
    this.#changed();
  }

  #setAside(): readonly Reserve[] {
    return [...this.#underWay, ...this.#answered.values()];
  }

  #changed(): void {
    for (const resume of this.#waiting.splice(0)) resume();
  }

  /** Resolves when something was answered or given back. */
  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', stop, { once: true });
      this.#waiting.push(() => {
        signal.removeEventListener('abort', stop);
        resolve();
      });
    });
  }

  /** The ceiling that this request would pass, in words. */
  #limitReached(reserve: Reserve, others: readonly Reserve[]): string | undefined {
    const { budget } = specOf(this.#state);
    const all = [...others, reserve];
    const { spending } = this.#state;
    if (callsOf(spending) + all.length > budget.calls) return `${budget.calls} calls`;
    if (this.minutesUp !== undefined) return `${this.minutesUp} minutes`;
    const sum = (of: (reserve: Reserve) => number): number =>
      all.reduce((total, each) => total + of(each), this.#keptBack(of));
    if (budget.tokens !== undefined && tokensAtMost(spending) + sum(({ usage }) => tokensIn(usage)) > budget.tokens)
      return `${budget.tokens} tokens`;
    if (
      budget.costUsd !== undefined &&
      this.#costSpent() + sum(({ role, usage }) => this.#cost(role, usage)) > budget.costUsd
    )
      return `$${budget.costUsd}`;
    return undefined;
  }

  /** What the calls that are set aside for the end will take, if they are like those that were answered so far. */
  #keptBack(of: (reserve: Reserve) => number): number {
    const { evaluationCalls, failedCalls, evaluation } = this.#state.spending;
    return (this.reserve * of({ role: 'evaluation', usage: evaluation })) / Math.max(1, evaluationCalls - failedCalls);
  }

  #callsAreUp(): boolean {
    return callsOf(this.#state.spending) + this.#setAside().length + 1 > specOf(this.#state).budget.calls;
  }

  #costSpent(): number {
    const { evaluation, generator } = specOf(this.#state).models;
    return costAtMost(this.#state.spending, { evaluation: evaluation.price, generator: generator.price });
  }

  #cost(role: ModelRole, usage: Usage): number {
    const { price } = specOf(this.#state).models[role];
    return price ? costOfUsage(usage, price) : 0;
  }
}
