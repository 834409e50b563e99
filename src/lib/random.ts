import { hashWords } from './hash.ts';

/**
 * A seeded stream of chance. Purposes get streams of their own by `fork`, so that one more draw in one place does not shift all
 * others (and a replay stays a replay).
 */
export type Random = {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, below). */
  integer(below: number): number;
  pick<T>(items: readonly T[]): T;
  /** A shuffled copy (Fisher–Yates). */
  shuffle<T>(items: readonly T[]): T[];
  /** `count` different items, in random order; all of them when there are fewer. */
  sample<T>(items: readonly T[], count: number): T[];
  /** An independent stream, the same for the same seed and label, however much was drawn before. */
  fork(label: string): Random;
};

/** sfc32 (Chris Doty-Humphrey, PractRand), seeded with the SHA-256 of the seed and its labels. */
export function createRandom(seed: number | string): Random {
  const name = String(seed);
  let [a, b, c, d] = hashWords(name);
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 4294967296;
  };
  const integer = (below: number): number => Math.floor(next() * below);
  const shuffle = <T>(items: readonly T[]): T[] => {
    const out = [...items];
    for (let i = out.length - 1; i > 0; i--) {
      const j = integer(i + 1);
      [out[i], out[j]] = [out[j] as T, out[i] as T];
    }
    return out;
  };
  return {
    next,
    integer,
    pick: (items) => {
      if (items.length === 0) throw new Error('Bug: pick from an empty list');
      return items[integer(items.length)] as (typeof items)[number];
    },
    shuffle,
    sample: (items, count) => shuffle(items).slice(0, Math.max(0, count)),
    fork: (label) => createRandom(`${name}/${label}`),
  };
}
