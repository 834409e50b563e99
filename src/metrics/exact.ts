import type { Metric } from '#core/score.ts';
import { normalize } from './reading.ts';

export const exact: Metric = {
  id: 'exact',
  label: 'Same text',
  description:
    'Right when the answer equals an accepted answer; case, extra space, quotes and a final stop do not matter.',
  direction: 'maximize',
  kind: 'right-or-wrong',
  score(example, completion) {
    const read = normalize(completion.text);
    if (read === '') return { type: 'unscored', reason: 'no-answer' };
    return { type: 'scored', value: example.targets.some((target) => normalize(target) === read) ? 1 : 0, read };
  },
};
