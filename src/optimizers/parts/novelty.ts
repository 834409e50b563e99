import { canonical } from './check-proposal.ts';

/** Prompts whose word triples overlap by this share or more are the same idea. */
const sameIdea = 0.9;

const triplesOf = (prompt: string): ReadonlySet<string> => {
  const words = canonical(prompt).split(' ');
  if (words.length < 3) return new Set([words.join(' ')]);
  return new Set(words.slice(2).map((_, index) => words.slice(index, index + 3).join(' ')));
};

/** Jaccard similarity of the word triples of two prompts, 0…1. */
export function similarity(a: string, b: string): number {
  const [first, second] = [triplesOf(a), triplesOf(b)];
  const shared = [...first].filter((triple) => second.has(triple)).length;
  return shared / (first.size + second.size - shared);
}

/** The first of the known prompts that this one hardly differs from. */
export const nearDuplicateOf = (prompt: string, known: Iterable<string>): string | undefined => {
  for (const other of known) if (similarity(prompt, other) >= sameIdea) return other;
  return undefined;
};
