import type { Plan } from '#core/optimizer.ts';
import { count, number } from '#ui/parts/format.ts';

/**
 * What the search will do, in one sentence.
 * @param start how many prompts it starts from, and whether they were made from the task.
 * @param wanted the rounds without a limit of calls, where that makes a difference.
 */
export function planSentence(
  { prompts, made }: { readonly prompts: number; readonly made: boolean },
  plan: Plan,
  wanted?: number,
): string {
  const start = `${count(prompts, 'starting prompt')}${made ? ' made from your task' : ''}`;
  if (plan.rounds === 0 || plan.prompts === 0) return `${start}, and no round of new ones.`;
  const written = { lo: plan.prompts, hi: plan.most?.prompts ?? plan.prompts };
  const fresh = `${plan.spendsAll ? 'about' : 'up to'} ${shownRange(written)} new ${written.hi === 1 ? 'one' : 'ones'}`;
  return `${start}, then ${fresh} in ${wanted === undefined ? roundsWords(plan) : `${roundsRange(plan)} of ${count(wanted, 'round')}`}.`;
}

type Rounds = Pick<Plan, 'rounds' | 'spendsAll' | 'most'>;
/** Where what a round saves goes into further ones, their number is not known beforehand. */
export const roundsRange = ({ rounds, spendsAll, most }: Rounds): string =>
  `${spendsAll ? 'about ' : ''}${shownRange({ lo: rounds, hi: most?.rounds ?? rounds })}`;
export const roundsWords = (plan: Rounds): string =>
  `${roundsRange(plan)} ${(plan.most?.rounds ?? plan.rounds) === 1 ? 'round' : 'rounds'}`;

/** An estimated time, as exact as it deserves. */
export function shownTime(seconds: number): string {
  if (seconds < 20) return 'some seconds';
  if (seconds < 90) return 'about a minute';
  const minutes = seconds / 60;
  if (minutes < 90) return `about ${number(minutes < 10 ? Math.round(minutes) : Math.round(minutes / 5) * 5)} minutes`;
  return `about ${number(minutes / 60, minutes < 600 ? 1 : 0)} hours`;
}

const dollars = (usd: number): string => (usd < 0.01 ? 'under $0.01' : `$${number(usd, usd < 10 ? 2 : 0)}`);

type Range = { readonly lo: number; readonly hi: number };
const between = ({ lo, hi }: Range, words: (value: number) => string): string =>
  words(lo) === words(hi) ? words(hi) : `${words(lo)} to ${words(hi)}`;

export const shownRange = (range: Range): string => between(range, (value) => number(value));

const roughTokens = (tokens: number): string =>
  tokens < 1000
    ? number(Math.ceil(tokens / 10) * 10)
    : tokens < 1e6
      ? `${number(tokens / 1000)}\u00a0k`
      : `${number(tokens / 1e6, 1)}\u00a0M`;
export const shownTokens = (range: Range): string => between(range, roughTokens);

/** An estimated time from little to much: `about a minute to about 5 minutes`. */
export const shownTimes = ({ lo, hi }: Range): string =>
  shownTime(lo) === shownTime(hi) ? shownTime(hi) : `${shownTime(lo)} to ${shownTime(hi).replace('about ', '')}`;

/** An estimated cost as a range. */
export function shownCost({ lo, hi }: { readonly lo: number; readonly hi: number }): string {
  if (hi < 0.01) return dollars(hi);
  return dollars(lo) === dollars(hi) ? `about ${dollars(hi)}` : `${dollars(lo)} to ${dollars(hi)}`;
}
