import type { Plan, Procedure, SearchOutcome } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import { measure } from './measure.ts';
import { finalCells, planSpending } from './plan.ts';
import { byRounds, spent, type Patience } from './rounds.ts';
import type { Workbench } from './workbench.ts';

/**
 * What came of a round: how many prompts it brought, what to tell the person, why the search is over, where it is, and what was missing
 * where no prompt was asked for.
 */
export type RoundResult =
  'exhausted' | { readonly proposed: number; readonly note: string; readonly done?: string; readonly lacked?: string };

export type AllRowsSearch = {
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

/** So many rounds: they differ too much in their texts for these to be counted. */
const withRounds = (source: string | undefined): Patience => ({
  most: 6,
  words: (rounds, lacked = source) =>
    lacked === undefined
      ? `The generator wrote no usable prompt in ${rounds} rounds: a stronger generator model may help.`
      : `${lacked} in ${rounds} rounds.`,
});

/**
 * A search by rounds over all train rows: the starting prompts first; in each round the person is heard, then the search does what
 * it does; at the end the winner is chosen. It ends with the rounds, with the budget, or when nothing usable comes any more.
 */
export function* searchAllRows(bench: Workbench, search: AllRowsSearch): Procedure<SearchOutcome> {
  const { least } = search;
  const rows = bench.context.train.map(({ id }) => id);
  const order = search.order ?? (() => bench.fullyAsked());
  if (!(yield* measure(bench, bench.context.seeds, rows)))
    return yield* bench.choose('budget-spent', 'The budget ended with the starting prompts.', order());
  function* admit(_round: number, candidates: readonly Candidate[]): Procedure<boolean> {
    if (!(yield* bench.evaluate(candidates, rows))) return false;
    search.heard?.(candidates);
    return true;
  }
  const end = yield* byRounds(
    bench,
    { rounds: search.rounds, rows, best: () => order()[0] },
    admit,
    function* (round) {
      if (bench.callsLeft < (typeof least === 'number' ? least : least())) return spent;
      const result = yield* search.round(round);
      if (result === 'exhausted') return 'exhausted';
      const { proposed, ...told } = result;
      return { ...told, best: order()[0] ?? bench.bestSeed(), drafts: 1, usable: proposed };
    },
    withRounds(search.source),
  );
  if (search.finish) yield* search.finish();
  return yield* bench.choose(end.ended, end.reason, order());
}

/** What a round of such a search takes at the most, and the same in words. */
type AllRowsRound = {
  readonly cells: number;
  readonly texts: number;
  /** New prompts, where they are not as many as the texts. */
  readonly prompts?: number;
  readonly mostPrompts?: number;
  /** Where all new prompts drop out at once. */
  readonly short?: { readonly cells: number; readonly texts: number };
  /** Texts of the generator before the first round. */
  readonly textsBefore?: number;
  readonly words: string;
};

/** The plan of such a search: the starting prompts on all train rows, the rounds, and the choice at the end. */
export const planAllRows = (
  { rounds, finalists }: { readonly rounds: number; readonly finalists: number },
  { train, validation, seeds }: { readonly train: number; readonly validation: number; readonly seeds: number },
  calls: number,
  { cells, texts, prompts = texts, mostPrompts = Infinity, short, textsBefore = 0, words }: AllRowsRound,
): Plan =>
  planSpending(
    {
      start: seeds * train,
      final: finalCells(finalists, validation, calls),
      evaluationsPerRound: cells,
      generatorCallsPerRound: texts,
      promptsPerRound: prompts,
      mostPrompts,
      ...(short ? { shortRound: short } : {}),
      generatorCallsBefore: textsBefore,
      mostRounds: rounds,
      // a generator that thinks is asked once more, the first time
      beyond: () => ({ texts: Math.max(texts, textsBefore) }),
      words: `${seeds} starting prompts × ${train} rows, then ${words}, then the finalists`,
    },
    calls,
  );
