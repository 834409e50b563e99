import { setMaxListeners } from 'node:events';
import { expect, it } from 'vitest';
import { turnaround } from '../bench/speed/turnaround.ts';

setMaxListeners(0); // all requests of a run listen to its one signal

it.each([
  [64, 0],
  [64, 5],
  [64, 15],
  [32, 15],
])(
  'with %i at a time, an answer is followed by the next request at once, whatever a write takes (%i ms)',
  async (atOnce, diskMs) => {
    expect(await turnaround(atOnce, diskMs)).toBeLessThanOrEqual(1.06);
  },
);
