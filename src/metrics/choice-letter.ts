import type { Metric } from '#core/score.ts';
import { readLetter } from './reading.ts';

export const choiceLetter: Metric = {
  id: 'choice-letter',
  label: 'Letter of the option',
  description:
    'Right when the answer names the letter of the right option: “B”, “(B)”, “Answer: b”, or the option in its own words.',
  direction: 'maximize',
  kind: 'right-or-wrong',
  score(example, completion) {
    const read = readLetter(completion.text, example.choices ?? ['A', 'B', 'C', 'D', 'E']);
    if (read === undefined) return { type: 'unscored', reason: 'no-answer' };
    return { type: 'scored', value: example.targets.includes(read) ? 1 : 0, read };
  },
};
