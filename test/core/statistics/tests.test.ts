import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import { anytimeBetter, anytimeEither, anytimeEvidence, differenceSoFar } from '#core/statistics/anytime.ts';
import { bootstrapMean } from '#core/statistics/bootstrap.ts';
import { holm } from '#core/statistics/holm.ts';
import { pairedDifference } from '#core/statistics/paired.ts';
import { signFlipP } from '#core/statistics/sign-flip.ts';

describe('the bootstrap of a mean difference', () => {
  const rows = (n: number, seed: string): readonly number[] => {
    const random = createRandom(seed);
    return Array.from({ length: n }, () => random.next() - random.next());
  };

  it('is the same for the same stream, holds its value, and mirrors up to chance', () => {
    for (const n of [2, 5, 20, 100]) {
      const values = rows(n, `rows ${n}`);
      const found = bootstrapMean(values, createRandom(1));
      expect(bootstrapMean(values, createRandom(1))).toEqual(found);
      expect(found.lo <= found.value && found.value <= found.hi).toBe(true);
      const mirrored = bootstrapMean(
        values.map((value) => -value),
        createRandom(1),
      );
      expect(mirrored.lo).toBeCloseTo(-found.hi, 1);
    }
  });

  it('narrows with n, and is a point where all rows agree', () => {
    const width = (n: number): number => {
      const { lo, hi } = bootstrapMean(rows(n, 'narrows'), createRandom(2));
      return hi - lo;
    };
    expect(width(40)).toBeLessThan(width(10));
    expect(width(400)).toBeLessThan(width(40));
    expect(bootstrapMean([0.25, 0.25, 0.25], createRandom(3))).toEqual({ value: 0.25, lo: 0.25, hi: 0.25 });
  });

  it.each([10, 20, 60])('holds the true mean in about 95 %% of the cases: graded scores, %i rows', (n) => {
    const random = createRandom(`coverage ${n}`);
    const runs = 500;
    let held = 0;
    for (let run = 0; run < runs; run++) {
      // one better by 0.05 on the average, by skewed amounts
      const values = Array.from({ length: n }, () => 0.05 + 0.5 * (random.next() ** 2 - 1 / 3));
      const { lo, hi } = bootstrapMean(values, random, 400);
      if (lo <= 0.05 && 0.05 <= hi) held += 1;
    }
    expect(held / runs).toBeGreaterThan(0.925);
    expect(held / runs).toBeLessThan(0.985);
  });

  it('of one row is a bug', () => {
    expect(() => bootstrapMean([1], createRandom(1))).toThrow('Bug');
  });
});

describe('the sign-flip test', () => {
  const fresh = () => createRandom('flips');
  it.each([
    [[], 1],
    [[1], 1],
    [[1, 1, 1, 1, 1], 2 / 32],
    [[1, 1, 1, 1, 1, 1, 1, 0, 0], 2 / 128],
    [[1, 1, 1, -1], 10 / 16],
    [[3, 1], 2 / 4],
    [[0.1, 0.2, 0.3], 2 / 8],
    [[0.3, -0.1, -0.2], 1],
  ])('%j', (differences, p) => {
    expect(signFlipP(differences, fresh())).toBeCloseTo(p, 12);
  });

  it('does not mind order, sign or scale', () => {
    const random = createRandom('signs');
    for (let i = 0; i < 50; i++) {
      const values = Array.from({ length: 1 + random.integer(12) }, () => random.next() - 0.3);
      const p = signFlipP(values, fresh());
      expect(signFlipP(random.shuffle(values), fresh())).toBe(p);
      expect(
        signFlipP(
          values.map((value) => -7 * value),
          fresh(),
        ),
      ).toBe(p);
    }
  });

  it.each([
    [8, 2000, 0.05],
    // skewed, as cross entropies are; 1,500 runs at 5 % have a standard error of 0.6 points
    [20, 1500, 0.065],
  ])('calls equal prompts different in at most 5 %% of the cases: %i rows', (n, runs, most) => {
    const random = createRandom('sign-flip under equality');
    const surprise = (): number => (-Math.log(1 - random.next())) ** 3;
    let alarms = 0;
    for (let run = 0; run < runs; run++) {
      const differences = Array.from({ length: n }, () => surprise() - surprise());
      if (signFlipP(differences, random, 400) <= 0.05) alarms += 1;
    }
    expect(alarms / runs).toBeLessThanOrEqual(most);
    expect(alarms).toBeGreaterThan(0);
  });

  it('takes random flips of more than twelve rows, close to what all of them say, and never zero', () => {
    const random = createRandom('more rows');
    for (let i = 0; i < 10; i++) {
      const values = Array.from({ length: 12 }, () => random.next() - 0.4);
      // a row without a difference changes nothing
      expect(signFlipP([...values, 0], fresh())).toBeCloseTo(signFlipP(values, fresh()), 1);
    }
    expect(
      signFlipP(
        Array.from({ length: 60 }, () => 1),
        fresh(),
      ),
    ).toBeCloseTo(1 / 4001, 9);
  });
});

