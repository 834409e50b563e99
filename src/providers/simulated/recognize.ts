import type { Message } from '#core/completion.ts';
import { letteredChoices, type Example } from '#core/example.ts';
import { renderMessages } from '#core/prompt.ts';
import type { AnswerKey } from '#core/provider.ts';

/** Which row a request is about, and what is left of the request when the row's data is taken away: the prompt under test. */
export type Recognized = { readonly example: Example; readonly prompt: string };

type Frame = { readonly example: Example; readonly before: string; readonly after: string };

const placeOfPrompt = '\u0001';
export const textOf = (messages: readonly Message[]): string => messages.map(({ content }) => content).join('\n\n');

/** Finds rows whose filled-in template is the request, whatever prompt stands in it. */
export function createRecognizer(key: AnswerKey): (text: string) => Recognized | undefined {
  let frames: readonly Frame[] | undefined;
  return (text) => {
    frames ??= key.examples.flatMap((example) => frameOf(example, key) ?? []);
    let found: Frame | undefined;
    for (const frame of frames) {
      const size = frame.before.length + frame.after.length;
      if (found && size <= found.before.length + found.after.length) continue;
      if (size <= text.length && text.endsWith(frame.after) && text.startsWith(frame.before)) found = frame;
    }
    if (!found) return undefined;
    return { example: found.example, prompt: text.slice(found.before.length, text.length - found.after.length).trim() };
  };
}

function frameOf(example: Example, { task }: AnswerKey): Frame | undefined {
  try {
    const [before, after] = textOf(renderMessages(task.template, placeOfPrompt, example)).split(placeOfPrompt);
    return before === undefined || after === undefined || (before + after).trim() === ''
      ? undefined
      : { example, before, after };
  } catch {
    // the template names a field that this row lacks: the engine refuses to ask about such a row, so nothing is lost
    return undefined;
  }
}

/** The row whose inputs all stand somewhere in the text; of several the one with the most text. For requests of another make. */
export function recognizeByInputs(text: string, examples: readonly Example[]): Recognized | undefined {
  let found: Example | undefined;
  let longest = 0;
  for (const example of examples) {
    const inputs = Object.values(example.inputs).filter((value) => value !== '');
    const size = inputs.reduce((sum, value) => sum + value.length, 0);
    if (size > longest && inputs.every((value) => text.includes(value))) {
      longest = size;
      found = example;
    }
  }
  return found && { example: found, prompt: withoutData(text, found) };
}

function withoutData(text: string, example: Example): string {
  const pieces = [...Object.values(example.inputs), ...(example.choices ? [letteredChoices(example.choices)] : [])];
  return pieces
    .filter((piece) => piece !== '')
    .sort((a, b) => b.length - a.length)
    .reduce((rest, piece) => rest.replaceAll(piece, ' '), text)
    .trim();
}
