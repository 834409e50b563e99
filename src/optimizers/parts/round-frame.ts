import type { Plan, Procedure, SearchOutcome } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import { planRounds, type RoundCosts } from './plan.ts';
import type { Workbench } from './workbench.ts';

/** In a row without any usable prompt: the generator cannot do it, and asking on would only spend. */
const fruitlessRounds = 6;

/** What came of a round: how many prompts it brought, what to tell the person, and why the search is over, where it is. */
export type RoundResult = 'exhausted' | { readonly proposed: number; readonly note: string; readonly done?: string };

export type RoundSearch = {
  readonly rounds: number;
  /** Calls without which a round is not worth beginning. */
  readonly least: number | (() => number);
  /** What brings new prompts, as the reason of a fruitless search names it. */
  readonly source?: string;
  /** The prompts to choose from, best first; as a rule those that were asked about every train row. */
  readonly order?: () => readonly Candidate[];
  /** Hears of the person's prompts, after they were asked about every train row. */
  readonly heard?: (candidates: readonly Candidate[]) => void;
  readonly round: (round: number) => Procedure<RoundResult>;
  /** What is still to be done before the choice, within the budget. */
  readonly finish?: () => Procedure<void>;
};

/**
 * The frame of a search by rounds: the starting prompts on all train rows; in each round the person is heard, then the search does what
 * it does; at the end the winner is chosen. It ends with the rounds, with the budget, or when nothing usable comes any more.
 */
export function* searchInRounds(bench: Workbench, search: RoundSearch): Procedure<SearchOutcome> {
  const { least, source = 'generator' } = search;
  const rows = bench.context.train.map(({ id }) => id);
  const order = search.order ?? (() => bench.fullyAsked());
  function* end(ended: SearchOutcome['ended'], reason: string): Procedure<SearchOutcome> {
    if (search.finish) yield* search.finish();
    return yield* bench.choose(ended, reason, order());
  }
  if (!(yield* askedOneByOne(bench, bench.context.seeds)))
    return yield* bench.choose('budget-spent', 'The budget ended with the starting prompts.', order());
  let fruitless = 0;
  for (let round = 1; round <= search.rounds; round++) {
    const { candidates, stop } = yield* bench.listen(round);
    if (!(yield* bench.evaluate(candidates, rows))) return yield* end('budget-spent', 'The budget is spent.');
    search.heard?.(candidates);
    if (stop) return yield* end(stop.ended, stop.reason);
    if (bench.callsLeft < (typeof least === 'number' ? least : least()))
      return yield* end('budget-spent', 'What is left of the budget does not hold another round.');
    const result = yield* search.round(round);
    if (result === 'exhausted') return yield* end('budget-spent', 'The budget is spent.');
    const best = order()[0] ?? bench.bestSeed();
    yield* bench.announce({ type: 'round-finished', round, best: best.id, note: result.note });
    if (result.done !== undefined) return yield* end('finished', result.done);
    fruitless = result.proposed > 0 ? 0 : fruitless + 1;
    if (fruitless >= fruitlessRounds)
      return yield* end(
        'finished',
        source === 'generator'
          ? `The generator wrote no usable prompt in ${fruitlessRounds} rounds: a stronger generator model may help.`
          : `${source} in ${fruitlessRounds} rounds.`,
      );
  }
  return yield* end('finished', `All ${search.rounds} rounds are done.`);
}

/** Where the budget does not hold all of them, what is paid for already is still taken in, one by one. */
function* askedOneByOne(bench: Workbench, candidates: readonly Candidate[]): Procedure<boolean> {
  const rows = bench.context.train.map(({ id }) => id);
  if (yield* bench.evaluate(candidates, rows)) return true;
  if (candidates.length > 1)
    for (const candidate of candidates) if (!(yield* bench.evaluate([candidate], rows))) return false;
  return candidates.length > 1;
}

/**
 * As `planRounds`, for searches whose rounds may cost less than the most that they can: what is saved goes into further rounds, so the
 * whole budget may be spent.
 */
export function planSpending(costs: RoundCosts, calls: number): Plan {
  const plan = planRounds(costs, calls);
  if (plan.problems.length > 0 || plan.rounds >= costs.mostRounds) return plan;
  return { ...plan, evaluationCalls: Math.floor(calls) - plan.generatorCalls };
}

/** The number of rounds as an option. */
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
} as const;

/** Cells of the choice at the end. */
export const finalCells = (finalists: number, validation: number): number =>
  finalists === 0 ? 0 : (finalists + 1) * validation;
