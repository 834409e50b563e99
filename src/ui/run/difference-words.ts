import type { Split } from '#core/example.ts';
import type { RunReport } from '#core/report.ts';
import { count, signed } from '#ui/parts/format.ts';

/** A difference between two prompts in words, never more than its rows can carry. */

/** In tenths as the scores beside them, but finer where that would hide on which side of zero something lies. */
export function pointsOf(...shares: readonly number[]): readonly string[] {
  const digits = shares.some((share) => share !== 0 && Math.abs(share) < 0.0005) ? 2 : 1;
  return shares.map((share) => signed(share * 100, digits));
}

export const verdictTitles = {
  better: { title: 'Better', tone: 'good' },
  worse: { title: 'Worse', tone: 'bad' },
  'cannot-tell': { title: 'Cannot tell', tone: 'warn' },
} as const;

/** The verdict in two or three words, for a line of a list. */
export function verdictInShort({ verdict, value }: NonNullable<RunReport['comparison']>): string {
  const [points = ''] = pointsOf(value);
  return verdict === 'cannot-tell' ? 'cannot tell' : `${verdictTitles[verdict].title.toLowerCase()}, ${points} points`;
}

/** What may be said of two prompts that answered the same rows. `caution`: why rows that the search saw prove little. */
export function differenceWords(
  difference: RunReport['comparison'],
  split: Split,
): {
  readonly title: string;
  readonly sentence: string;
  readonly tone: 'good' | 'bad' | 'warn';
  readonly caution: string;
} {
  const caution =
    split === 'train'
      ? 'The search saw these rows, so they flatter what it found.'
      : split === 'validation'
        ? 'These rows had a part in the choice of the winner.'
        : '';
  if (!difference) return { title: 'Cannot tell', sentence: 'one row is too few.', tone: 'warn', caution };
  const { verdict, value, lo, hi, n } = difference;
  const { title, tone } = verdictTitles[verdict];
  const [points, from, to] = pointsOf(value, lo, hi);
  const sentence = `${points} points on ${count(n, 'shared row')}, 95\u00a0% interval ${from} to ${to}.`;
  return { title, sentence, tone, caution };
}
