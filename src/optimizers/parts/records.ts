import type { ExampleId } from '#core/id.ts';
import { instructionOf, type Candidate } from '#core/prompt.ts';
import { exampleBlock, promptBlock } from './meta-prompt-blocks.ts';
import type { Workbench } from './workbench.ts';

/** Characters of an input that the generator is shown. */
const shownInput = 400;

/** The instruction of a prompt and what it reached; the worked examples below it are not for the generator to rewrite. */
export function instructionBlock(bench: Workbench, candidate: Candidate): string {
  const known = bench.book.scored(candidate);
  return promptBlock(
    { ...known, candidate: { ...candidate, prompt: instructionOf(candidate) } },
    { showAnswer: false },
  );
}

/** What a prompt led to on these rows: input, right answer, answer of the model. Rows without an answer are left out. */
export const recordsBlock = (bench: Workbench, { id }: Candidate, rows: readonly ExampleId[]): string =>
  rows
    .flatMap((example) => {
      const result = bench.book.result(id, example);
      return result?.type === 'answered'
        ? [exampleBlock({ example, result }, bench.example(example), bench.context.task, shownInput)]
        : [];
    })
    .join('\n\n') || '(none)';

/** Those of the rows, as a rule all that it was asked about, that a prompt did not get right. A failed row is missing, not wrong. */
export const wrongRows = (
  { book }: Workbench,
  { id }: Candidate,
  rows: Iterable<ExampleId> = book.resultsOf(id).keys(),
): readonly ExampleId[] =>
  [...rows].filter((row) => {
    const result = book.result(id, row);
    return result?.type === 'answered' && result.outcome !== 'right';
  });
