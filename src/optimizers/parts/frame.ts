import { answersBlock, bareAnswer, formatBlock } from './meta-prompt-blocks.ts';
import type { Workbench } from './workbench.ts';

/**
 * The marks that every meta prompt can use: `task`, `allowed answers`, `answer format` and `rules` (length, marks that have to stay, what
 * the person said); and `alone`, `and alone` and `nothing else`, of which it takes at most one. Each search adds its own.
 * @param isPiece what is asked for is added to an instruction that holds the marks already.
 */
export function frameOf(
  bench: Pick<Workbench, 'context' | 'maxPromptLength' | 'placeholders' | 'hints'>,
  { isPiece = false }: { readonly isPiece?: boolean } = {},
): Readonly<Record<string, string>> {
  const { task, train } = bench.context;
  const rules = [
    `Use at most ${bench.maxPromptLength} characters.`,
    ...(bench.placeholders.length > 0 && !isPiece
      ? [`Keep these marks exactly as they are: ${bench.placeholders.map((name) => `{{${name}}}`).join(', ')}.`]
      : []),
    ...bench.hints,
  ];
  return {
    task: task.description,
    'allowed answers': answersBlock(task, train),
    'answer format': formatBlock(task, { isPiece }),
    ...bareAnswer(task),
    rules: rules.map((rule) => `- ${rule}`).join('\n'),
  };
}
