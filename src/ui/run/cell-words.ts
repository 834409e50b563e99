import type { Look } from '#ui/charts/cells.ts';
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
