import { costOfUsage, upToCents, type Budget, type Prices } from '#core/budget.ts';
import type { Plan } from '#core/optimizer.ts';
import type { ModelRole } from '#core/run.ts';
import { leastCalls } from '#core/run-plan.ts';
import type { Range, TokensPerCall } from './estimate.ts';

/** A plan that keeps to every limit of a run. */
export type LimitedPlan = {
  readonly plan: Plan;
  /** Where tokens or money hold fewer calls than the limit of calls allows: about how many, and the same in words. */
  readonly held?: { readonly calls: number; readonly words: string };
  /** Why it cannot work as it stands, each with the way out. */
  readonly problems: readonly string[];
};

type Limited = {
  readonly budget: Budget;
  /** The plan of a run with so many calls. */
  readonly planWith: (calls: number) => Plan;
  /** The calls of such a plan, by model, those for the sealed rows included. */
  readonly callsOf: (plan: Plan) => Readonly<Record<ModelRole, number>>;
  /** Undefined where it cannot be told: tokens and money then limit nothing here. */
  readonly tokens: TokensPerCall | undefined;
  readonly prices: Prices;
};

/** A run mostly takes little more than the least of what it may take: so far from the least to the most. */
const usualShare = 0.1;
const usual = ({ lo, hi }: Range): number => lo + usualShare * (hi - lo);

const number = (value: number): string => value.toLocaleString('en');
/** Two digits are all that an estimate deserves; rounded up, so that it is enough. */
function roundedUp(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, value))) - 1);
  return Math.ceil(value / unit) * unit;
}

/** A limit in tokens or in money, as a measure of calls. */
type Measure = {
  readonly most: number;
  readonly of: Readonly<Record<ModelRole, number>>;
  /** The limit as the subject of a sentence that goes on with what it holds. */
  readonly holds: string;
  readonly words: (amount: number) => string;
};

function measuresOf({ budget, tokens, prices }: Limited): readonly Measure[] {
  if (!tokens) return [];
  const inTokens = (role: ModelRole): number => usual(tokens[role].input) + usual(tokens[role].output);
  const inMoney = (role: ModelRole): number => {
    const { input, output } = tokens[role];
    const usage = { inputTokens: usual(input), outputTokens: usual(output) };
    return prices[role] ? costOfUsage(usage, prices[role]) : 0;
  };
  const both = (of: (role: ModelRole) => number) => ({ evaluation: of('evaluation'), generator: of('generator') });
  return [
    ...(budget.tokens === undefined
      ? []
      : [
          {
            most: budget.tokens,
            of: both(inTokens),
            holds: `${number(budget.tokens)} tokens hold`,
            words: (amount: number) => `${number(roundedUp(amount))} tokens`,
          },
        ]),
    ...(budget.costUsd === undefined
      ? []
      : [
          {
            most: budget.costUsd,
            of: both(inMoney),
            holds: `$${budget.costUsd} holds`,
            words: (amount: number) => `$${upToCents(amount)}`,
          },
        ]),
  ];
}

/**
 * The plan for the calls that all limits hold. What a call takes in tokens and money is an estimate; the limits themselves hold in any
 * case, so that a plan that did not know of them would promise what cannot be.
 */
export function limitedPlan(limited: Limited): LimitedPlan {
  const { budget, planWith, callsOf } = limited;
  const whole = planWith(budget.calls);
  if (whole.problems.length > 0) {
    const least = leastCalls(planWith, budget.calls);
    return { plan: whole, problems: withWayOut(whole.problems, least && `${number(least)} calls`) };
  }
  const takes = ({ of }: Measure, calls: number): number => {
    const plan = planWith(calls);
    // a plan that does not work tells nothing of the calls
    const { evaluation, generator } = plan.problems.length > 0 ? { evaluation: calls, generator: 0 } : callsOf(plan);
    return evaluation * of.evaluation + generator * of.generator;
  };
  let tightest: { readonly calls: number; readonly measure: Measure } | undefined;
  for (const measure of measuresOf(limited)) {
    if (takes(measure, budget.calls) <= measure.most) continue;
    let [few, many] = [0, budget.calls];
    while (many - few > 1) {
      const middle = Math.floor((few + many) / 2);
      if (takes(measure, middle) <= measure.most) few = middle;
      else many = middle;
    }
    if (!tightest || few < tightest.calls) tightest = { calls: few, measure };
  }
  if (!tightest) return { plan: whole, problems: [] };
  const { calls, measure } = tightest;
  const plan = planWith(calls);
  const held = { calls, words: `${measure.holds} about ${number(calls)} of ${number(budget.calls)} calls` };
  const least = plan.problems.length > 0 ? leastCalls(planWith, calls) : undefined;
  const problems = withWayOut(plan.problems, least && `about ${measure.words(takes(measure, least))}`);
  return { plan, held, problems: problems.map((problem) => `${held.words}. ${problem}`) };
}

/** From where on it can work, said once. */
const withWayOut = (problems: readonly string[], least: string | 0 | undefined): readonly string[] =>
  !least
    ? problems
    : problems.map((problem, index) =>
        index === problems.length - 1 ? `${problem} It can start from ${least} on.` : problem,
      );
