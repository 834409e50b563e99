import type { Fields } from '#core/fields.ts';
import type { Procedure, SearchOutcome } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import type { Workbench } from './workbench.ts';

/** Spread into `fields`. */
export const roundsField = {
  rounds: {
    type: 'number',
    label: 'Rounds',
    help: 'At the most; the budget may end the search before.',
    min: 1,
    max: 1000,
    step: 1,
    default: 200,
  },
} as const satisfies Fields;

/** How a round went. */
export type Turn = {
  /** The best prompt so far. */
  readonly best: Candidate;
  /** For the person: what came of the round. */
  readonly note: string;
  /** Texts that the generator was asked for, and how many of them were usable prompts. */
  readonly drafts: number;
  readonly usable: number;
};

export type End = { readonly ended: SearchOutcome['ended']; readonly reason: string };

/** So many texts in a row without a usable prompt: the generator cannot do it, and asking on would only spend. */
const mostFruitless = 24;
const spent: End = { ended: 'budget-spent', reason: 'The budget is spent.' };

/**
 * Goes round after round until the budget, the rounds, the person or the generator end it, and says which.
 * @param admit takes the person's prompts in; false: the budget does not hold them.
 * @param turn one round, which announces its own start; `exhausted`: the budget does not hold it.
 */
export function* byRounds(
  bench: Workbench,
  mostRounds: number,
  admit: (round: number, candidates: readonly Candidate[]) => Procedure<boolean>,
  turn: (round: number) => Procedure<Turn | 'exhausted'>,
): Procedure<End> {
  let fruitless = 0;
  for (let round = 1; round <= mostRounds; round++) {
    const { candidates, stop } = yield* bench.listen(round);
    if (candidates.length > 0 && !(yield* admit(round, candidates))) return spent;
    if (stop) return stop;
    const told = yield* turn(round);
    if (told === 'exhausted') return spent;
    const { best, note, drafts, usable } = told;
    yield* bench.announce({ type: 'round-finished', round, best: best.id, note });
    fruitless = usable > 0 ? 0 : fruitless + Math.max(1, drafts);
    if (fruitless >= mostFruitless)
      return {
        ended: 'finished',
        reason: `The generator wrote no usable prompt in ${fruitless} tries: a stronger generator model may help.`,
      };
  }
  return { ended: 'finished', reason: mostRounds === 1 ? 'The round is done.' : `All ${mostRounds} rounds are done.` };
}

/** What came of a round, where new prompts were compared with the best one so far. */
export function noteOf(usable: readonly Candidate[], best: Candidate): string {
  if (usable.length === 0) return 'No usable proposal in this round.';
  return usable.includes(best) ? 'A new best prompt.' : 'No proposal was better than the best so far.';
}
