import type { ExampleResult } from './evaluation.ts';
import type { Split } from './example.ts';
import type { ExampleId } from './id.ts';
import { isShownBy, type Candidate } from './prompt.ts';
import { countPairs } from './report.ts';
import { differenceSoFar } from './statistics/anytime.ts';
import { pairedDifference, type Difference } from './statistics/paired.ts';

/** A prompt and what it answered so far. */
type Asked = {
  readonly candidate: Candidate;
  readonly results: Readonly<Record<Split, ReadonlyMap<ExampleId, ExampleResult>>>;
};

/**
 * So large a share of the sealed rows may have failed for good. Where more have, they may still be asked again, and whoever does so until
 * the verdict pleases has looked more than once: with a fifth of 60 rows failed, two looks would call equal prompts unlike in more than 6.5 % of
 * the cases (test/core/compare-sealed.test.ts).
 */
const mayFail = 0.05;

/** Whether all sealed rows are done with for this prompt. A row that it shows is never asked about. */
export function isThrough({ candidate, results }: Asked, rows: readonly ExampleId[]): boolean {
  const failed = rows.filter((row) => results.test.get(row)?.type === 'failed').length;
  return failed <= mayFail * rows.length && rows.every((row) => results.test.has(row) || isShownBy(candidate, row));
}

/**
 * Accuracy of the first minus that of the second on the sealed rows. Until both prompts are through with them somebody may be looking
 * on, so the verdict is one that holds however often one looks.
 * @param rows all sealed rows of the run.
 */
export function compareSealed(a: Asked, b: Asked, rows: readonly ExampleId[]): Difference | undefined {
  const pairs = countPairs(a.results.test, b.results.test);
  return isThrough(a, rows) && isThrough(b, rows) ? pairedDifference(pairs) : differenceSoFar(pairs);
}
