import { outcomeOf } from '#core/evaluation.ts';
import type { Example } from '#core/example.ts';
import { instructionOf, renderMessages, renderQuery, type Candidate } from '#core/prompt.ts';
import { allowedAnswers, listOfAnswers, type AnswerReading, type TaskSpec } from '#core/task.ts';
import type { Evaluated } from './pick-examples.ts';
import type { Scored } from './ranking.ts';

/** The pieces of a meta prompt, in words that a small model can follow too. Pure. */

export function answersBlock(task: TaskSpec, examples: readonly Example[]): string {
  const most = Math.max(2, ...examples.map(({ choices }) => choices?.length ?? 0));
  const allowed = allowedAnswers(task.answer, most);
  if (allowed.length === 0) return '';
  return `The only allowed answers are: ${listOfAnswers(allowed)}.`;
}

const answerForms: Readonly<Record<TaskSpec['answer']['type'], string>> = {
  letter: 'the letter of the right option and nothing else.',
  label: 'exactly one of these, spelled like this, and nothing else.',
  number: 'the number and nothing else: no unit, no words.',
  text: 'only the wanted text, without any other words.',
};

/**
 * What an answer has to look like; where only a part of what the model writes counts, where that has to stand.
 * @param isPiece what is asked for is added to an instruction, which asks for the answer in its place itself.
 */
export function formatBlock(
  { answer, reading }: Pick<TaskSpec, 'answer' | 'reading'>,
  { isPiece = false }: { readonly isPiece?: boolean } = {},
): string {
  const form = answerForms[answer.type];
  if (!reading) return `The answer must be ${form}`;
  const place = `The answer is read ${placeOf(reading)}. There it must be ${form}`;
  return isPiece
    ? place
    : `${place} The instruction must ask for the answer in that place, and may let the model think before it.`;
}

/**
 * What a meta prompt asks for beside the form of the answer, a line or the end of one, by its mark: that nothing may stand beside it. Where
 * only a part of what the model writes counts, that would forbid what `formatBlock` allows, and the place is asked for instead.
 */
export const bareAnswer = ({ reading }: Pick<TaskSpec, 'reading'>): Readonly<Record<string, string>> =>
  reading
    ? {
        alone: '- Say where the answer must stand, as said above.',
        'and alone': '; say where it must stand',
        'nothing else': ', and where it must stand',
      }
    : {
        alone: '- Say that the answer must be written alone, with no other words.',
        'and alone': '; say that the answer must be written alone',
        'nothing else': ', and that nothing else may be written',
      };

function placeOf(reading: AnswerReading): string {
  switch (reading.type) {
    case 'after':
      return `behind the last “${reading.mark}” that the model writes`;
    case 'tag':
      return `between <${reading.name}> and </${reading.name}>`;
    case 'json':
      return `from the member “${reading.field}” of the JSON object that the model writes`;
    case 'last-line':
      return 'from the last line that the model writes';
  }
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/**
 * A prompt with what it reached.
 * @param showAnswer one answer that it led to, where that shows what went wrong.
 * @param counted the number of answers with the share: where prompts were asked about different numbers of rows.
 */
export function promptBlock(
  { candidate, results, summary }: Scored,
  { showAnswer, counted = false }: { readonly showAnswer: boolean; readonly counted?: boolean },
): string {
  const share = (value: number): string =>
    counted ? `${summary.right} of ${summary.n} answers (${percent(value)})` : `${percent(value)} of the answers`;
  const score = summary.accuracy
    ? `${share(summary.accuracy.value)} were right` +
      (summary.crossEntropy ? `, cross entropy ${summary.crossEntropy.value.toFixed(2)}` : '')
    : 'no answer came';
  const odd = showAnswer
    ? results.find((result) => result.type === 'answered' && !['right', 'wrong'].includes(result.outcome))
    : undefined;
  const answer =
    odd?.type === 'answered' && odd.answer.trim() !== '' ? `\nA typical useless answer: “${cut(odd.answer, 100)}”` : '';
  return `Prompt: “${instructionOf(candidate)}”\nResult: ${score}.${answer}`;
}

export function exampleBlock({ result }: Evaluated, example: Example, task: TaskSpec, longest: number): string {
  const given = result.type === 'answered' ? cut(result.answer, 80) : '';
  const entropy = result.type === 'answered' && result.crossEntropy.type === 'scored' ? result.crossEntropy : undefined;
  const verdict = outcomeOf(result) === 'right' ? 'right' : 'wrong';
  return [
    labelledBlock(example, task, longest),
    `Answer of the model: ${given === '' ? '(nothing)' : given} (${verdict}${entropy ? `, cross entropy ${entropy.bound === 'at-least' ? 'at least ' : ''}${entropy.value.toFixed(2)}` : ''})`,
  ].join('\n');
}

/** A row with its right answer only: what somebody sees who has no prompt yet. */
export const labelledBlock = (example: Example, task: TaskSpec, longest: number): string =>
  `Example: ${cut(renderQuery(task.template, example), longest)}\nRight answer: ${example.targets[0] ?? ''}`;

/** A row as the model gets it, with the place of the instruction marked, and its right answer. */
export function placedExample(example: Example, task: TaskSpec, longest = 400): string {
  const request = renderMessages(task.template, '<INSTRUCTION>', example).map(({ content }) => content);
  return `Input: ${cut(request.join(' '), longest)}\nRight answer: ${example.targets[0] ?? ''}`;
}

/** Prompts without scores, to be named by their numbers. */
export const numberedPrompts = (candidates: readonly Candidate[]): string =>
  candidates.map((candidate, place) => `Prompt ${place + 1}: “${instructionOf(candidate)}”`).join('\n\n');

/** A row and its right answer, as an input and what was wanted for it. */
export const pairBlock = (example: Example, task: TaskSpec, longest = 400): string =>
  `Input: ${cut(renderQuery(task.template, example), longest)}\nOutput: ${example.targets[0] ?? ''}`;

/** A text on one line, cut in the middle: the beginning and the end of an input say most about it. */
function cut(text: string, longest: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line.length <= longest) return line;
  const end = Math.floor(longest / 3);
  return `${line.slice(0, longest - end - 1)}…${line.slice(line.length - end)}`;
}
