import { costOf, noSpending, type Price, type Spending } from '#core/budget.ts';
import type { Dataset } from '#core/example.ts';
import { renderQuery } from '#core/prompt.ts';
import type { TaskSpec } from '#core/task.ts';

/** About four Latin characters a token, one character of other scripts. For estimates only. */
export function tokensOfText(text: string): number {
  const other = text.match(/[^\p{Script=Latin}\p{Script=Common}]/gu)?.length ?? 0;
  return Math.ceil((text.length - other) / 4 + other);
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

/** Rows that are looked at for an average. */
const lookedAt = 40;
/** Tokens that a meta prompt adds to its own text by the prompts and examples it shows, and those of a proposal: from little to much. */
const shown = { lo: 300, hi: 4000 };
const proposal = { lo: 40, hi: 500 };
/** Prompts grow while they are tuned. */
const grownPrompt = 400;

export type Range = { readonly lo: number; readonly hi: number };

/** What the calls of a plan would cost, in US dollars; undefined while a price is unknown. */
export function estimateCost(
  task: TaskSpec,
  dataset: Dataset,
  prompts: readonly string[],
  metaPrompt: string,
  calls: { readonly evaluation: number; readonly generator: number },
  prices: { readonly evaluation?: Price | undefined; readonly generator?: Price | undefined },
): Range | undefined {
  const rows = dataset.examples.slice(0, lookedAt);
  const query = mean(rows.map((row) => tokensOfText(renderQuery(task.template, row))));
  const answer = Math.max(1, mean(rows.map(({ targets }) => tokensOfText(targets[0] ?? ''))));
  const prompt = mean(prompts.map(tokensOfText));
  const meta = tokensOfText(metaPrompt);
  const spending = (end: keyof Range): Spending => ({
    ...noSpending,
    evaluation: {
      inputTokens: calls.evaluation * (query + (end === 'lo' ? prompt : Math.max(prompt, grownPrompt))),
      outputTokens: calls.evaluation * (end === 'lo' ? answer : Math.max(answer, task.maxAnswerTokens)),
    },
    generator: {
      inputTokens: calls.generator * (meta + shown[end]),
      outputTokens: calls.generator * proposal[end],
    },
  });
  const lo = costOf(spending('lo'), prices);
  const hi = costOf(spending('hi'), prices);
  return lo === undefined || hi === undefined ? undefined : { lo, hi };
}

/** A proposal is this many times as long in coming as a short answer. */
const proposalFactor = 8;

/** Seconds that the calls take when each answer takes as long as the one that was measured. */
export const estimateSeconds = (
  calls: { readonly evaluation: number; readonly generator: number },
  latencyMs: { readonly evaluation: number; readonly generator: number },
  concurrency: number,
): number =>
  (calls.evaluation * latencyMs.evaluation + calls.generator * latencyMs.generator * proposalFactor) /
  Math.max(1, concurrency) /
  1000;
