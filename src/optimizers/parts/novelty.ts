import { canonical } from './check-proposal.ts';

/** Prompts whose word triples overlap by this share or more are the same idea. */
const sameIdea = 0.9;

type Triples = ReadonlySet<string>;

const triplesOf = (prompt: string): Triples => {
  const words = canonical(prompt).split(' ');
  if (words.length < 3) return new Set([words.join(' ')]);
  return new Set(words.slice(2).map((_, index) => words.slice(index, index + 3).join(' ')));
};

/** Jaccard similarity of two sets of word triples, 0…1. */
function overlap(a: Triples, b: Triples): number {
  const [few, many] = a.size <= b.size ? [a, b] : [b, a];
  // the sizes alone may rule it out
  if (few.size < sameIdea * many.size) return few.size / Math.max(1, many.size) / 2;
  let shared = 0;
  for (const triple of few) if (many.has(triple)) shared += 1;
  return shared / (few.size + many.size - shared);
}

/** The prompts that were tried, rejected ones included, to tell whether another one is a new idea. */
export class Novelty {
  readonly #known: { readonly prompt: string; readonly triples: Triples }[] = [];

  add(prompt: string): void {
    this.#known.push({ prompt, triples: triplesOf(prompt) });
  }

  /** The first of the known prompts that this one hardly differs from. */
  nearTo(prompt: string): string | undefined {
    const triples = triplesOf(prompt);
    return this.#known.find((other) => overlap(triples, other.triples) >= sameIdea)?.prompt;
  }
}
