import type { ExampleId } from '#core/id.ts';
import type { Procedure } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import type { Workbench } from './workbench.ts';

/**
 * Evaluates candidates on rows; where the budget does not hold all, one by one as far as it goes, so that no prompt that was paid for
 * stays untried. False: some were not evaluated.
 */
export function* measure(
  bench: Workbench,
  candidates: readonly Candidate[],
  rows: readonly ExampleId[],
): Procedure<boolean> {
  if (yield* bench.evaluate(candidates, rows)) return true;
  if (candidates.length === 1) return false;
  for (const candidate of candidates) if (!(yield* bench.evaluate([candidate], rows))) return false;
  return true;
}
