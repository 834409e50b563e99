import type { Example } from './example.ts';
import { candidateId, type ExampleId } from './id.ts';
import { renderQuery, type Candidate, type PromptTemplate } from './prompt.ts';
import type { PromptDemos } from './run.ts';
import { distinctExamples } from './split.ts';

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

const heading = 'Examples:';
const ending = 'Now the input to answer:';
/** How a template ends that waits for its answer: "Output:", "A =", "→". What a row ends with is no matter of the form. */
const cue = /(?:[:=→]|[-=]>)\s*$/;

/** The question as the model gets it, up to the place of the answer: where the model has to give it, or behind a word that says so. */
function upToAnswer(template: PromptTemplate, example: Example): string {
  const query = renderQuery(template, example);
  return cue.test(template.messages.at(-1)?.content ?? '') ? `${query} ` : `${query}\nAnswer: `;
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
        heading,
        ...demonstrations.map(({ example, answer }) => `${upToAnswer(template, example)}${answer}`),
        ending,
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

/**
 * The demonstrations of a candidate, with the answers that stand in its prompt: what `candidateWith` wrote is read back. Where rows of
 * other parts of the data stand between them, it is not known where those begin: then each has the answer of the data, or a child would
 * show a row that it is asked about later.
 * @param rows with those that it shows among them; one that is not is left out.
 */
export function demonstrationsIn(
  { prompt, demos }: Candidate,
  rows: readonly Example[],
  template: PromptTemplate,
): readonly Demonstration[] {
  if (!demos) return [];
  const byId = new Map(rows.map((row) => [row.id, row]));
  const shown = demos.examples.map((id) => byId.get(id));
  if (demos.elsewhere)
    return shown.flatMap((example) =>
      example && canBeShown(template, example, Infinity) ? [{ example, answer: example.targets[0] ?? '' }] : [],
    );
  let place = demos.instruction.length;
  return shown.flatMap((example, index) => {
    if (!example) return [];
    const start = prompt.indexOf(`\n\n${upToAnswer(template, example)}`, place);
    if (start < 0) return [];
    place = start + 2 + upToAnswer(template, example).length;
    const next = shown.slice(index + 1).find((one) => one !== undefined);
    const end = prompt.indexOf(next ? `\n\n${upToAnswer(template, next)}` : `\n\n${ending}`, place);
    return [{ example, answer: prompt.slice(place, end < 0 ? undefined : end) }];
  });
}

/**
 * Those of these prompts that show rows of the data the way `withDemonstrations` writes them. A prompt travels as a text, from run to run and
 * through files; what it shows has to be known again, or the search would ask a prompt for answers that stand in it.
 */
export function findDemonstrations(
  prompts: readonly string[],
  rows: readonly Example[],
  template: PromptTemplate,
): readonly PromptDemos[] {
  const mark = `\n\n${heading}\n\n`;
  // a copy of a row stands at the same place and is in no part of the data: it would pass for a row of elsewhere
  const asked = distinctExamples(rows);
  return prompts.flatMap((prompt) => {
    const from = prompt.indexOf(mark);
    if (from < 0) return [];
    const shown = asked
      .map(({ id, ...row }) => ({
        id,
        place: prompt.indexOf(`\n\n${upToAnswer(template, { id, ...row })}`, from),
      }))
      .filter(({ place }) => place >= 0)
      .sort((a, b) => a.place - b.place);
    const [first] = shown;
    if (!first) return [];
    const instruction = prompt.slice(0, prompt.lastIndexOf(mark, first.place));
    return [{ prompt, instruction, examples: shown.map(({ id }) => id) }];
  });
}
