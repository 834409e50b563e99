import type { Prices } from '#core/budget.ts';
import { testedPrompts, type Plan } from '#core/optimizer.ts';
import { templateProblems } from '#core/prompt.ts';
import { leastCalls, planFor } from '#core/run-plan.ts';
import { callsPerCell, type ModelRole } from '#core/run.ts';
import { bounds, limitProblems } from './draft-problems.ts';
import {
  estimateRun,
  expectedCalls,
  tokensPerCall,
  type Range,
  type RunEstimate,
  type TokensPerCall,
} from './estimate.ts';
import { limitedPlan, type LimitedPlan } from './limited-plan.ts';
import { isSimulated } from './model-draft.ts';
import { offersOf, type PresetOffer } from './presets.ts';
import type { RunDraft } from './run-draft.svelte.ts';

/** More calls than any run asks for: what a plan would take without a ceiling. */
const noCeiling = 1e9;
const roomy = (calls: number): number => Math.ceil((calls * 1.05) / 50) * 50;

/** What a run that is being set up will take: read from the draft anew with every look, nothing is kept. */
export class RunForecast {
  readonly #draft: RunDraft;

  constructor(draft: RunDraft) {
    this.#draft = draft;
  }

  /** Calls of one row: more than one where the cross entropy has to be estimated by asking again. */
  get callsPerRow(): number {
    return callsPerCell(this.#draft.task, this.#draft.models.capabilitiesOf('evaluation') ?? { topLogprobs: 0 });
  }

  get plan(): Plan {
    return this.#limited.plan;
  }

  /** Where tokens or money hold fewer calls than the limit of calls. */
  get held(): LimitedPlan['held'] {
    return this.#limited.held;
  }

  /** Why the plan cannot work within the limits. */
  get problems(): readonly string[] {
    return this.#limited.problems;
  }

  /** Why there is no plan to show; undefined where there is one. */
  get gap(): 'limits' | 'too-little' | undefined {
    if (limitProblems(this.#draft.budget, true).length > 0) return 'limits';
    return this.plan.problems.length > 0 ? 'too-little' : undefined;
  }

  get #limited(): LimitedPlan {
    const { budget } = this.#draft;
    return limitedPlan({
      budget,
      planWith: (calls) => this.#planFor(calls),
      callsOf: (plan) => ({ evaluation: this.evaluationCalls(plan), generator: plan.generatorCalls }),
      tokens: budget.tokens === undefined && budget.costUsd === undefined ? undefined : this.#tokens,
      prices: this.#prices,
    });
  }

  /** Calls of the evaluation model, the comparison on the test rows included. */
  evaluationCalls(plan = this.plan): number {
    return (plan.evaluationCalls + testedPrompts(plan) * this.#draft.parts.test) * this.callsPerRow;
  }

  /** All calls of the plan, the comparison on the test rows included. */
  get plannedCalls(): number {
    return this.evaluationCalls() + this.plan.generatorCalls;
  }

  /** What all rounds would take where the ceiling holds fewer; undefined where it holds them all, and where a search has no last round, or more calls would not help. */
  get unlimited(): { readonly rounds: number; readonly calls: number } | undefined {
    if (this.held) return undefined;
    const all = this.#planFor(noCeiling);
    const calls = this.#limitFor(all);
    return all.rounds <= this.plan.rounds || calls > bounds.calls.max ? undefined : { rounds: all.rounds, calls };
  }

  /** Calls beyond which this plan has no use for more, with some room for questions that have to be asked again. */
  get usefulCalls(): number {
    const all = this.#planFor(noCeiling);
    const calls = roomy(this.#limitFor(all));
    const planWith = (limit: number): Plan => this.#planFor(limit);
    // a search may have to set more aside than it takes in the end
    return planWith(calls).problems.length > 0 ? (leastCalls(planWith, calls) ?? calls) : calls;
  }

  /**
   * The calls that a limit has to allow for this plan. As long as the search goes on, two sets of test rows are set aside for any plan:
   * where nothing is written, a prompt that a person adds may still win, and is then compared with the best starting prompt.
   */
  #limitFor(plan: Plan): number {
    const idle = (2 - testedPrompts(plan)) * this.#draft.parts.test * this.callsPerRow;
    return this.evaluationCalls(plan) + plan.generatorCalls + idle;
  }

  get presets(): readonly PresetOffer[] {
    return offersOf(this.usefulCalls, (calls, tests) => this.#planFor(calls, tests), this.#draft.parts.test);
  }

  /** Calls of the comparison on the test rows. */
  get testCalls(): number {
    return testedPrompts(this.plan) * this.#draft.parts.test * this.callsPerRow;
  }

  /** Calls that are set aside for it while the search goes on. */
  get reservedCalls(): number {
    return 2 * this.#draft.parts.test * this.callsPerRow;
  }

  /** What the run will take, from little to much; undefined while the template cannot be filled in. */
  get estimate(): RunEstimate | undefined {
    const draft = this.#draft;
    if (templateProblems(draft.task.template, draft.fields).length > 0) return undefined;
    return estimateRun(draft.task, draft.dataset, draft.startingPrompts, this.#metaPrompt, {
      calls: this.expectedCalls,
      prices: this.#prices,
      latencyMs: { evaluation: this.#latencyMs('evaluation'), generator: this.#latencyMs('generator') },
      concurrency: draft.concurrency,
    });
  }

  /** From the least to the most that the plan may take. */
  get expectedCalls(): Readonly<Record<ModelRole, Range>> {
    return expectedCalls(this.plan, this.#draft.parts, this.callsPerRow);
  }

  get #metaPrompt(): string {
    const { metaPrompt } = this.#draft.optimizerValues;
    return typeof metaPrompt === 'string' ? metaPrompt : '';
  }

  get #prices(): Prices {
    return { evaluation: this.#draft.models.evaluation.price, generator: this.#draft.models.of('generator').price };
  }

  get #tokens(): TokensPerCall | undefined {
    const { task, fields, dataset, startingPrompts } = this.#draft;
    if (templateProblems(task.template, fields).length > 0) return undefined;
    return tokensPerCall(task, dataset, startingPrompts, this.#metaPrompt);
  }

  #planFor(calls: number, tests = this.#draft.parts.test): Plan {
    const { optimizer, optimizerValues, rounds, parts, startingPrompts } = this.#draft;
    const { train, validation } = parts;
    return planFor(optimizer, {
      values: optimizerValues,
      ...{ train, validation, seeds: startingPrompts.length, rounds },
      // in answers of a row: each of them may be several calls
      calls: Math.floor(calls / this.callsPerRow) - 2 * tests,
    });
  }

  #latencyMs(role: ModelRole): number | undefined {
    const model = this.#draft.models.of(role);
    if (isSimulated(model)) return Number(model.values['latencyMs'] ?? 0);
    const result = this.#draft.models.testOf(role);
    return result?.ok ? result.latencyMs : undefined;
  }
}