describe('evidence at any time', () => {
  it.each([
    [0, 0, 1],
    [5, 0, 10.5],
    [6, 0, 18.1],
    [7, 0, 31.9],
    [9, 1, 18.5],
    [11, 2, 14.9],
    [14, 4, 8.93],
  ])('%i won, %i lost', (wins, losses, evidence) => {
    expect(anytimeEvidence({ wins, losses })).toBeCloseTo(evidence, evidence < 10 ? 2 : 1);
  });

  it('rises with each win, falls with each loss, and is a number however much there is', () => {
    for (let wins = 0; wins <= 30; wins++)
      for (let losses = 0; losses <= 30; losses++) {
        const here = anytimeEvidence({ wins, losses });
        expect(anytimeEvidence({ wins: wins + 1, losses })).toBeGreaterThan(here);
        expect(anytimeEvidence({ wins, losses: losses + 1 })).toBeLessThan(here);
      }
    for (const [wins, losses] of [
      [5000, 0],
      [0, 5000],
      [2600, 2400],
    ] as const)
      expect(Number.isFinite(anytimeEvidence({ wins, losses }))).toBe(true);
  });

  it('is what is bet on the next row: its mean over a fair coin never grows', () => {
    for (let wins = 0; wins <= 25; wins++)
      for (let losses = 0; losses <= 25; losses++) {
        const next = (anytimeEvidence({ wins: wins + 1, losses }) + anytimeEvidence({ wins, losses: losses + 1 })) / 2;
        expect(next).toBeLessThanOrEqual(anytimeEvidence({ wins, losses }) * (1 + 1e-6));
      }
  });

  it('calls equal prompts better in at most 5 % of the cases, looked at after each of 300 rows', () => {
    const random = createRandom('peeking');
    const runs = 2000;
    let alarms = 0;
    for (let run = 0; run < runs; run++) {
      const counts = { wins: 0, losses: 0 };
      for (let row = 0; row < 300; row++) {
        if (random.next() < 0.7) continue; // both right or both wrong
        counts[random.next() < 0.5 ? 'wins' : 'losses'] += 1;
        if (anytimeEvidence(counts) < anytimeBetter) continue;
        alarms += 1;
        break;
      }
    }
    expect(alarms / runs).toBeLessThanOrEqual(0.05);
    expect(alarms).toBeGreaterThan(0);
  });

  it('finds a prompt that is much better', () => {
    const random = createRandom('found');
    let found = 0;
    for (let run = 0; run < 200; run++) {
      const counts = { wins: 0, losses: 0 };
      for (let pair = 0; pair < 40 && anytimeEvidence(counts) < anytimeBetter; pair++)
        counts[random.next() < 0.85 ? 'wins' : 'losses'] += 1;
      if (anytimeEvidence(counts) >= anytimeBetter) found += 1;
    }
    expect(found / 200).toBeGreaterThan(0.9);
  });
});

describe('a difference that somebody watches', () => {
  it('is called clear in at most 5 % of the cases where there is none, in either direction', () => {
    const random = createRandom('watching');
    const runs = 2000;
    let alarms = 0;
    for (let run = 0; run < runs; run++) {
      const counts = { wins: 0, losses: 0, n: 0 };
      for (let row = 0; row < 300; row++) {
        counts.n += 1;
        if (random.next() < 0.7) continue; // both right or both wrong
        counts[random.next() < 0.5 ? 'wins' : 'losses'] += 1;
        if ((differenceSoFar(counts)?.verdict ?? 'cannot-tell') === 'cannot-tell') continue;
        alarms += 1;
        break;
      }
    }
    expect(alarms / runs).toBeLessThanOrEqual(0.05);
    expect(alarms).toBeGreaterThan(0);
  });

  it('says better or worse only on evidence that holds at any time, and its interval agrees', () => {
    for (let wins = 0; wins <= 20; wins++)
      for (let losses = 0; losses <= 20; losses++) {
        const counts = { wins, losses, n: wins + losses + 20 };
        const found = differenceSoFar(counts);
        if (!found) throw new Error('there are rows enough');
        const better = anytimeEvidence(counts) >= anytimeEither;
        const worse = anytimeEvidence({ wins: losses, losses: wins }) >= anytimeEither;
        expect(found.verdict).toBe(better ? 'better' : worse ? 'worse' : 'cannot-tell');
        expect(found.lo > 0).toBe(better);
        expect(found.hi < 0).toBe(worse);
        expect(found.value).toBe(pairedDifference(counts)?.value);
      }
  });
});

describe("Holm's correction", () => {
  it.each([
    [[], []],
    [[0.03], [0.03]],
    // Holm (1979): times 3, 2, 1 from the smallest, never below the one before
    [
      [0.01, 0.04, 0.03],
      [0.03, 0.06, 0.06],
    ],
    [
      [0.6, 0.7],
      [1, 1],
    ],
    [
      [0.02, 0.02],
      [0.04, 0.04],
    ],
  ])('%j', (given, wanted) => {
    const found = holm(given);
    expect(found).toHaveLength(wanted.length);
    for (const [place, p] of wanted.entries()) expect(found[place]).toBeCloseTo(p, 12);
  });

  it('keeps the order of the tests, makes none smaller, and at most multiplies by their number', () => {
    const random = createRandom('holm');
    for (let i = 0; i < 200; i++) {
      const given = Array.from({ length: 1 + random.integer(9) }, () => random.next() ** 3);
      const found = holm(given);
      for (const [a, p] of given.entries()) {
        const mine = found[a] ?? -1;
        expect(mine).toBeGreaterThanOrEqual(p);
        expect(mine).toBeLessThanOrEqual(Math.min(1, given.length * p) + 1e-12);
        for (const [b, other] of given.entries()) if (p < other) expect(mine).toBeLessThanOrEqual(found[b] ?? -1);
      }
    }
  });

  it('with five equal pairs, finds any difference in at most 5 % of the cases', () => {
    const random = createRandom('families');
    const runs = 4000;
    let wrong = 0;
    for (let run = 0; run < runs; run++)
      if (holm(Array.from({ length: 5 }, () => random.next())).some((p) => p <= 0.05)) wrong += 1;
    expect(wrong / runs).toBeLessThanOrEqual(0.055);
    expect(wrong / runs).toBeGreaterThan(0.035);
  });
});
