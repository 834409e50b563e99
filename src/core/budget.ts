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

/** What each model costs, where that is known. */
export type Prices = { readonly evaluation?: Price | undefined; readonly generator?: Price | undefined };

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
export function costOf(spending: Spending, prices: Prices): number | undefined {
  if (!prices.evaluation || !prices.generator) return undefined;
  return costOfUsage(spending.evaluation, prices.evaluation) + costOfUsage(spending.generator, prices.generator);
}

/** The tokens that count against a ceiling: answered calls at what they took, uncertain ones at their worst. */
export const tokensAtMost = (spending: Spending): number => {
  const { evaluation, generator } = spending.uncertain;
  return tokensOf(spending) + tokensOf({ ...spending, evaluation, generator });
};

/** The US dollars that count against a ceiling, reckoned in the same way. A model without a price counts nothing. */
export const costAtMost = ({ evaluation, generator, uncertain }: Spending, prices: Prices): number => {
  const cost = (usage: Usage, price: Price | undefined): number => (price ? costOfUsage(usage, price) : 0);
  return (
    cost(evaluation, prices.evaluation) +
    cost(uncertain.evaluation, prices.evaluation) +
    cost(generator, prices.generator) +
    cost(uncertain.generator, prices.generator)
  );
};

/** The ceilings that lie below what is spent already, each with the way out. */
export function overspent({ calls, tokens, costUsd }: Budget, spending: Spending, prices: Prices): readonly string[] {
  const spent = { calls: callsOf(spending), tokens: tokensAtMost(spending), usd: costAtMost(spending, prices) };
  const few = spending.uncertainCalls > 0 ? ', with those that may have been charged at their worst' : '';
  return [
    ...(calls < spent.calls ? [`${inWords(spent.calls)} calls are spent already: allow at least that many.`] : []),
    ...(tokens !== undefined && tokens < spent.tokens
      ? [`${inWords(spent.tokens)} tokens are spent already${few}: allow at least that many, or set no limit.`]
      : []),
    ...(costUsd !== undefined && costUsd < spent.usd
      ? [`$${upToCents(spent.usd)} are spent already${few}: allow at least that much, or set no limit.`]
      : []),
  ];
}

const inWords = (count: number): string => count.toLocaleString('en');

/** Rounded up, so that a limit of this sum is enough. */
export const upToCents = (usd: number): string => (Math.ceil(usd * 100 - 1e-9) / 100).toFixed(2);
