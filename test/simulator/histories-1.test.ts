import { expect, it } from 'vitest';
import { firstBroken, seedsOf } from './report.ts';

it('P1 P2 P3 P5 P6 P7 P8 P20 P21 P22 histories keep every promise (part 1 of 2)', async () => {
  expect(await firstBroken(seedsOf(0, 2))).toBeUndefined();
});
