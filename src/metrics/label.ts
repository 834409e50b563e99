import type { Metric } from '#core/score.ts';
import { readLabel, sameText } from './reading.ts';

export const label: Metric = {
  id: 'label',
  label: 'Label',
  description:
    'Right when the answer is the right label, or names it and no other label. Case and punctuation do not matter.',
  direction: 'maximize',
  kind: 'right-or-wrong',
  score(example, completion, format) {
    const labels = format.type === 'label' ? format.labels : example.targets;
    const read = readLabel(completion.text, labels);
    if (read === undefined) return { type: 'unscored', reason: 'no-answer' };
    const right = example.targets.some((target) => sameText(target, read));
    return { type: 'scored', value: right ? 1 : 0, read };
  },
};
