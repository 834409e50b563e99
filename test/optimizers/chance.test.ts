import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import { betaDraw, chooseArm } from '#optimizers/parts/thompson.ts';
import { weightedOrder } from '#optimizers/parts/weighted-order.ts';

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('draws from a beta distribution', () => {
  it.each([
    [1, 1],
    [0.8, 2],
    [0.1, 2],
    [5, 2],
    [40, 60],
  ])('Beta(%d, %d) has its mean and its variance', (a, b) => {
    const random = createRandom(`beta ${a} ${b}`);
    const draws = Array.from({ length: 20_000 }, () => betaDraw(a, b, random));
    const variance = (a * b) / ((a + b) ** 2 * (a + b + 1));
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...draws)).toBeLessThanOrEqual(1);
    expect(mean(draws)).toBeCloseTo(a / (a + b), 2);
    expect(mean(draws.map((draw) => (draw - a / (a + b)) ** 2))).toBeCloseTo(variance, 2);
  });
});

describe('the choice among arms', () => {
  const arms = [
    { id: 'good', prior: 0.3, tried: 40, kept: 20 },
    { id: 'bad', prior: 0.3, tried: 40, kept: 1 },
    { id: 'new', prior: 0.3, tried: 0, kept: 0 },
  ];
  it('follows what worked, and gives nothing up for good', () => {
    const random = createRandom('arms');
    const counts = new Map<string, number>();
    for (let i = 0; i < 5000; i++) {
      const { id } = chooseArm(arms, random);
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    const count = (id: string): number => counts.get(id) ?? 0;
    expect(count('good')).toBeGreaterThan(count('new'));
    expect(count('new')).toBeGreaterThan(count('bad'));
    expect(count('bad')).toBeGreaterThan(5000 * 0.03);
  });
});

describe('an order by weight', () => {
  it('holds every item once, and puts heavy ones first as a rule', () => {
    const random = createRandom('order');
    const items = Array.from({ length: 20 }, (_, index) => index);
    const places = items.map(() => 0);
    for (let i = 0; i < 500; i++) {
      const order = weightedOrder(items, (item) => (item < 5 ? 5 : 1), random);
      expect([...order].sort((a, b) => a - b)).toEqual(items);
      for (const [place, item] of order.entries()) places[item] = (places[item] ?? 0) + place / 500;
    }
    expect(mean(places.slice(0, 5))).toBeLessThan(mean(places.slice(5)) - 4);
  });

  it('draws the first item in proportion to its weight', () => {
    const random = createRandom('first');
    const weights = [1, 2, 7];
    const first = [0, 0, 0];
    for (let i = 0; i < 10_000; i++) {
      const [item = 0] = weightedOrder([0, 1, 2], (index) => weights[index] ?? 1, random);
      first[item] = (first[item] ?? 0) + 1 / 10_000;
    }
    for (const [item, weight] of weights.entries()) expect(first[item]).toBeCloseTo(weight / 10, 1);
  });
});
