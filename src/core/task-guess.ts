import type { Dataset, Example } from './example.ts';
import { groupedDigits } from './number-forms.ts';
import { choicesField, promptMark } from './prompt.ts';
import { allowedAnswers, listOfAnswers, mostLabels, type AnswerFormat, type TaskSpec } from './task.ts';

/** Of more labels than that nearly all have to come back. */
const fewLabels = 30;
const longestLabel = 60;
/** Digits and what stands between them: also a date, a list or a phone number. */
const figures = /^[-+]?[$€£¥]?\s?\d[\d,.\s]*\s?%?$/;
/**
 * One number and nothing else, in the forms that the metric `number` reads as one. A date, a list, a phone number or a code that begins
 * with 0 is none: only its last part would be compared.
 */
const oneNumber = new RegExp(`^[-+−]?(?:[$€£¥]\\s?)?(?:(?:0|[1-9]\\d*)(?:[.,]\\d+)?|${groupedDigits})\\s?%?$`, 'u');

/** Labels come back: each of a few short texts is the answer of several rows. */
function labelsOf(examples: readonly Example[]): readonly string[] | undefined {
  if (examples.some(({ targets }) => targets.length !== 1)) return undefined;
  const rows = new Map<string, number>();
  for (const { targets } of examples) rows.set(targets[0] ?? '', (rows.get(targets[0] ?? '') ?? 0) + 1);
  const labels = inOneSpelling(rows);
  const few = labels.length >= 2 && labels.length <= mostLabels && labels.length <= examples.length / 3;
  const short = labels.every((label) => label.length <= longestLabel && !label.includes('\n'));
  if (!few || !short) return undefined;
  // Answers of which some happen to repeat, such as names, are no classes.
  const single = labels.filter((label) => rows.get(label) === 1).length;
  if (labels.length > fewLabels && single > labels.length / 10) return undefined;
  // Many numbers that now and then come back are results of a calculation, not names of classes.
  const numbers = labels.every((label) => figures.test(label));
  return numbers && labels.length > 10 ? undefined : [...labels].sort();
}

/** Labels that differ in case alone are one, in the spelling of most of its rows. */
function inOneSpelling(rows: ReadonlyMap<string, number>): readonly string[] {
  const spelling = new Map<string, string>();
  for (const [label, times] of rows) {
    const name = label.normalize('NFC').trim().toLowerCase();
    const known = spelling.get(name);
    if (known === undefined || times > (rows.get(known) ?? 0)) spelling.set(name, label);
  }
  return [...spelling.values()];
}

function formatOf(examples: readonly Example[]): AnswerFormat {
  if (examples.every(({ choices }) => choices !== undefined)) return { type: 'letter' };
  const labels = labelsOf(examples);
  if (labels) return { type: 'label', labels };
  const number = examples.every(({ targets }) => targets.every((target) => oneNumber.test(target)));
  return { type: number ? 'number' : 'text' };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / (values.length || 1);

/**
 * Short spans of a longer text: a sentence around them does no harm. Where the answer is a large part of the input, such as one of
 * two words, repeating the input would be "right", so that does not count.
 */
const isExtractive = (examples: readonly Example[]): boolean => {
  const found = examples.filter(({ inputs, targets }) =>
    targets.some((target) =>
      Object.values(inputs).some((text) => target.length < text.length / 5 && text.includes(target)),
    ),
  );
  return found.length > examples.length * 0.7;
};

const longest = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => text.length));

/** JSON is compared as a text: there is one right way to write it, and the description must say so. */
const isJson = (target: string): boolean => /^\s*[[{][\s\S]*[\]}]\s*$/.test(target);

function metricOf(format: AnswerFormat, examples: readonly Example[]): string {
  if (format.type === 'letter') return 'choice-letter';
  if (format.type !== 'text') return format.type;
  return isExtractive(examples) ? 'contains' : 'exact';
}

/** `question.stem` → Question stem. */
const titleOf = (field: string): string => {
  const words = field.replace(/[._]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const longText = 200;

/** Long passages come first, so that the question about them stands next to its answer; the rest keeps the order of the columns. */
function orderedFields({ fields, examples }: Dataset): readonly string[] {
  const isLong = (field: string): boolean => mean(examples.map(({ inputs }) => inputs[field]?.length ?? 0)) > longText;
  return [...fields.filter(isLong), ...fields.filter((field) => !isLong(field))];
}

function templateText(fields: readonly string[], format: AnswerFormat): string {
  const [only] = fields;
  const lines =
    fields.length === 1 && only !== undefined
      ? [`{{${only}}}`]
      : fields.map((field) => `${titleOf(field)}: {{${field}}}`);
  const choices = format.type === 'letter' ? [`{{${choicesField}}}`] : [];
  return [promptMark, '', ...lines, ...choices].join('\n');
}

const listed = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`;

function describe(
  fields: readonly string[],
  format: AnswerFormat,
  metric: string,
  choicesPerRow: number,
  json: boolean,
): string {
  const names = listed(fields.map((field) => `“${field}”`));
  const goesIn = fields.length === 1 ? `The model gets one text, ${names}` : `The model gets these texts: ${names}`;
  const options = `${fields.length === 0 ? 'The model gets' : `${goesIn}, and`} a list of lettered options`;
  const allowed = allowedAnswers(format, choicesPerRow);
  const answers = ` Allowed answers: ${listOfAnswers(allowed)}.`;
  switch (format.type) {
    case 'letter':
      return `${options}. It must answer with the letter of the one right option.${answers}`;
    case 'label':
      return `${goesIn}. It must answer with exactly one label, spelled as given.${answers}`;
    case 'number':
      return `${goesIn}. It must answer with the right number; the last number of its answer is the one that counts.`;
    case 'text':
      if (json)
        return `${goesIn}. It must answer with JSON and nothing else, with the same keys, order and spacing as the expected answers.`;
      return metric === 'contains'
        ? `${goesIn}. Its answer must contain the expected words.`
        : `${goesIn}. It must answer with the expected text and nothing else.`;
  }
}

/** A token is rarely shorter than two characters, in any language that models know. */
const tokensFor = (characters: number): number => Math.ceil(characters / 2);

function answerTokens(format: AnswerFormat, examples: readonly Example[]): number {
  if (format.type === 'letter') return 16;
  if (format.type === 'label') return 16 + tokensFor(longest(format.labels));
  // Room for the calculation: models get more of them right when they may write it down.
  if (format.type === 'number') return 400;
  // Twice the longest right answer, so that a wordy answer is seen to be wrong and is not merely cut off.
  const needed = 32 + 2 * tokensFor(longest(examples.flatMap(({ targets }) => targets)));
  return Math.min(1024, Math.ceil(needed / 16) * 16);
}

/**
 * What the task of a data set probably is. A proposal: the person sees every part of it and can change it.
 * @param known what is not to be guessed: the rest goes with it.
 */
export function guessTask(dataset: Dataset, known: Partial<Pick<TaskSpec, 'answer' | 'metric'>> = {}): TaskSpec {
  const { examples } = dataset;
  const format = known.answer ?? formatOf(examples);
  const metric = known.metric ?? metricOf(format, examples);
  const fields = orderedFields(dataset);
  const choicesPerRow = Math.max(0, ...examples.map(({ choices }) => choices?.length ?? 0));
  return {
    description: describe(
      fields,
      format,
      metric,
      choicesPerRow,
      examples.every(({ targets }) => targets.every(isJson)),
    ),
    template: { messages: [{ role: 'user', content: templateText(fields, format) }] },
    answer: format,
    metric,
    maxAnswerTokens: answerTokens(format, examples),
  };
}
