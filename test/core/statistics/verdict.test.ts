import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import { binomialTail } from '#lib/special-functions.ts';
import { mcNemarMidP, pairedDifference, type PairedCounts } from '#core/statistics/paired.ts';
import { rowsToSee, smallestDifference, visibleDifference } from '#core/statistics/detectable.ts';

/** What a verdict is worth, added up over every outcome that there is: the chances of n rows that are won, lost or neither. */

const logFactorials = [0];
for (let i = 1; i <= 400; i++) logFactorials.push((logFactorials[i - 1] ?? 0) + Math.log(i));
const at = (i: number): number => logFactorials[i] ?? 0;

/** Chance of k of n, each with chance p. */
function chanceOf(k: number, n: number, p: number): number {
  if (p <= 0 || p >= 1) return (p <= 0 ? k === 0 : k === n) ? 1 : 0;
  return Math.exp(at(n) - at(k) - at(n - k) + k * Math.log(p) + (n - k) * Math.log(1 - p));
}

/** Chance that a property holds for n rows of which each is won or lost with these chances. */
function chanceThat(holds: (counts: PairedCounts) => boolean, n: number, won: number, lost: number): number {
  let sum = 0;
  for (let apart = 0; apart <= n; apart++) {
    const weight = chanceOf(apart, n, won + lost);
    if (weight < 1e-9) continue;
    for (let wins = 0; wins <= apart; wins++)
      if (holds({ wins, losses: apart - wins, n })) sum += weight * chanceOf(wins, apart, won / (won + lost));
  }
  return sum;
}

const saysBetter = ({ wins, losses }: PairedCounts): boolean => wins > losses && mcNemarMidP({ wins, losses }) <= 0.05;
const exactSaysBetter = ({ wins, losses }: PairedCounts): boolean => binomialTail(wins, wins + losses) <= 0.025;

describe('two equal prompts', () => {
  it('are called better in at most 2.5 % of all cases, for 10 to 200 rows and up to half of them told apart', () => {
    const worst = { midP: 0, exact: 0 };
    for (const n of [10, 11, 12, 13, 14, 16, 18, 20, 22, 25, 30, 35, 40, 50, 60, 80, 100, 130, 160, 200])
      for (const apart of [0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5]) {
        worst.midP = Math.max(worst.midP, chanceThat(saysBetter, n, apart / 2, apart / 2));
        worst.exact = Math.max(worst.exact, chanceThat(exactSaysBetter, n, apart / 2, apart / 2));
      }
    expect(worst.midP).toBeLessThan(0.025);
    expect(worst.midP).toBeCloseTo(0.0247, 4);
    expect(worst.exact).toBeCloseTo(0.0198, 4);
  });

  it.each([10, 20, 60, 200])('are called better in at most 2.5 % of 20,000 played runs of %i rows', (n) => {
    const random = createRandom(`equal prompts on ${n} rows`);
    let [better, worse] = [0, 0];
    const runs = 20_000;
    for (let run = 0; run < runs; run++) {
      const counts = { wins: 0, losses: 0, n };
      for (let row = 0; row < n; row++) {
        // rows differ: some are hard for both prompts, some are easy
        const ease = random.next();
        const [a, b] = [random.next() < ease, random.next() < ease];
        if (a && !b) counts.wins += 1;
        if (b && !a) counts.losses += 1;
      }
      if (mcNemarMidP(counts) > 0.05) continue;
      if (counts.wins > counts.losses) better += 1;
      else worse += 1;
    }
    expect(better / runs).toBeLessThanOrEqual(0.025);
    expect((better + worse) / runs).toBeLessThanOrEqual(0.05);
    expect(better).toBeGreaterThan(0);
  });
});

describe('a better prompt', () => {
  it('is seen more often than by the exact test', () => {
    // 60 rows, a fifth of which tell the prompts apart, four of five in favour of the better one: 12 points
    expect(chanceThat(saysBetter, 60, 0.16, 0.04)).toBeCloseTo(0.552, 3);
    expect(chanceThat(exactSaysBetter, 60, 0.16, 0.04)).toBeCloseTo(0.455, 3);
  });

  it.each([5, 6, 8, 12, 20, 30, 40, 60, 100, 200, 250])(
    'that differs by what %i rows can show is seen in about four of five cases',
    (n) => {
      for (const base of [0.5, 0.7, 0.95]) {
        const difference = visibleDifference(n, base);
        // rows told apart such that the variance of the difference is what that figure takes it to be, as far as that is possible
        const high = Math.min(1, Math.max(difference, base + difference / 2));
        const low = high - difference;
        const variance = 0.365 * (high * (1 - high) + low * (1 - low));
        const apart = Math.max(difference, variance + difference ** 2);
        const seen = chanceThat(saysBetter, n, (apart + difference) / 2, (apart - difference) / 2);
        expect(seen).toBeGreaterThan(n <= 200 ? 0.799 : 0.75);
        expect(seen).toBeLessThan(n <= 200 ? 0.801 : 0.88);
      }
    },
  );

  it('cannot be seen on fewer than five rows', () => {
    for (const n of [1, 2, 3, 4]) expect(visibleDifference(n, 0.7)).toBe(Infinity);
    expect(visibleDifference(5, 0.7)).toBeLessThan(1);
  });

  it.each([0.05, 0.3, 0.5, 0.7, 0.95])('around %f may be the smaller, the more rows there are', (base) => {
    const seen = Array.from({ length: 260 }, (_, more) => visibleDifference(more + 5, base));
    expect(seen).toEqual([...seen].sort((a, b) => b - a));
  });

  it('is the same whether the chances are added up or taken from the normal distribution, where both are said', () => {
    for (const base of [0.5, 0.7, 0.95])
      expect(Math.abs(visibleDifference(200, base) - smallestDifference(200, { base, alpha: 0.025 }))).toBeLessThan(
        0.01,
      );
  });

  it.each([0.034, 0.05, 0.078, 0.1, 0.2, 0.4, 0.9])(
    'of %f is seen from so many rows on, and not on fewer',
    (difference) => {
      for (const base of [0.05, 0.5, 0.7]) {
        const rows = rowsToSee(difference, base);
        expect(visibleDifference(rows, base)).toBeLessThanOrEqual(difference + 1e-9);
        expect(visibleDifference(rows - 1, base)).toBeGreaterThan(difference);
      }
    },
  );
});

describe('the interval', () => {
  it.each([
    [20, 0.1, 0.1],
    [20, 0.25, 0.05],
    [60, 0.05, 0.05],
    [60, 0.16, 0.04],
    [60, 0.5, 0.02],
    [200, 0.1, 0.05],
  ])('holds the true difference in about 95 %% of all cases: %i rows, won %f, lost %f', (n, won, lost) => {
    const holds = (counts: PairedCounts): boolean => {
      const found = pairedDifference(counts);
      return found !== undefined && found.lo <= won - lost && won - lost <= found.hi;
    };
    expect(chanceThat(holds, n, won, lost)).toBeGreaterThan(0.935);
  });
});
