import type { Example } from '#core/example.ts';
import type { TaskSpec } from '#core/task.ts';
import { templatePrompts } from './parts/templates.ts';

/** Enough to tell good from bad, few enough to be cheap: each is tried on many rows. */
const most = 3;

/**
 * Prompts to start from where a person gives none, made of the description of the task, the allowed answers and the form of the answer;
 * where none of these is known, one neutral prompt. They take no model, so that they can be looked at and changed before anything is
 * paid for. What only the rows can tell, the search finds out.
 * @param examples rows that may be looked at: those of the train side.
 * @param guessed the description that was made up from the names of the columns: it speaks of the data, and says nothing of the task.
 * @returns at least one, none of which names a field.
 */
export function makeStartingPrompts(
  task: TaskSpec,
  examples: readonly Example[],
  guessed: string,
): readonly [string, ...string[]] {
  const description = task.description.trim() === guessed.trim() ? '' : task.description;
  const isKnown = description.trim() !== '' || task.answer.type === 'label' || task.answer.type === 'letter';
  const made = isKnown ? templatePrompts({ ...task, description }, examples, []) : [];
  const usable = [...new Set(made.map((text) => text.replace(/\s+/g, ' ').trim()))];
  const [first, ...rest] = usable.slice(0, most);
  return first === undefined ? [neutral[task.answer.type]] : [first, ...rest];
}

const neutral: Readonly<Record<TaskSpec['answer']['type'], string>> = {
  letter: 'Choose the right option. Answer with its letter alone.',
  label: 'Choose the label that fits. Answer with the label alone.',
  number: 'Work out the right number. Answer with the number alone.',
  text: 'Give the right answer to the input. Answer with it alone.',
};
