import type { Demonstration } from '#core/demonstrations.ts';
import type { ExampleId } from '#core/id.ts';
import type { Candidate } from '#core/prompt.ts';
import type { Random } from '#lib/random.ts';
import type { Draft } from '../parts/proposals.ts';
import type { Workbench } from '../parts/workbench.ts';
import { doubtfulRows } from './evidence.ts';

/** What an operator can build on. */
export type Site = {
  readonly bench: Workbench;
  readonly parent: Candidate;
  /** The prompts that are kept, the incumbent first. */
  readonly residents: readonly Candidate[];
  readonly round: number;
  readonly random: Random;
  readonly metaPrompt: string;
  readonly mostDemonstrations: number;
  /** Templates that were not tried yet. */
  readonly templates: readonly string[];
  /** Whether something that needs no generator can take the place of a text that cannot be used. */
  readonly composes: () => boolean;
};

/** A prompt to be written by the generator, or one that needs none. */
export type Move = { readonly draft: Draft } | { readonly candidate: Candidate };

/** A way of getting from what is known to a new prompt; undefined where it has nothing to work with. */
export type Operator = { readonly id: string; readonly prior: number; readonly move: (site: Site) => Move | undefined };

/** The row with the right answer, spelled as the data have it. */
export const demonstrationOf = ({ bench }: Site, row: ExampleId): Demonstration => {
  const example = bench.example(row);
  return { example, answer: example.targets[0] ?? '' };
};

/**
 * Rows to show: of different answers before any answer repeats; rows that the prompt gets right, the least certain first (its own kind
 * of answer, where it is needed most), before unseen ones and those it gets wrong. None whose label is in doubt.
 */
export function oneOfEach(
  free: readonly ExampleId[],
  { bench, parent }: Site,
  random: Random,
  count: number,
): ExampleId[] {
  const grade = (row: ExampleId): number => bench.book.grade(parent.id, row) ?? 0.5;
  const weight = (row: ExampleId): number => {
    const found = bench.book.result(parent.id, row);
    return found?.type === 'answered' && found.outcome === 'right' ? 1 + (1 - grade(row)) : 0.5;
  };
  const doubtful = doubtfulRows(bench, free);
  const order = random
    .shuffle(free.filter((row) => !doubtful.has(row)))
    .map((row) => ({ row, key: weight(row) * (0.5 + random.next()) }))
    .sort((a, b) => b.key - a.key)
    .map(({ row }) => row);
  const target = (row: ExampleId): string => bench.example(row).targets[0] ?? '';
  const picked: ExampleId[] = [];
  while (picked.length < count && picked.length < order.length) {
    const used = new Set(picked.map(target));
    const rest = order.filter((row) => !picked.includes(row));
    picked.push(rest.find((row) => !used.has(target(row))) ?? (rest[0] as ExampleId));
  }
  return picked;
}
