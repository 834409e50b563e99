import type { Fields } from '#core/fields.ts';
import type { ExampleId } from '#core/id.ts';
import type { OptimizerContext, Plan } from '#core/optimizer.ts';
import { finalCells, finalRows, planSpending } from './plan.ts';

/** How many train rows a prompt is measured on; spread into `fields` together with `commonFields`. */
export const rowsField = {
  rows: {
    type: 'number',
    label: 'Training rows per prompt',
    help: 'All prompts are measured on the same rows, drawn by chance. 0: as many as leave calls for a few rounds, at least ten where there are so many.',
    min: 0,
    max: 100_000,
    step: 1,
    default: 0,
    advanced: true,
  },
} as const satisfies Fields;

/** Below this, chance decides more than the prompts do. */
const fewestRows = 10;
/** A search that cannot go so many rounds does not come far; rows are given up for that. */
const goodRounds = 4;

/** A search by rounds that measures its prompts on shared rows. */
export type SampledSearch = {
  /** The field `rows`; 0: by the budget. */
  readonly rows: number;
  readonly finalists: number;
  readonly rounds: number;
  /** Rounds without which the search does not come far; rows are given up for them (default: 4). */
  readonly goodRounds?: number;
  /** Cells before the first round, by the rows per prompt. */
  readonly start: (rows: number) => number;
  /** Cells of one round, at the most. */
  readonly round: (rows: number) => number;
  readonly generatorCalls: number;
  /** New prompts of a round, where each takes more than one call of the generator. */
  readonly prompts?: number;
  /** A round whose new prompts all drop out at once, by the rows per prompt. */
  readonly short?: (rows: number) => { readonly cells: number; readonly texts: number };
  /** What rounds may take beyond that, by the rows per prompt. */
  readonly beyond?: (rounds: number, rows: number) => { readonly cells?: number; readonly texts?: number };
  /** What start and first round need, by the rows per prompt: "4 starting prompts × 30 rows, then …". */
  readonly words: (rows: number) => string;
};

type Sizes = { readonly train: number; readonly validation: number };

/** Rows per prompt: those that were asked for, else the most that leave room for a few rounds. */
export function rowsPerPrompt(search: Omit<SampledSearch, 'words'>, sizes: Sizes, calls: number): number {
  if (search.rows > 0) return Math.min(search.rows, sizes.train);
  const rounds = Math.min(search.goodRounds ?? goodRounds, search.rounds);
  const free = calls - finalCells(search.finalists, sizes.validation, calls) - rounds * search.generatorCalls;
  let rows = sizes.train;
  while (rows > fewestRows && search.start(rows) + rounds * search.round(rows) > free) rows -= 1;
  return rows;
}

/** The plan of such a search. */
export function planSampled(search: SampledSearch, sizes: Sizes, calls: number): Plan {
  const rows = rowsPerPrompt(search, sizes, calls);
  return planSpending(
    {
      start: search.start(rows),
      final: finalCells(search.finalists, sizes.validation, calls),
      evaluationsPerRound: search.round(rows),
      generatorCallsPerRound: search.generatorCalls,
      ...(search.prompts === undefined ? {} : { promptsPerRound: search.prompts }),
      ...(search.short ? { shortRound: search.short(rows) } : {}),
      mostRounds: search.rounds,
      beyond: (rounds) => search.beyond?.(rounds, rows) ?? {},
      words: `${search.words(rows)}, then the finalists on ${finalRows(search.finalists, sizes.validation, calls)} rows`,
    },
    calls,
  );
}

/** As many rows as such a search may measure a prompt on. */
export const rowsWithin = ({ train, validation, calls }: OptimizerContext, search: SampledSearch): number =>
  rowsPerPrompt(search, { train: train.length, validation: validation.length }, calls);

/** The rows that all prompts are measured on, in one shuffled order for all. */
export const sharedRows = (context: OptimizerContext, search: SampledSearch): readonly ExampleId[] =>
  context.random.fork('rows').sample(
    context.train.map(({ id }) => id),
    rowsWithin(context, search),
  );

/** The most of these that the calls hold, 0…`most`, where `cost` of them are the calls that so many take. */
export function affordable(most: number, callsLeft: number, cost: (count: number) => number): number {
  let count = most;
  while (count > 0 && cost(count) > callsLeft) count -= 1;
  return count;
}
