import type { ExampleId } from '#core/id.ts';
import type { Candidate } from '#core/prompt.ts';
import type { Random } from '#lib/random.ts';
import { paraphrase } from './paraphrase.ts';
import type { Draft } from './proposals.ts';
import { byMean } from './race.ts';
import type { Workbench } from './workbench.ts';

/** The best that were measured on these rows, at most so many, best first. */
export const fittest = (
  bench: Workbench,
  candidates: readonly Candidate[],
  rows: readonly ExampleId[],
  size: number,
): readonly Candidate[] =>
  byMean(
    bench,
    candidates.filter(({ id }) => bench.book.resultsOf(id).size > 0),
    rows,
  ).slice(0, size);

/** Requests for members in other words, each member in turn: how half of EvoPrompt's first generation comes about. */
export function fillers(
  members: readonly Candidate[],
  count: number,
  text: string,
  about: Readonly<Record<string, string>>,
  random: Random,
): readonly Draft[] {
  const mixed = random.shuffle(members);
  return Array.from({ length: count }, (_, place) => mixed[place % mixed.length]).flatMap((member) =>
    member ? [paraphrase(member, text, about)] : [],
  );
}
