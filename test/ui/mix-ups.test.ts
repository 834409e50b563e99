import { expect, it } from 'vitest';
import { largestMixUps } from '#ui/charts/mix-ups.ts';

const classes = ['a', 'b', 'c'];
const rows = [
  [5, 1, 3],
  [0, 4, 1],
  [2, 0, 0],
].map((counts, place) => ({
  ...{ label: classes[place] ?? '', counts, other: 1, unreadable: 0, failed: 2 },
  n: counts.reduce((sum, count) => sum + count, 1),
}));

it('the largest mix-ups come first, and right answers are none', () => {
  const found = largestMixUps({ classes, rows, hasOther: true }, 3);
  expect(found.map(({ right, read, times, of }) => [right, read, times, of])).toEqual([
    ['a', 'c', 3, 10],
    ['c', 'a', 2, 3],
    ['a', 'b', 1, 10],
  ]);
  expect(largestMixUps({ classes, rows, hasOther: true }, 9)).toHaveLength(4);
});
