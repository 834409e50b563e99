import type { Usage } from './completion.ts';

/**
 * Ceilings of a run; the first one reached ends the search. `calls` counts every request that is sent, retries and the test at the end
 * included; so do tokens and cost. `minutes` is time spent running, without pauses.
 */
export type Budget = {
  readonly calls: number;
  readonly tokens?: number;
  readonly costUsd?: number;
  readonly minutes?: number;
  readonly rounds?: number;
};

/** US dollars per million tokens. */
export type Price = { readonly inputUsd: number; readonly outputUsd: number };

/** What was used, told apart by what for. */
export type Spending = {
  readonly evaluationCalls: number;
  readonly generatorCalls: number;
  /** Answered questions that find out what a model accepts. Those without an answer count as calls of their model. */
  readonly probeCalls: number;
  readonly evaluation: Usage;
  readonly generator: Usage;
  /** Of the calls above: those that brought no answer. */
  readonly failedCalls: number;
  /** Of those: the ones that may be charged all the same, because the request was under way when the connection or the page was lost. */
  readonly uncertainCalls: number;
  /** The most that the uncertain ones can have taken. */
  readonly uncertain: { readonly evaluation: Usage; readonly generator: Usage };
};

const noUsage: Usage = { inputTokens: 0, outputTokens: 0 };

export const noSpending: Spending = {
  evaluationCalls: 0,
  generatorCalls: 0,
  probeCalls: 0,
  evaluation: noUsage,
  generator: noUsage,
  failedCalls: 0,
  uncertainCalls: 0,
  uncertain: { evaluation: noUsage, generator: noUsage },
};

export const addUsage = (a: Usage, b: Usage): Usage => ({
  inputTokens: a.inputTokens + b.inputTokens,
  outputTokens: a.outputTokens + b.outputTokens,
  ...(a.estimated || b.estimated ? { estimated: true as const } : {}),
});

export const callsOf = (spending: Spending): number =>
  spending.evaluationCalls + spending.generatorCalls + spending.probeCalls;

export const tokensOf = ({ evaluation, generator }: Spending): number =>
  evaluation.inputTokens + evaluation.outputTokens + generator.inputTokens + generator.outputTokens;

export const costOfUsage = (usage: Usage, price: Price): number =>
  (usage.inputTokens * price.inputUsd + usage.outputTokens * price.outputUsd) / 1e6;

/** Estimated cost in US dollars; undefined while a price is unknown. */
export function costOf(
  spending: Spending,
  prices: { readonly evaluation?: Price | undefined; readonly generator?: Price | undefined },
): number | undefined {
  if (!prices.evaluation || !prices.generator) return undefined;
  return costOfUsage(spending.evaluation, prices.evaluation) + costOfUsage(spending.generator, prices.generator);
}
