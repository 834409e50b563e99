import type { Random } from '#lib/random.ts';

/** A draw from the standard normal distribution (Box–Muller). */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

/** A draw from the gamma distribution with this shape and scale 1. G. Marsaglia, W. W. Tsang, ACM TOMS 26 (2000). */
function gamma(shape: number, random: Random): number {
  if (shape < 1) return gamma(shape + 1, random) * Math.pow(1 - random.next(), 1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - random.next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** A draw from Beta(a, b), a and b above 0. */
export function betaDraw(a: number, b: number, random: Random): number {
  const x = gamma(a, random);
  const y = gamma(b, random);
  return x + y === 0 ? a / (a + b) : x / (x + y);
}

/** One of several ways of doing something, with what became of it so far. */
export type Arm = {
  readonly id: string;
  /** Weight before anything was tried: as if twice so many prompts of it had been kept already. */
  readonly prior: number;
  readonly tried: number;
  readonly kept: number;
};

/** Share of the draws that pass over what was learned, so that no arm is given up for good. */
const curious = 0.05;

/**
 * Thompson sampling: the arm with the highest draw from Beta(kept + 2 × prior, tried − kept + 2); now and then any arm.
 * @param arms not empty.
 */
export function chooseArm<A extends Arm>(arms: readonly A[], random: Random): A {
  if (random.next() < curious * arms.length) return random.pick(arms);
  const draws = arms.map((arm) => betaDraw(arm.kept + 2 * arm.prior, Math.max(0, arm.tried - arm.kept) + 2, random));
  const best = draws.indexOf(Math.max(...draws));
  return arms[best] as A;
}
