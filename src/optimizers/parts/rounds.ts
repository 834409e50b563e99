import type { Fields } from '#core/fields.ts';
import type { ExampleId } from '#core/id.ts';
import type { Procedure, SearchOutcome } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import { nothingToGainOn, winsAll } from './no-gain.ts';
import type { Workbench } from './workbench.ts';

/** Spread into `fields`. */
export const roundsField = {
  rounds: {
    type: 'number',
    label: 'Rounds',
    help: 'The search ends here or with the budget, whichever comes first.',
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
  /** Tries at new prompts, and how many of them were usable. */
  readonly drafts: number;
  readonly usable: number;
  /** Why the search is over, where it is. */
  readonly done?: string;
  /** What was missing where no prompt was asked for at all. */
  readonly lacked?: string;
};

/** What a search goes by. */
export type Course = {
  /** The most that there are. */
  readonly rounds: number;
  /** On which the prompts are measured. */
  readonly rows: readonly ExampleId[];
  /** The best prompt so far: the one that would be chosen now. */
  readonly best: () => Candidate | undefined;
};

export type End = { readonly ended: SearchOutcome['ended']; readonly reason: string };

/** Tries in a row without a usable prompt after which asking on would only spend, and what is said then: `lacked` in all of them. */
export type Patience = { readonly most: number; readonly words: (tries: number, lacked?: string) => string };

/** So many texts: the generator cannot do it. */
const withTexts: Patience = {
  most: 24,
  words: (tries, lacked) =>
    lacked === undefined
      ? `The generator wrote no usable prompt in ${tries} tries: a stronger generator model may help.`
      : `${lacked} in ${tries} rounds.`,
};
export const allRoundsDone = (rounds: number): string =>
  rounds === 1 ? 'The round is done.' : `All ${rounds} rounds are done.`;
/** Said wherever a round did not fit: seldom is all of the budget spent then. */
export const nextTooLarge = 'What is left of the budget does not hold another round.';
export const spent: End = { ended: 'budget-spent', reason: nextTooLarge };

/**
 * Goes round after round until the budget, the rounds, the person, a prompt without a fault or a generator that never helps end it, and
 * says which.
 * @param admit takes the person's prompts in; false: the budget does not hold them.
 * @param turn one round, which announces its own start; an end where it must not begin or could not be paid for.
 */
export function* byRounds(
  bench: Workbench,
  { rounds: mostRounds, rows, best: leader }: Course,
  admit: (round: number, candidates: readonly Candidate[]) => Procedure<boolean>,
  turn: (round: number) => Procedure<Turn | End | 'exhausted'>,
  patience = withTexts,
): Procedure<End> {
  let fruitless = 0;
  const lacks = new Set<string | undefined>();
  for (let round = 1; round <= mostRounds; round++) {
    const { candidates, stop } = yield* bench.listen(round);
    if (candidates.length > 0 && !(yield* admit(round, candidates))) return spent;
    if (stop) return stop;
    const first = leader();
    if (first && winsAll(bench, first, rows))
      return { ended: 'finished', reason: nothingToGainOn(rows.length, bench.context.train.length) };
    const told = yield* turn(round);
    if (told === 'exhausted') return spent;
    if ('ended' in told) return told;
    const { best, note, drafts, usable, done, lacked } = told;
    yield* bench.announce({ type: 'round-finished', round, best: best.id, note });
    if (done !== undefined) return { ended: 'finished', reason: done };
    fruitless = usable > 0 ? 0 : fruitless + Math.max(1, drafts);
    if (usable > 0) lacks.clear();
    else lacks.add(lacked);
    const [always] = lacks.size === 1 ? lacks : [];
    if (fruitless >= patience.most) return { ended: 'finished', reason: patience.words(fruitless, always) };
  }
  return { ended: 'finished', reason: allRoundsDone(mostRounds) };
}

/** What came of a round, where new prompts were compared with the best one so far. */
export function noteOf(usable: readonly Candidate[], best: Candidate): string {
  if (usable.length === 0) return 'No usable proposal in this round.';
  return usable.includes(best) ? 'A new best prompt.' : 'No proposal was better than the best so far.';
}
