import type { Fields } from '#core/fields.ts';
import { frameOf } from './frame.ts';
import type { Workbench } from './workbench.ts';

/** Whether the generator hears what the prompts are for, where the paper shows it prompts alone. */
export const tellTaskField = {
  tellTask: {
    type: 'flag',
    label: 'Tell the generator the task',
    help: 'What the task is, which answers are allowed and how an answer has to look. The paper tells none of it.',
    default: true,
    advanced: true,
  },
} as const satisfies Fields;

/** The marks of the frame, and `about`: the task and the form of the answers in a paragraph, or nothing. */
export function aboutTask(bench: Workbench, tell: boolean): Readonly<Record<string, string>> {
  const frame = frameOf(bench);
  const lines = [`The task: ${frame['task'] ?? ''}`, frame['allowed answers'] ?? '', frame['answer format'] ?? ''];
  return { ...frame, about: tell ? lines.filter((line) => line !== '').join('\n') : '' };
}
