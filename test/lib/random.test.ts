import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';

const draws = (seed: number | string, count = 50): readonly number[] => {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => random.next());
};
const numbers = Array.from({ length: 40 }, (_, i) => i);

describe('a seeded stream', () => {
  it('is the same for the same seed and another one for another seed', () => {
    expect(draws(7)).toEqual(draws(7));
    expect(draws(7)).not.toEqual(draws(8));
  });

  it('stays in [0, 1) and is spread evenly', () => {
    const many = draws(1, 20_000);
    expect(many.every((value) => value >= 0 && value < 1)).toBe(true);
    const bins = Array.from({ length: 10 }, (_, i) => many.filter((value) => Math.floor(value * 10) === i).length);
    for (const count of bins) expect(Math.abs(count - 2000)).toBeLessThan(200);
  });

  it('draws whole numbers below the bound, each of them', () => {
    const random = createRandom(2);
    expect(new Set(Array.from({ length: 300 }, () => random.integer(6)))).toEqual(new Set([0, 1, 2, 3, 4, 5]));
  });

  it('forks by label, however much was drawn before', () => {
    const fresh = createRandom(3);
    const used = createRandom(3);
    for (let i = 0; i < 17; i++) used.next();
    expect(used.fork('a').next()).toBe(fresh.fork('a').next());
    expect(fresh.fork('a').next()).not.toBe(fresh.fork('b').next());
    expect(fresh.fork('a').next()).not.toBe(fresh.next());
  });

  it('does not shift its own draws by forking', () => {
    const [plain, forked] = [createRandom(4), createRandom(4)];
    forked.fork('elsewhere').next();
    expect(forked.next()).toBe(plain.next());
  });

  it('shuffles into a permutation and leaves what it was given', () => {
    for (let seed = 0; seed < 20; seed++) {
      const given = [...numbers];
      const mixed = createRandom(seed).shuffle(given);
      expect(mixed).not.toEqual(numbers);
      expect([...mixed].sort((a, b) => a - b)).toEqual(numbers);
      expect(given).toEqual(numbers);
    }
  });

  it('samples different items, all of them where there are fewer, none where none are wanted', () => {
    const random = createRandom(5);
    expect(new Set(random.sample(numbers, 12)).size).toBe(12);
    expect(random.sample(numbers, 1000)).toHaveLength(numbers.length);
    expect(random.sample(numbers, 0)).toEqual([]);
    expect(random.sample(numbers, -3)).toEqual([]);
  });

  it('refuses to pick from nothing', () => {
    expect(() => createRandom(6).pick([])).toThrow('Bug');
    expect(numbers).toContain(createRandom(6).pick(numbers));
  });
});
