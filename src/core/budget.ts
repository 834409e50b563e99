import type { Usage } from './completion.ts';

/** Ceilings of a run; the first one reached ends it. `calls` counts every request that is sent, retries and the test at the end included. */
export type Budget = { readonly calls: number; readonly tokens?: number; readonly costUsd?: number };

/** US dollars per million tokens. */
export type Price = { readonly inputUsd: number; readonly outputUsd: number };

/** What was used, told apart by what for. */
export type Spending = {
  readonly evaluationCalls: number;
  readonly generatorCalls: number;
  readonly probeCalls: number;
  readonly evaluation: Usage;
  readonly generator: Usage;
};

export const noSpending: Spending = {
  evaluationCalls: 0,
  generatorCalls: 0,
  probeCalls: 0,
  evaluation: { inputTokens: 0, outputTokens: 0 },
  generator: { inputTokens: 0, outputTokens: 0 },
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

const cost = (usage: Usage, price: Price): number =>
  (usage.inputTokens * price.inputUsd + usage.outputTokens * price.outputUsd) / 1e6;

/** Estimated cost in US dollars; undefined while a price is unknown. */
export function costOf(
  spending: Spending,
  prices: { readonly evaluation?: Price | undefined; readonly generator?: Price | undefined },
): number | undefined {
  if (!prices.evaluation || !prices.generator) return undefined;
  return cost(spending.evaluation, prices.evaluation) + cost(spending.generator, prices.generator);
}
