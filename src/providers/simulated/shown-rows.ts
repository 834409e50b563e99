import { renderQuery } from '#core/prompt.ts';
import type { AnswerKey } from '#core/provider.ts';

/** A prompt and the worked examples in it, told apart. */
export type Worked = {
  /** The prompt without its worked examples. */
  readonly instruction: string;
  /** Rows of the data set that it shows with a right answer, and with another one. */
  readonly right: number;
  readonly wrong: number;
};

const answerLine = /^\s*(?:the )?(?:right |correct )?(?:answer|output|label|result)\s*:[ \t]*([^\n]*)/i;
/** Lines that only announce the worked examples, or the input after them. */
const heading = /^(?:(?:worked )?examples?|now[^\n]{0,40}|input)\s*:[ \t]*$/gim;

/** Finds the rows that a prompt shows: they say nothing about how clear the instruction is, but they show what is wanted. */
export function createReaderOfShown({ task, examples }: AnswerKey): (prompt: string) => Worked {
  let rows: readonly { readonly query: string; readonly targets: readonly string[] }[] | undefined;
  return (prompt) => {
    rows ??= examples.flatMap((example) => {
      try {
        const query = renderQuery(task.template, example);
        return query === '' ? [] : { query, targets: example.targets };
      } catch {
        // the template names a field that this row lacks: such a row is shown nowhere
        return [];
      }
    });
    let [instruction, right, wrong] = [prompt, 0, 0];
    // the longest first: a short row may be a piece of a longer one
    const found = rows.filter(({ query }) => prompt.includes(query)).sort((a, b) => b.query.length - a.query.length);
    for (const { query, targets } of found) {
      const from = instruction.indexOf(query);
      if (from < 0) continue;
      const rest = instruction.slice(from + query.length);
      const answer = answerLine.exec(rest);
      instruction = instruction.slice(0, from) + rest.slice(answer?.[0].length ?? 0);
      if (!answer) continue;
      if (targets.some((target) => answer[1]?.toLowerCase().includes(target.toLowerCase()))) right += 1;
      else wrong += 1;
    }
    return { instruction: found.length > 0 ? instruction.replace(heading, '').trim() : prompt, right, wrong };
  };
}
