import { hashWords } from '#lib/hash.ts';

/** A number in [0, 1) that belongs to a text: the same everywhere and always. */
export const uniformOf = (...parts: readonly string[]): number =>
  (hashWords(JSON.stringify(parts))[0] >>> 0) / 4294967296;

export const clamp = (value: number, low = 0, high = 1): number => Math.min(high, Math.max(low, value));
