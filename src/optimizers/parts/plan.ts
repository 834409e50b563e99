import type { Plan } from '#core/optimizer.ts';
import { affordableRows } from './confirmation.ts';

/** What a search by rounds takes. */
export type RoundCosts = {
  /** Cells before the first round. */
  readonly start: number;
  /** Cells of the choice at the end. */
  readonly final: number;
  readonly evaluationsPerRound: number;
  readonly generatorCallsPerRound: number;
  /** New prompts of a round (default: one for each call of the generator). */
  readonly promptsPerRound?: number;
  /** More new prompts than these there cannot be. */
  readonly mostPrompts?: number;
  /** A round in which all new prompts drop out at their first comparison, or are written twice and turned down. */
  readonly shortRound?: { readonly cells: number; readonly texts: number };
  /** Calls of the generator before the first round. */
  readonly generatorCallsBefore?: number;
  readonly mostRounds: number;
  /**
   * What so many rounds may take beyond that: texts that are asked for once more, races that nobody leaves. The budget ends it where it is
   * smaller, and the search says so.
   */
  readonly beyond?: (rounds: number) => { readonly cells?: number; readonly texts?: number };
  /** What the first round needs, as a person would add it up: "4 starting prompts × 30 rows, then …". */
  readonly words: string;
};

/**
 * The most that a search by rounds takes within this many calls; rounds that the budget does not hold whole are not begun.
 * A budget that holds none is a problem, said with the numbers.
 */
export function planRounds(costs: RoundCosts, calls: number): Plan {
  const { start, final, evaluationsPerRound, generatorCallsPerRound, generatorCallsBefore = 0, mostRounds } = costs;
  const fixed = start + final + generatorCallsBefore;
  const perRound = evaluationsPerRound + generatorCallsPerRound;
  const rounds = Math.max(0, Math.min(mostRounds, Math.floor((calls - fixed) / perRound)));
  return {
    rounds,
    evaluationCalls: start + final + rounds * evaluationsPerRound,
    generatorCalls: generatorCallsBefore + rounds * generatorCallsPerRound,
    prompts: promptsIn(costs, rounds),
    problems:
      rounds >= 1
        ? []
        : [
            `The budget does not hold one round: ${Math.max(0, Math.floor(calls))} calls are left after the test rows are set aside, ` +
              `${fixed + perRound} are needed (${costs.words}). Raise the budget or use fewer rows.`,
          ],
  };
}

/**
 * As `planRounds`, for searches whose rounds may cost less than the most that they can: races and proposals that are turned down save
 * calls, and what is saved goes into further rounds. Unless the rounds end it, the whole budget may be spent.
 */
export function planSpending(costs: RoundCosts, calls: number): Plan {
  const plan = planRounds(costs, calls);
  if (plan.problems.length > 0) return plan;
  if (plan.rounds >= costs.mostRounds) {
    const { cells = 0, texts = 0 } = costs.beyond?.(plan.rounds) ?? {};
    const left = Math.max(0, Math.floor(calls) - plan.evaluationCalls - plan.generatorCalls);
    const more = Math.min(cells, left);
    return {
      ...plan,
      evaluationCalls: plan.evaluationCalls + more,
      generatorCalls: plan.generatorCalls + Math.min(texts, left - more),
    };
  }
  return {
    ...plan,
    evaluationCalls: Math.floor(calls) - plan.generatorCalls,
    spendsAll: true,
    ...withShortRounds(costs, plan, calls),
  };
}

const promptsIn = (
  { promptsPerRound, generatorCallsPerRound, mostPrompts = Infinity }: RoundCosts,
  rounds: number,
): number => Math.min(mostPrompts, rounds * (promptsPerRound ?? generatorCallsPerRound));

/** Nine of ten rounds end at their first comparison: about the most that happens where new prompts are hardly ever better. */
const shortShare = 0.9;

function withShortRounds(costs: RoundCosts, plan: Plan, calls: number): Pick<Plan, 'most'> {
  const { start, final, evaluationsPerRound, generatorCallsPerRound, generatorCallsBefore = 0 } = costs;
  if (!costs.shortRound) return {};
  const { cells, texts } = costs.shortRound;
  const mean = (long: number, short: number): number => (1 - shortShare) * long + shortShare * short;
  const perRound = mean(evaluationsPerRound, cells) + mean(generatorCallsPerRound, texts);
  const rounds = Math.min(costs.mostRounds, Math.floor((calls - start - final - generatorCallsBefore) / perRound));
  if (rounds <= plan.rounds) return {};
  const written = generatorCallsBefore + Math.round(rounds * mean(generatorCallsPerRound, texts));
  return {
    most: { rounds, prompts: promptsIn(costs, rounds), generatorCalls: Math.max(plan.generatorCalls, written) },
  };
}

/** Rows that the choice at the end is made on, of those that there are. */
export const finalRows = (finalists: number, validation: number, calls: number): number =>
  Math.min(validation, affordableRows(calls, finalists));

/**
 * Cells of the choice at the end: the finalists and the best starting prompt.
 * @param calls of the whole search, where it gives the choice no more than its share of them.
 */
export const finalCells = (finalists: number, validation: number, calls = Infinity): number =>
  finalists === 0 ? 0 : (finalists + 1) * finalRows(finalists, validation, calls);
