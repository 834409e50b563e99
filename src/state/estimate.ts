import { costOfUsage, type Price } from '#core/budget.ts';
import type { Dataset } from '#core/example.ts';
import { testedPrompts, type Plan } from '#core/optimizer.ts';
import { renderQuery } from '#core/prompt.ts';
import type { ModelRole } from '#core/run.ts';
import type { TaskSpec } from '#core/task.ts';

/** From little to much. */
export type Range = { readonly lo: number; readonly hi: number };

/** What one model is expected to take. Without a price its cost is unknown. */
type Part = { readonly calls: Range; readonly tokens: Range; readonly usd?: Range };
/** What a run is expected to take. `seconds` are unknown until both models have answered once. */
export type RunEstimate = {
  readonly evaluation: Part;
  readonly generator: Part;
  readonly calls: Range;
  readonly tokens: Range;
  readonly usd?: Range;
  readonly seconds?: Range;
};

/** About four Latin characters a token, one character of other scripts. For estimates only. */
export function tokensOfText(text: string): number {
  const other = text.match(/[^\p{Script=Latin}\p{Script=Common}]/gu)?.length ?? 0;
  return Math.ceil((text.length - other) / 4 + other);
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

/** Rows that are looked at for an average. */
const lookedAt = 40;
/** Tokens that a meta prompt adds to its own text by the prompts and examples it shows, and those of a proposal. */
const shown: Range = { lo: 300, hi: 4000 };
const proposal: Range = { lo: 40, hi: 500 };
/** Prompts grow while they are tuned. */
const grownPrompt = 400;
/** A proposal is this many times as long in coming as a short answer, and a busy server this much slower than an idle one. */
const proposalFactor = 8;
const busyFactor = 2;

/** Tokens of one call of each model. */
export type TokensPerCall = Readonly<Record<ModelRole, { readonly input: Range; readonly output: Range }>>;

/** By the length of the rows, the prompts and the longest answer that is allowed. */
export function tokensPerCall(
  task: TaskSpec,
  dataset: Dataset,
  prompts: readonly string[],
  metaPrompt: string,
): TokensPerCall {
  const rows = dataset.examples.slice(0, lookedAt);
  const query = mean(rows.map((row) => tokensOfText(renderQuery(task.template, row))));
  const answer = Math.max(1, mean(rows.map(({ targets }) => tokensOfText(targets[0] ?? ''))));
  const prompt = mean(prompts.map(tokensOfText));
  const meta = tokensOfText(metaPrompt);
  return {
    evaluation: {
      input: { lo: query + prompt, hi: query + Math.max(prompt, grownPrompt) },
      output: { lo: answer, hi: Math.max(answer, task.maxAnswerTokens) },
    },
    generator: { input: { lo: meta + shown.lo, hi: meta + shown.hi }, output: proposal },
  };
}

export type Expected = {
  readonly calls: Readonly<Record<ModelRole, Range>>;
  readonly prices: Readonly<Partial<Record<ModelRole, Price | undefined>>>;
  /** Of one answer, as measured; undefined until the model was asked. */
  readonly latencyMs: Readonly<Partial<Record<ModelRole, number | undefined>>>;
  readonly concurrency: number;
};

/**
 * At the most: the plan. At the least: one prompt is tested, and every second proposal is turned down before it is tried, where what that
 * saves is not spent on others. A search that finds nothing left to gain may end before.
 * @param perRow calls of one answer of a row.
 */
export function expectedCalls(
  plan: Plan,
  { train, test }: { readonly train: number; readonly test: number },
  perRow: number,
): Expected['calls'] {
  const hi = (plan.evaluationCalls + testedPrompts(plan) * test) * perRow;
  const turnedDown = plan.spendsAll ? 0 : Math.floor(plan.prompts / 2) * train;
  const spared = turnedDown + (testedPrompts(plan) - 1) * test;
  const written = plan.most?.generatorCalls ?? plan.generatorCalls;
  // what more texts take of the calls is not left for answers
  const lo = hi - spared * perRow - (written - plan.generatorCalls);
  return {
    evaluation: { lo: Math.max(0, lo), hi },
    generator: { lo: plan.generatorCalls, hi: written },
  };
}

/** What so many calls take. */
export function estimateRun(
  task: TaskSpec,
  dataset: Dataset,
  prompts: readonly string[],
  metaPrompt: string,
  { calls, prices, latencyMs, concurrency }: Expected,
): RunEstimate {
  const tokens = tokensPerCall(task, dataset, prompts, metaPrompt);
  const part = (role: ModelRole): Part => partOf(calls[role], tokens[role].input, tokens[role].output, prices[role]);
  const [evaluation, generator] = [part('evaluation'), part('generator')];
  const seconds = secondsOf(calls, latencyMs, concurrency);
  return {
    evaluation,
    generator,
    calls: sum(calls.evaluation, calls.generator),
    tokens: sum(evaluation.tokens, generator.tokens),
    ...(evaluation.usd && generator.usd ? { usd: sum(evaluation.usd, generator.usd) } : {}),
    ...(seconds ? { seconds } : {}),
  };
}

const sum = (a: Range, b: Range): Range => ({ lo: a.lo + b.lo, hi: a.hi + b.hi });
const both = (of: (end: keyof Range) => number): Range => ({ lo: of('lo'), hi: of('hi') });

/** `input` and `output`: tokens of one call. */
const partOf = (calls: Range, input: Range, output: Range, price: Price | undefined): Part => ({
  calls,
  tokens: both((end) => calls[end] * (input[end] + output[end])),
  ...(price
    ? {
        usd: both((end) =>
          costOfUsage({ inputTokens: calls[end] * input[end], outputTokens: calls[end] * output[end] }, price),
        ),
      }
    : {}),
});

function secondsOf(
  calls: Expected['calls'],
  { evaluation, generator }: Expected['latencyMs'],
  concurrency: number,
): Range | undefined {
  if (evaluation === undefined || generator === undefined) return undefined;
  const idle = (end: keyof Range): number =>
    (calls.evaluation[end] * evaluation + calls.generator[end] * generator * proposalFactor) /
    Math.max(1, concurrency) /
    1000;
  return { lo: idle('lo'), hi: busyFactor * idle('hi') };
}
