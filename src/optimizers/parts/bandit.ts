import type { Random } from '#lib/random.ts';
import type { ExampleId } from '#core/id.ts';
import type { Procedure } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import type { Workbench } from './workbench.ts';

/** Rows that are asked in one pull. */
const rowsPerPull = 5;
/** Weight of what is not known yet. */
const curiosity = 1;

/**
 * UCB (Auer 2002), as APE and ProTeGi select: in each of `pulls` turns the most promising third is asked about a few more rows, each
 * prompt about rows of its own. Best first by the mean. Kept for comparison: rows that differ from prompt to prompt hide what paired
 * ones show. `complete`: the budget held it.
 */
export function* upperConfidence(
  bench: Workbench,
  candidates: readonly Candidate[],
  rows: readonly ExampleId[],
  pulls: number,
  random: Random,
): Procedure<{ readonly order: readonly Candidate[]; readonly complete: boolean }> {
  const fresh = new Map(candidates.map(({ id }) => [id, random.fork(id).shuffle(rows)]));
  const asked = ({ id }: Candidate): number => rows.length - (fresh.get(id)?.length ?? 0);
  const mean = ({ id }: Candidate): number => bench.book.mean(id)?.value ?? -1;
  const order = (): readonly Candidate[] => [...candidates].sort((a, b) => mean(b) - mean(a) || (a.id < b.id ? -1 : 1));
  for (let turn = 1; turn <= pulls; turn++) {
    const hope = (candidate: Candidate): number =>
      asked(candidate) === 0 ? Infinity : mean(candidate) + curiosity * Math.sqrt(Math.log(turn) / asked(candidate));
    const promising = order()
      .filter(({ id }) => (fresh.get(id)?.length ?? 0) > 0)
      .map((candidate) => ({ candidate, hope: hope(candidate) }))
      .sort((a, b) => (a.hope === b.hope ? 0 : b.hope - a.hope))
      .slice(0, Math.max(1, Math.ceil(candidates.length / 3)));
    for (const { candidate } of promising) {
      const next = fresh.get(candidate.id)?.splice(0, rowsPerPull) ?? [];
      if (!(yield* bench.evaluate([candidate], next))) return { order: order(), complete: false };
    }
  }
  return { order: order(), complete: true };
}

/** Cells that it takes at the most. */
export const upperConfidenceCells = (candidates: number, rows: number, pulls: number): number =>
  Math.min(candidates * rows, pulls * Math.ceil(candidates / 3) * rowsPerPull);
