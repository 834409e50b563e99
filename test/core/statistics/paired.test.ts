import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import { mcNemarMidP, pairedDifference } from '#core/statistics/paired.ts';
import { z95 } from '#core/statistics/intervals.ts';

describe("McNemar's mid-p test", () => {
  it.each([
    [9, 1, 0.0117],
    [14, 4, 0.0192],
    [7, 0, 0.0078],
    [0, 0, 1],
    [3, 3, 1],
    [1, 0, 0.5],
  ])('%i won, %i lost', (wins, losses, p) => {
    expect(mcNemarMidP({ wins, losses })).toBeCloseTo(p, 4);
  });

  it('mirrors, lies in (0, 1], and falls with each further win', () => {
    for (let losses = 0; losses <= 40; losses++)
      for (let wins = losses; wins <= 60; wins++) {
        const p = mcNemarMidP({ wins, losses });
        expect(p > 0 && p <= 1 + 1e-12).toBe(true);
        expect(mcNemarMidP({ wins: losses, losses: wins })).toBe(p);
        expect(mcNemarMidP({ wins: wins + 1, losses })).toBeLessThan(p);
      }
  });
});

describe('the paired difference', () => {
  it('is not known from fewer than two rows', () => {
    expect(pairedDifference({ wins: 0, losses: 0, n: 0 })).toBeUndefined();
    expect(pairedDifference({ wins: 1, losses: 0, n: 1 })).toBeUndefined();
  });

  it.each([
    [20, 2, 52, 'better'],
    [2, 20, 52, 'worse'],
    [5, 4, 39, 'cannot-tell'],
    [0, 0, 30, 'cannot-tell'],
    [2, 0, 2, 'cannot-tell'],
    [4, 0, 200, 'cannot-tell'],
    [5, 0, 200, 'better'],
    [30, 0, 30, 'better'],
    [0, 30, 30, 'worse'],
  ] as const)('%i won and %i lost of %i: %s', (wins, losses, n, verdict) => {
    expect(pairedDifference({ wins, losses, n })).toMatchObject({ n, verdict });
  });

  it("has the ends of Tango's interval", () => {
    // Tango (1998), table V, and Fagerland et al. (2014), table 6: 1 against 7 of 21
    const found = pairedDifference({ wins: 7, losses: 1, n: 21 });
    expect(found?.value).toBeCloseTo(0.286, 3);
    expect(found?.lo).toBeCloseTo(0.028, 2);
    expect(found?.hi).toBeCloseTo(0.518, 2);
    // no row tells them apart: z² / (n + z²) to either side
    const none = pairedDifference({ wins: 0, losses: 0, n: 30 });
    expect(none?.hi).toBeCloseTo(z95 ** 2 / (30 + z95 ** 2), 9);
    expect(none?.lo).toBeCloseTo(-(z95 ** 2) / (30 + z95 ** 2), 9);
  });

  it('stays in [−1, 1], holds its value, and mirrors', () => {
    const random = createRandom('pairs');
    for (let i = 0; i < 1000; i++) {
      const n = 2 + random.integer(80);
      const wins = random.integer(n + 1);
      const losses = random.integer(n - wins + 1);
      const found = pairedDifference({ wins, losses, n });
      const mirrored = pairedDifference({ wins: losses, losses: wins, n });
      if (!found || !mirrored) throw new Error('two rows are enough');
      expect(found.lo >= -1 && found.lo <= found.value && found.value <= found.hi && found.hi <= 1).toBe(true);
      expect(mirrored.lo).toBeCloseTo(-found.hi, 9);
      const opposite = { better: 'worse', worse: 'better', 'cannot-tell': 'cannot-tell' } as const;
      expect(mirrored.verdict).toBe(opposite[found.verdict]);
    }
  });

  it('says better or worse exactly where the interval leaves out zero and the mid-p test decides', () => {
    for (const n of [2, 5, 10, 30, 60, 200, 1000])
      for (let wins = 0; wins <= Math.min(n, 60); wins++)
        for (let losses = 0; losses <= Math.min(n - wins, 60); losses++) {
          const found = pairedDifference({ wins, losses, n });
          const where = `${wins} won, ${losses} lost of ${n}`;
          expect(found?.verdict !== 'cannot-tell', where).toBe(mcNemarMidP({ wins, losses }) <= 0.05);
          expect((found?.lo ?? 0) > 0, where).toBe(found?.verdict === 'better');
          expect((found?.hi ?? 0) < 0, where).toBe(found?.verdict === 'worse');
        }
  });
});
