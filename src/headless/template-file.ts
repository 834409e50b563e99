import type { Mapping } from '#core/import.ts';

/** What a template file may hold, and how each part is recognized. */
const isText = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';
const isWhole = (least: number) => (value: unknown) => Number.isSafeInteger(value) && (value as number) >= least;
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isMessages = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every(
    (message: unknown) =>
      isRecord(message) &&
      ['system', 'user', 'assistant'].includes(message['role'] as string) &&
      typeof message['content'] === 'string',
  );
const isAnswer = (value: unknown): boolean => {
  if (!isRecord(value)) return false;
  const { type, labels } = value;
  return type === 'label'
    ? Array.isArray(labels) && labels.length > 1 && labels.every(isText)
    : ['letter', 'number', 'text'].includes(type as string);
};

const isFilled = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isList = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const isChoices = (value: unknown): boolean =>
  isRecord(value) &&
  (value['type'] === 'list' ? isText(value['column']) : value['type'] === 'columns' && isList(value['columns']));

type Parts = Readonly<Record<string, readonly [wanted: string, fits: (value: unknown) => boolean]>>;

const parts: Parts = {
  messages: ['a list of { "role": …, "content": … }', isMessages],
  description: ['a text', isText],
  answer: ['{ "type": "letter" | "number" | "text" } or { "type": "label", "labels": […] }', isAnswer],
  metric: ['a text', isText],
  maxAnswerTokens: ['a whole number of at least 1', isWhole(1)],
  estimateSamples: ['a whole number of at least 0', isWhole(0)],
  mapping: ['an object', isRecord],
};

/** Which column of the data plays which part, where the guess is not to be taken. */
const mappingParts: Parts = {
  inputs: ['a list of columns', isList],
  target: ['a list of columns', isList],
  choices: ['{ "type": "list", "column": … } or { "type": "columns", "columns": […] }', isChoices],
  targetIs: [
    '"letter", "index-0", "index-1" or "text"',
    (value) => ['letter', 'index-0', 'index-1', 'text'].includes(value as string),
  ],
  targetSeparator: ['a text', isFilled],
  targetAfter: ['a text', isFilled],
  labelNames: ['an object of texts', (value) => isRecord(value) && Object.values(value).every(isText)],
};

/** What is wrong with a template file, in a sentence; undefined when it can be used. */
export function templateFileProblem(value: unknown): string | undefined {
  if (!isRecord(value)) return 'an object is wanted.';
  const { mapping } = value;
  const inside = isRecord(mapping) ? partsProblem(mappingParts, mapping) : undefined;
  return partsProblem(parts, value) ?? (inside === undefined ? undefined : `“mapping”: ${inside}`);
}

function partsProblem(known: Parts, value: Readonly<Record<string, unknown>>): string | undefined {
  for (const [name, given] of Object.entries(value)) {
    const part = Object.hasOwn(known, name) ? known[name] : undefined;
    if (!part) return `“${name}” is unknown. Known: ${Object.keys(known).join(', ')}.`;
    if (!part[1](given)) return `“${name}”: ${part[0]} is wanted.`;
  }
  return undefined;
}

/** A column of the mapping that the data does not have, in a sentence. */
export function mappingProblem(
  { inputs = [], target = [], choices }: Partial<Mapping>,
  columns: readonly string[],
): string | undefined {
  const options = choices?.type === 'list' ? [choices.column] : (choices?.columns ?? []);
  const unknown = [...inputs, ...target, ...options].find((name) => !columns.includes(name));
  return unknown === undefined
    ? undefined
    : `“mapping” names the column “${unknown}”, which the data does not have. Columns: ${columns.join(', ')}.`;
}
