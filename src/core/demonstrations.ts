import type { Example } from './example.ts';
import { candidateId, type ExampleId } from './id.ts';
import { renderQuery, type Candidate, type PromptTemplate } from './prompt.ts';

/** A worked example as it is shown in a prompt: the row, and the answer that is given to it. */
export type Demonstration = { readonly example: Example; readonly answer: string };

/**
 * Whether a row can be shown inside a prompt. Marks of a template inside a cell would be filled in there like the prompt's own, so a row
 * that has any is left out; so is one longer than `longest` characters.
 */
export function canBeShown(template: PromptTemplate, example: Example, longest: number): boolean {
  const query = renderQuery(template, example);
  return query.length <= longest && !query.includes('{{') && !(example.targets[0] ?? '').includes('{{');
}

/** How a question ends that waits for its answer: "Output:", "A =", "→". */
const cue = /[:=>→]\s*$/;

/** The question as the model gets it, and the answer in the form in which the model has to give it. */
function answered(query: string, answer: string): string {
  return cue.test(query) ? `${query.trimEnd()} ${answer}` : `${query}\nAnswer: ${answer}`;
}

/** The instruction, and below it the worked examples in their order; the instruction alone where there are none. */
export const withDemonstrations = (
  instruction: string,
  demonstrations: readonly Demonstration[],
  template: PromptTemplate,
): string =>
  demonstrations.length === 0
    ? instruction
    : [
        instruction,
        'Examples:',
        ...demonstrations.map(({ example, answer }) => answered(renderQuery(template, example), answer)),
        'Now the input to answer:',
      ].join('\n\n');

/** A candidate with its demonstrations composed into its prompt. */
export function candidateWith(
  instruction: string,
  demonstrations: readonly Demonstration[],
  template: PromptTemplate,
  origin: Candidate['origin'],
): Candidate {
  const prompt = withDemonstrations(instruction, demonstrations, template);
  const examples: readonly ExampleId[] = demonstrations.map(({ example }) => example.id);
  return {
    id: candidateId(prompt),
    prompt,
    origin,
    ...(examples.length > 0 ? { demos: { instruction, examples } } : {}),
  };
}
