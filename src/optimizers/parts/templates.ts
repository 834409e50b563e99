import { allowedAnswers, type TaskSpec } from '#core/task.ts';
import type { Example } from '#core/example.ts';

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
  const form = forms[task.answer.type];
  const list = allowed.length > 0 ? allowed.join(', ') : '';
  const choice = allowed.length > 0 ? `Answer with exactly one of: ${list}.` : '';
  return [
    [description, choice, form],
    [choice, description, form],
    [description, list && `Possible answers: ${list}.`, 'Reply with the answer only, nothing else.'],
    [description, choice, 'Do not explain. Do not write a sentence. Write the answer alone.'],
    [`You are an expert. ${description}`, choice, form],
    [form, description, choice],
  ].flatMap((parts) => {
    const text = parts.filter((part) => part !== '').join(' ');
    return text === form ? [] : text;
  });
}

const forms: Readonly<Record<TaskSpec['answer']['type'], string>> = {
  letter: 'Write only the letter of the right option.',
  label: 'Write only that answer, spelled as given, with no other words.',
  number: 'Write only the number: no unit, no words.',
  text: 'Write only the answer, with no other words.',
};
