import { callsOf, costOf, tokensOf } from '#core/budget.ts';
import { AppError } from '#core/error.ts';
import type { RunState } from './run-state.ts';

/** What is spent and what is left, derived from the state of the run and the calls under way. The only place that says no. */
export class Ledger {
  readonly #state: RunState;
  /** Calls set aside for the end of the run: the comparison on the sealed rows. */
  reserve = 0;
  #underWay = 0;

  constructor(state: RunState) {
    this.#state = state;
  }

  /** Whether so many further calls can be afforded, with `keep` left over for what comes after. */
  holds(calls: number, keep = 0): boolean {
    const { budget, models } = this.#spec();
    const spent = callsOf(this.#state.spending);
    if (spent + this.#underWay + calls + keep + this.reserve > budget.calls) return false;
    if (
      budget.tokens !== undefined &&
      this.#averageTokens() * (calls + keep + this.reserve) + tokensOf(this.#state.spending) > budget.tokens
    )
      return false;
    const cost = costOf(this.#state.spending, {
      evaluation: models.evaluation.price,
      generator: models.generator.price,
    });
    if (budget.costUsd !== undefined && cost !== undefined && spent > 0) {
      const each = cost / spent;
      if (cost + each * (calls + keep + this.reserve) > budget.costUsd) return false;
    }
    return true;
  }

  /** Takes one call before it is sent. @throws AppError `budget-spent` when the ceiling of calls is reached. */
  take(): void {
    const { budget } = this.#spec();
    if (callsOf(this.#state.spending) + this.#underWay + 1 > budget.calls)
      throw new AppError('budget-spent', { limit: `${budget.calls} calls` });
    this.#underWay += 1;
  }

  /** Gives back calls that are now in the state (or were never sent). */
  settle(calls: number): void {
    this.#underWay -= calls;
  }

  #averageTokens(): number {
    const calls = callsOf(this.#state.spending);
    return calls === 0 ? 0 : tokensOf(this.#state.spending) / calls;
  }

  #spec(): NonNullable<RunState['spec']> {
    if (!this.#state.spec) throw new Error('Bug: a ledger without a run');
    return this.#state.spec;
  }
}
