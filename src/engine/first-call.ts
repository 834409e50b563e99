import { costOfUsage, upToCents } from '#core/budget.ts';
import type { Usage } from '#core/completion.ts';
import type { Example } from '#core/example.ts';
import { renderMessages } from '#core/prompt.ts';
import type { RunSpec } from '#core/run.ts';
import { worstCase } from './ledger.ts';

type Asked = Pick<RunSpec, 'budget' | 'task' | 'prompts'> & {
  readonly models: { readonly evaluation: Pick<RunSpec['models']['evaluation'], 'price'> };
};

/**
 * What keeps a budget from holding the first calls. A request is set aside at its worst before it is sent, so that a ceiling below
 * the worst of one call holds none: such a run would start and ask nothing.
 * @param rows those that the starting prompts are tried on.
 */
export function firstCallProblems(
  { budget, task, prompts, models }: Asked,
  rows: readonly Example[],
): readonly string[] {
  const { tokens, costUsd } = budget;
  const row = tokens === undefined && costUsd === undefined ? undefined : longest(rows);
  if (!row) return [];
  const usages = prompts.map((prompt) =>
    worstCase({ messages: renderMessages(task.template, prompt, row), maxTokens: task.maxAnswerTokens }),
  );
  const need = usages.reduce((a, b) => (total(b) > total(a) ? b : a), { inputTokens: 0, outputTokens: 0 });
  const { price } = models.evaluation;
  const usd = price ? costOfUsage(need, price) : 0;
  const parts = `for the longest row, and ${need.outputTokens.toLocaleString('en')} for the longest answer`;
  const wayOut = 'Raise the limit, set none, or allow a shorter answer.';
  return [
    ...(tokens !== undefined && total(need) > tokens
      ? [
          `One call can take up to ${total(need).toLocaleString('en')} tokens (${need.inputTokens.toLocaleString('en')} ${parts}); ` +
            `the limit of the whole run is ${tokens.toLocaleString('en')}. ${wayOut}`,
        ]
      : []),
    ...(costUsd !== undefined && usd > costUsd
      ? [
          `One call can cost up to $${upToCents(usd)} (${need.inputTokens.toLocaleString('en')} tokens ${parts}); ` +
            `the limit of the whole run is $${costUsd}. ${wayOut}`,
        ]
      : []),
  ];
}

const total = ({ inputTokens, outputTokens }: Usage): number => inputTokens + outputTokens;

/** By its text. One row is enough to know: a ceiling below it is below what the starting prompts take. */
function longest(rows: readonly Example[]): Example | undefined {
  let found: { readonly row: Example; readonly length: number } | undefined;
  for (const row of rows) {
    const texts = [...Object.values(row.inputs), ...(row.choices ?? [])];
    const length = texts.reduce((sum, text) => sum + text.length, 0);
    if (!found || length > found.length) found = { row, length };
  }
  return found?.row;
}
