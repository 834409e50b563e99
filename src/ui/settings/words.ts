import { count } from '#ui/parts/format.ts';

/** So many runs were sending a key that is forgotten now. */
export const waitWords = (runs: number): string =>
  `${count(runs, 'run')} ${runs === 1 ? 'waits' : 'wait'} until a key is entered again.`;
