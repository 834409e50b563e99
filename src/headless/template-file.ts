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

const parts: Readonly<Record<string, readonly [wanted: string, fits: (value: unknown) => boolean]>> = {
  messages: ['a list of { "role": …, "content": … }', isMessages],
  description: ['a text', isText],
  answer: ['{ "type": "letter" | "number" | "text" } or { "type": "label", "labels": […] }', isAnswer],
  metric: ['a text', isText],
  maxAnswerTokens: ['a whole number of at least 1', isWhole(1)],
  estimateSamples: ['a whole number of at least 0', isWhole(0)],
  mapping: ['an object', isRecord],
};

/** What is wrong with a template file, in a sentence; undefined when it can be used. */
export function templateFileProblem(value: unknown): string | undefined {
  if (!isRecord(value)) return 'an object is wanted.';
  for (const [name, given] of Object.entries(value)) {
    const part = Object.hasOwn(parts, name) ? parts[name] : undefined;
    if (!part) return `“${name}” is unknown. Known: ${Object.keys(parts).join(', ')}.`;
    if (!part[1](given)) return `“${name}”: ${part[0]} is wanted.`;
  }
  return undefined;
}
