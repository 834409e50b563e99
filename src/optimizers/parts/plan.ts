import type { Plan } from '#core/optimizer.ts';

/** What a search by rounds takes. */
export type RoundCosts = {
  /** Cells before the first round, and what they are, in words. */
  readonly start: number;
  /** Cells of the choice at the end. */
  readonly final: number;
  readonly evaluationsPerRound: number;
  readonly generatorCallsPerRound: number;
  /** Calls of the generator before the first round. */
  readonly generatorCallsBefore?: number;
  readonly mostRounds: number;
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
    problems:
      rounds >= 1
        ? []
        : [
            `The budget does not hold one round: ${Math.max(0, Math.floor(calls))} calls are left after the test rows are set aside, ` +
              `${fixed + perRound} are needed (${costs.words}). Raise the budget or use fewer rows.`,
          ],
  };
}
