import { letteredChoices, type Example } from '#core/example.ts';
import type { Message } from '#core/completion.ts';
import { choicesField, parseTemplate, type PromptTemplate } from '#core/prompt.ts';

/** A stretch of an edited text: plain, the place of the prompt, a field of the data, or a name that the data does not have. */
export type Piece = { readonly kind: 'plain' | 'prompt' | 'field' | 'unknown'; readonly text: string };

/** The pieces of a text whose marks may name these fields. `frame`: the text may hold the place of the prompt. */
export const piecesOf = (text: string, known: readonly string[], frame: boolean): readonly Piece[] =>
  parseTemplate(text).map((part): Piece => {
    if (part.type === 'field') return { kind: known.includes(part.name) ? 'field' : 'unknown', text: part.text };
    return { kind: part.type === 'prompt' && frame ? 'prompt' : 'plain', text: part.text };
  });

/** What an editor of such a text can be told. */
export type TextEditor = { insert(text: string): void; focus(): void };

/** A stretch of a message as it will be sent, with where it comes from. */
export type Segment = { readonly from: 'frame' | 'prompt' | 'data' | 'missing'; readonly text: string };
export type ShownMessage = { readonly role: Message['role']; readonly segments: readonly Segment[] };

/** The messages of one call, as `renderMessages` writes them, but with the origin of each stretch. An unknown field shows as its mark. */
export const shownMessages = (template: PromptTemplate, prompt: string, example: Example): readonly ShownMessage[] =>
  template.messages.map(({ role, content }) => ({ role, segments: fill(content, prompt, example, 'frame') }));

function fill(
  text: string,
  prompt: string | undefined,
  example: Example,
  from: 'frame' | 'prompt',
): readonly Segment[] {
  return parseTemplate(text).flatMap((part): readonly Segment[] => {
    if (part.type === 'text') return [{ from, text: part.text }];
    if (part.type === 'prompt')
      return prompt === undefined ? [{ from, text: part.text }] : fill(prompt, undefined, example, 'prompt');
    const value = valueOf(part.name, example);
    return [value === undefined ? { from: 'missing', text: part.text } : { from: 'data', text: value }];
  });
}

function valueOf(name: string, { inputs, choices }: Example): string | undefined {
  if (Object.hasOwn(inputs, name)) return inputs[name];
  return name === choicesField && choices ? letteredChoices(choices) : undefined;
}
