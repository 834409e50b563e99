import { AppError } from './error.ts';
import { letteredChoices, type Example } from './example.ts';
import type { CandidateId, ExampleId } from './id.ts';
import type { Message } from './completion.ts';

/**
 * The frame around the prompt under optimization. The frame is locked; `{{>prompt}}` marks the place of the prompt, `{{field}}` the
 * places of the data, `{{choices}}` the lettered options of a multiple-choice row.
 */
export type PromptTemplate = { readonly messages: readonly Message[] };

/** Where a candidate came from. */
type Origin =
  /** `made`: by the app from the task, because the person gave none. */
  | { readonly type: 'start'; readonly made?: true }
  | {
      readonly type: 'proposal';
      readonly round: number;
      readonly parents: readonly CandidateId[];
      /** Which way of writing prompts it came from, where the optimizer has several. */
      readonly operator?: string;
      /** What was changed and why, in the optimizer's words. */
      readonly why?: string;
    }
  | { readonly type: 'person' };

/** A prompt that is being tried. */
export type Candidate = {
  readonly id: CandidateId;
  /** The whole text, as it is sent; demonstrations included. */
  readonly prompt: string;
  readonly origin: Origin;
  /** What the prompt is composed of where it shows worked examples (core/demonstrations.ts). */
  readonly demos?: Demos;
};

/**
 * Few-shot demonstrations of a candidate: the instruction without them, and the train rows that they show. Such a row is no measure of
 * the candidate: it is never asked about it, and the cell stays missing.
 */
type Demos = {
  readonly instruction: string;
  readonly examples: readonly ExampleId[];
  /** Rows of the other parts that it shows too, as a starting prompt from elsewhere may: they are not asked either. */
  readonly elsewhere?: readonly ExampleId[];
};

/** The rows that a prompt shows as worked examples, of whatever part of the data. */
export const shownRows = ({ demos }: Candidate): readonly ExampleId[] =>
  demos ? [...demos.examples, ...(demos.elsewhere ?? [])] : [];

export const isShownBy = ({ demos }: Candidate, example: ExampleId): boolean =>
  demos !== undefined && (demos.examples.includes(example) || (demos.elsewhere?.includes(example) ?? false));

/** Each parent once: a journal may name the same prompt twice. */
export const parentIdsOf = ({ origin }: Candidate): readonly CandidateId[] =>
  origin.type === 'proposal' ? [...new Set(origin.parents)] : [];

/** The text under optimization: the prompt without its demonstrations. */
export const instructionOf = ({ prompt, demos }: Candidate): string => demos?.instruction ?? prompt;

export const promptMark = '{{>prompt}}';
export const choicesField = 'choices';

export type TemplatePart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'field'; readonly name: string; readonly text: string }
  | { readonly type: 'prompt'; readonly text: string };

/** Splits a text at its marks. The parts' `text` joined is the input again; what is not a well-formed mark stays text. */
export function parseTemplate(text: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  // No part of the pattern overlaps another: a brace that is never closed costs one look, however much follows it.
  const mark = /\{\{([^{}]+)\}\}/g;
  let from = 0;
  for (const match of text.matchAll(mark)) {
    const name = (match[1] ?? '').trim();
    if (name === '') continue;
    if (match.index > from) parts.push({ type: 'text', text: text.slice(from, match.index) });
    parts.push(
      /^>\s*prompt$/.test(name) ? { type: 'prompt', text: match[0] } : { type: 'field', name, text: match[0] },
    );
    from = match.index + match[0].length;
  }
  if (from < text.length) parts.push({ type: 'text', text: text.slice(from) });
  return parts;
}

/** The different fields that a text names, in order of appearance. */
export const fieldsOf = (text: string): readonly string[] => [
  ...new Set(parseTemplate(text).flatMap((part) => (part.type === 'field' ? [part.name] : []))),
];

function fieldValue(name: string, example: Example): string {
  if (Object.hasOwn(example.inputs, name)) return example.inputs[name] ?? '';
  if (name === choicesField && example.choices) return letteredChoices(example.choices);
  throw new AppError('template-unknown-field', { field: name, known: fieldNames(example) });
}

const fieldNames = (example: Example): readonly string[] => [
  ...Object.keys(example.inputs),
  ...(example.choices ? [choicesField] : []),
];

/** One pass: marks inside a cell or inside an answer of a model are plain text and are never filled in. */
const fill = (text: string, prompt: string | undefined, example: Example): string =>
  parseTemplate(text)
    .map((part) => {
      if (part.type === 'text') return part.text;
      if (part.type === 'field') return fieldValue(part.name, example);
      return prompt === undefined ? part.text : fill(prompt, undefined, example);
    })
    .join('');

/**
 * The messages of one call.
 * @throws AppError `template-unknown-field` when a mark names a field that the row does not have.
 */
export const renderMessages = (template: PromptTemplate, prompt: string, example: Example): readonly Message[] =>
  template.messages.map(({ role, content }) => ({ role, content: fill(content, prompt, example) }));

/** The data part of the query as the model sees it, without the prompt: what a meta prompt shows of an example. */
export const renderQuery = (template: PromptTemplate, example: Example): string =>
  template.messages
    .map(({ content }) => fill(content, '', example).trim())
    .filter((content) => content !== '')
    .join('\n\n');

/** The messages with the prompt in its place and the data marks left as they are: what is exported. */
export const messagesWithPrompt = (template: PromptTemplate, prompt: string): readonly Message[] =>
  template.messages.map(({ role, content }) => ({
    role,
    content: parseTemplate(content)
      .map((part) => (part.type === 'prompt' ? prompt : part.text))
      .join(''),
  }));

/** What is wrong with a template for these fields, as sentences; none when it can be used. */
export function templateProblems(template: PromptTemplate, known: readonly string[]): readonly string[] {
  const text = template.messages.map(({ content }) => content).join('\n');
  const marks = parseTemplate(text);
  const problems: string[] = [];
  const places = marks.filter((part) => part.type === 'prompt').length;
  if (places !== 1)
    problems.push(
      places === 0
        ? `The template has no ${promptMark}: put it where the prompt belongs.`
        : `The template has ${promptMark} ${places} times: keep one.`,
    );
  const unknown = fieldsOf(text).filter((name) => !known.includes(name));
  for (const name of unknown) problems.push(`The data has no field “${name}”. Known fields: ${known.join(', ')}.`);
  if (!marks.some((part) => part.type === 'field'))
    problems.push('The template shows no data: name at least one field, such as {{' + (known[0] ?? 'text') + '}}.');
  return problems;
}
