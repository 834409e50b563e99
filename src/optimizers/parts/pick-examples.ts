import type { ExampleResult } from '#core/evaluation.ts';
import type { ExampleId } from '#core/id.ts';
import type { Random } from '#lib/random.ts';

/** `random` for diversity, `best_worst` for quality, `balance` for a share of both. */
export type ExampleStrategy = 'random' | 'best_worst' | 'balance';

export type Evaluated = { readonly example: ExampleId; readonly result: ExampleResult };

/**
 * The evaluated examples that the generator gets to see (the origin's `get_meta_prompt`, whose choice of strategy was ignored by
 * mistake there).
 * @param count how many; fewer come back where there are fewer.
 * @param picking `share`: part of them picked by `best_worst` under `balance`, 0…1. `tail`: the very worst ones are picked, as the origin does,
 * instead of some of the worst third; a row whose label is wrong is among the worst for good.
 */
export function pickExamples(
  evaluated: readonly Evaluated[],
  count: number,
  { strategy, share, tail = false }: { strategy: ExampleStrategy; share: number; tail?: boolean },
  random: Random,
): readonly Evaluated[] {
  const answered = evaluated.filter(({ result }) => result.type === 'answered');
  const extreme = strategy === 'random' ? 0 : strategy === 'best_worst' ? count : Math.round(count * share);
  const picked = bestAndWorst(answered, extreme, tail ? undefined : random.fork('worst'));
  const rest = answered.filter((item) => !picked.includes(item));
  return [...picked, ...random.sample(rest, Math.min(count, answered.length) - picked.length)];
}

/**
 * Half with the highest cross entropy (what goes wrong), half with the lowest (what already works); the odd one is a worst one.
 * @param random draws the bad ones from the worst third; without it they are the very worst.
 */
function bestAndWorst(answered: readonly Evaluated[], count: number, random?: Random): readonly Evaluated[] {
  const worstFirst = [...answered].sort(
    (a, b) => trouble(b.result) - trouble(a.result) || (a.example < b.example ? -1 : 1),
  );
  const total = Math.min(count, worstFirst.length);
  const worst = Math.ceil(total / 2);
  const best = worstFirst.slice(worstFirst.length - (total - worst));
  if (!random) return [...worstFirst.slice(0, worst), ...best];
  const third = worstFirst.slice(0, Math.ceil(worstFirst.length / 3));
  const wrong = third.filter(({ result }) => result.type === 'answered' && result.outcome !== 'right');
  return [...(wrong.length > worst ? random.sample(wrong, worst) : worstFirst.slice(0, worst)), ...best];
}

/** Cross entropy; without log-probabilities whether it was right. */
function trouble(result: ExampleResult): number {
  if (result.type === 'failed') return -1;
  if (result.crossEntropy.type === 'scored') return result.crossEntropy.value;
  return result.outcome === 'right' ? 0 : 1;
}
