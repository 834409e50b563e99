import type { Metric } from '#core/score.ts';
import { normalize, sameText } from './reading.ts';

export const exact: Metric = {
  id: 'exact',
  label: 'Same text',
  description:
    'Right when the answer equals an accepted answer; case, extra space, quotes and a final stop do not matter.',
  direction: 'maximize',
  kind: 'right-or-wrong',
  score(example, completion) {
    const read = normalize(completion.text);
    const right = example.targets.some((target) => sameText(target, completion.text));
    if (read === '' && !right) return { type: 'unscored', reason: 'no-answer' };
    return { type: 'scored', value: right ? 1 : 0, read: read === '' ? completion.text.trim() : read };
  },
};
