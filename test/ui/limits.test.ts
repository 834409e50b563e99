import { expect, it } from 'vitest';
import { limits } from '#ui/charts/words.ts';

const at = (...values: readonly number[]) => ({ points: values.map((value) => ({ lo: value, hi: value })) });
const shares = [0.05, 0.1, 0.2];

it.each([[[]], [[1]], [[0.98, 1]], [[0]], [[0.4, 0.9]]])(
  'an axis of shares that holds %j ends at the ceiling',
  (values) => {
    const { min, max, step } = limits(at(...values), shares, 1);
    expect(max).toBeLessThanOrEqual(1);
    expect(min).toBeGreaterThanOrEqual(0);
    expect(max - min).toBeGreaterThanOrEqual(step - 1e-9);
    for (const value of values) {
      expect(value).toBeGreaterThanOrEqual(min - 1e-9);
      expect(value).toBeLessThanOrEqual(max + 1e-9);
    }
  },
);
