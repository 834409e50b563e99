import type { Metric } from '#core/score.ts';
import { readNumber } from './reading.ts';

/** Share of the right number: what is lost when a number is written in decimals. */
const tolerance = 1e-6;

export const number: Metric = {
  id: 'number',
  label: 'Number',
  description:
    'Right when the last number in the answer equals the right one. Thousands separators and units do not matter.',
  direction: 'maximize',
  kind: 'right-or-wrong',
  score(example, completion) {
    const read = readNumber(completion.text);
    if (read === undefined) return { type: 'unscored', reason: 'no-answer' };
    const targets = example.targets.flatMap((target) => readNumber(target) ?? []);
    if (targets.length === 0) return { type: 'unscored', reason: 'no-target' };
    const right = targets.some((target) => Math.abs(target - read) <= tolerance * Math.abs(target));
    return { type: 'scored', value: right ? 1 : 0, read: String(read) };
  },
};
