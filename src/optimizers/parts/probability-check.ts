import type { ExampleResult } from '#core/evaluation.ts';
import type { Example } from '#core/example.ts';
import type { ExampleId } from '#core/id.ts';
import type { AnswerFormat } from '#core/task.ts';

/** From this share of contradictions on, the probabilities are not those of the answers; one alone, or so few answers, tell nothing. */
const toleratedShare = 0.2;
const toleratedCount = 1;
const fewest = 3;
/** The likeliest of all tokens is seldom less likely than this. */
const unlikely = 0.1;

/**
 * Whether the probability of the right answer was read at another place than the answer itself, as happens where a model thinks aloud
 * first: an answer at temperature 0 begins with the likeliest token. So the right one is not unlikely where it was given, and, out of a
 * few options, no likelier than even where another was: texts may share their first token. Undefined where nothing can be said.
 * @param options number of options of the row; undefined for texts and numbers.
 */
export function contradicts(result: ExampleResult, options?: number): boolean | undefined {
  if (result.type === 'failed' || result.crossEntropy.type === 'unscored') return undefined;
  const { bound, value } = result.crossEntropy;
  if (bound === 'estimated') return undefined;
  const p = Math.exp(-value);
  if (result.outcome === 'right') return p < Math.min(unlikely, 1 / (options ?? 1));
  return options !== undefined && result.outcome === 'wrong' && bound === 'exact' ? p > 0.5 : undefined;
}

/** Whether too many of a prompt's answers contradict their probabilities. */
export function isMisread(
  results: ReadonlyMap<ExampleId, ExampleResult>,
  format: AnswerFormat,
  example: (id: ExampleId) => Example,
): boolean {
  const optionsOf = (id: ExampleId): number | undefined =>
    format.type === 'label' ? format.labels.length : format.type === 'letter' ? example(id).choices?.length : undefined;
  const verdicts = [...results].flatMap(([id, result]) => {
    const options = optionsOf(id);
    // a single option is no choice
    return options !== undefined && options < 2 ? [] : (contradicts(result, options) ?? []);
  });
  return (
    verdicts.length >= fewest &&
    verdicts.filter(Boolean).length > Math.max(toleratedCount, toleratedShare * verdicts.length)
  );
}
