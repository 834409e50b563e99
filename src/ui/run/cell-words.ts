import type { Look } from '#ui/charts/cells.ts';
import { number } from '#ui/parts/format.ts';
import type { CellKind } from './answer-grid.ts';

/** What a cell of the grid says, in words and as a mark. */
export const cellWords: Readonly<Record<CellKind, string>> = {
  right: 'Right',
  wrong: 'Wrong',
  unreadable: 'No answer could be read',
  failed: 'Failed, not counted',
  shown: 'Shown in the prompt, so never asked',
  'not-asked': 'Not asked: empty',
};

export const cellLooks: Readonly<Record<CellKind, Look>> = {
  right: { mark: 'full', tone: 'good' },
  wrong: { mark: 'cross', tone: 'bad' },
  unreadable: { mark: 'ring', tone: 'warn' },
  failed: { mark: 'dash', tone: 'muted' },
  shown: { mark: 'dot', tone: 'muted' },
  'not-asked': { mark: 'none', tone: 'muted' },
};

/**
 * What may be said of a row that no prompt turned.
 * @param answered prompts in the grid that answered it
 */
export function sameWords(answered: number): string {
  if (answered === 0) return 'No prompt that is shown has an answer to it.';
  if (answered === 1) return 'Only one prompt that is shown has an answer to it.';
  return `The same with all ${number(answered)} prompts that are shown and have an answer to it.`;
}
