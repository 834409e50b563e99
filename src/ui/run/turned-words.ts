import { number } from '#ui/parts/format.ts';
import type { turnsOf } from './answer-grid.ts';
import { promptName } from './words.ts';

/** So many turns of a row are told one by one. */
const told = 6;

/** With which prompts the answer to a row turned, in words. */
export function turnedWords(turns: ReturnType<typeof turnsOf>): string {
  if (turns.length === 0) return '';
  const list = turns.slice(0, told).map(({ to, prompt }) => `${to} with ${promptName(prompt)}`);
  return `Turned ${list.join(', ')}${turns.length > told ? ` and ${number(turns.length - told)} more times` : ''}.`;
}
