import type { PromptTemplate } from './prompt.ts';

/** What an answer looks like. */
export type AnswerFormat =
  /** The letter of one of the row's options. */
  | { readonly type: 'letter' }
  /** One of a few labels, spelled as given. */
  | { readonly type: 'label'; readonly labels: readonly string[] }
  | { readonly type: 'number' }
  | { readonly type: 'text' };

/** More different answers than that are no labels. */
export const mostLabels = 100;

/** Where in a longer answer the part that counts is found. Absent: where an answer of its format is looked for anyway. */
export type AnswerReading =
  /** Behind the last occurrence of this text: "Answer:". */
  | { readonly type: 'after'; readonly mark: string }
  /** Between <name> and </name>. */
  | { readonly type: 'tag'; readonly name: string }
  /** The value of this member of a JSON object. */
  | { readonly type: 'json'; readonly field: string }
  /** The last line that is not blank. */
  | { readonly type: 'last-line' };

/** What is asked of the evaluation model, and how its answer is judged. */
export type TaskSpec = {
  /** One or two sentences for the generator model: what the prompt must make the evaluation model do. */
  readonly description: string;
  readonly template: PromptTemplate;
  readonly answer: AnswerFormat;
  readonly reading?: AnswerReading;
  /** Id of the metric that says right or wrong. */
  readonly metric: string;
  /** Upper bound of an answer's length, in tokens. */
  readonly maxAnswerTokens: number;
  /**
   * Further draws at temperature 1 for each row, from which the cross entropy is estimated when the model gives no
   * log-probabilities. Absent or 0: no estimate. Each draw is a call.
   */
  readonly estimateSamples?: number;
};

/** The answers that are allowed for this format, in words that go into a meta prompt; none where anything may be answered. */
export function allowedAnswers(format: AnswerFormat, choicesPerRow = 4): readonly string[] {
  if (format.type === 'label') return format.labels;
  if (format.type === 'letter') return Array.from({ length: choicesPerRow }, (_, i) => String.fromCharCode(65 + i));
  return [];
}

/** Answers in a row, as a meta prompt and a prompt list them: where one holds a comma, commas would make two answers of it. */
export const listOfAnswers = (answers: readonly string[]): string =>
  answers.join(answers.some((answer) => answer.includes(',')) ? ' | ' : ', ');
