import type { Metric } from '#core/score.ts';
import { containsWords, normalize } from './reading.ts';

export const contains: Metric = {
  id: 'contains',
  label: 'Contains',
  description: 'Right when an accepted answer stands in the answer as whole words.',
  direction: 'maximize',
  kind: 'right-or-wrong',
  score(example, completion) {
    if (normalize(completion.text) === '') return { type: 'unscored', reason: 'no-answer' };
    const found = example.targets.find((target) => containsWords(completion.text, target));
    return { type: 'scored', value: found === undefined ? 0 : 1, read: found ?? completion.text };
  },
};
