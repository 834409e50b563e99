import { allowedAnswers, listOfAnswers, type TaskSpec } from '#core/task.ts';
import type { Example } from '#core/example.ts';
import { fieldsOf } from '#core/prompt.ts';
import { unspaced } from './check-proposal.ts';

/**
 * Instructions that need no generator: the description of the task, the allowed answers and the form of the answer, put together in a few
 * ways. What a careful person would write first; weak generators often do worse.
 * @param placeholders marks that every prompt has to name; with any there are no templates, since their place is not known.
 */
export function templatePrompts(
  task: TaskSpec,
  examples: readonly Example[],
  placeholders: readonly string[],
): readonly string[] {
  if (placeholders.length > 0) return [];
  const most = Math.max(2, ...examples.map(({ choices }) => choices?.length ?? 0));
  const allowed = allowedAnswers(task.answer, most);
  const description = task.description.trim().replace(/([^.!?])$/, '$1.');
  const [form] = forms[task.answer.type];
  const list = listOfAnswers(allowed);
  const choice = allowed.length > 0 ? `Answer with exactly one of: ${list}.` : '';
  const shape = task.answer.type === 'text' ? shapeOf(examples) : '';
  return (
    [
      [description, choice, form],
      [choice, form, description, shape],
      [description, list && `Possible answers: ${list}.`, shape, 'Reply with the answer only, nothing else.'],
      [description, choice, shape, 'Do not explain. Do not write a sentence. Write the answer alone.'],
      [`You are an expert. ${description}`, choice, shape, form],
      [choice, description, form],
    ]
      .map((parts) => parts.filter((part) => part !== '').join(' '))
      .filter((text, place, all) => text !== form && all.indexOf(text) === place)
      // a mark inside a label or a description would be filled in like the prompt's own
      .filter((text) => fieldsOf(text).length === 0)
  );
}

/** Ways of asking for the bare answer, the plainest first. */
export const forms: Readonly<Record<TaskSpec['answer']['type'], readonly [string, ...string[]]>> = {
  letter: [
    'Write only the letter of the right option.',
    'Answer with one letter.',
    'Reply with the letter only, nothing else.',
    'Do not explain.',
  ],
  label: [
    'Write only that answer, spelled as given, with no other words.',
    'Answer with one of them and nothing else.',
    'Reply with the answer only, nothing else.',
    'Do not explain.',
  ],
  number: [
    'Write only the number: no unit, no words.',
    'Answer with a number.',
    'Reply with the number only, nothing else.',
    'Do not explain.',
  ],
  text: [
    'Write only the answer, with no other words.',
    'Reply with the answer only, nothing else.',
    'Do not write a sentence.',
    'Do not explain.',
  ],
};

/** What all right answers have in common in their form; empty where that is nothing, or too few rows say so. */
function shapeOf(examples: readonly Example[]): string {
  const targets = examples.flatMap(({ targets }) => targets[0]?.trim() ?? []).filter((target) => target !== '');
  if (targets.length < fewestRows) return '';
  // without spaces between words, or between the pieces of an address or of code, these cannot be counted
  if (targets.some((target) => unspaced.test(target) || code.test(target))) return '';
  if (targets.every((target) => /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]$/u.test(target)))
    return 'Answer with one letter.';
  const most = Math.max(...targets.map((target) => target.split(/\s+/).length));
  if (most === 1) return 'Answer with one word.';
  return most <= 3 ? `Answer with at most ${most === 2 ? 'two' : 'three'} words.` : '';
}

/** Signs that no word holds: of an e-mail address, a path, code. */
const code = /[{}[\]<>@/\\=|_]/;
/** Labelled rows from which on their common form is taken for a rule. */
const fewestRows = 8;
