import type { Metric } from '#core/score.ts';

export const strict: Metric = {
  id: 'strict',
  label: 'Strictly equal',
  description: 'Right only when the answer is the accepted answer, character by character. Nothing is forgiven.',
  direction: 'maximize',
  kind: 'right-or-wrong',
  score: (example, completion) => ({
    type: 'scored',
    value: example.targets.includes(completion.text) ? 1 : 0,
    read: completion.text,
  }),
};
