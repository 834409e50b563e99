import type { Candidate } from '#core/prompt.ts';
import type { Workbench } from './workbench.ts';

export type Standing = {
  readonly candidate: Candidate;
  /** Expected grade, 0…1. */
  readonly score: number;
};

/**
 * Everything that was evaluated, best first, where races left some prompts with fewer rows than others: those with all rows by their
 * mean; the others by their difference on the rows that they share with the best of those, drawn towards the usual one. What left a race
 * never stands above what went through it.
 */
export function standings(
  bench: Workbench,
  candidates: readonly Candidate[] = bench.candidates(),
): readonly Standing[] {
  const { book } = bench;
  const asked = book.rowsDone(candidates);
  const most = Math.max(0, ...candidates.map(asked));
  const whole = (candidate: Candidate): boolean => asked(candidate) >= most;
  const meanOf = ({ id }: Candidate): number => book.mean(id)?.value ?? -1;
  const [reference] = candidates.filter(whole).sort((a, b) => meanOf(b) - meanOf(a));
  if (!reference) return [];
  const limit = meanOf(reference);
  // towards the leader, fewer rows would make a prompt that was sent away look better than one that stayed longer
  const behind = candidates.filter((candidate) => !whole(candidate));
  const leads = behind.flatMap(({ id }) => book.difference(id, reference.id)?.value ?? []);
  const usual = leads.reduce((sum, lead) => sum + lead, 0) / Math.max(1, leads.length);
  const scoreOf = (candidate: Candidate): number =>
    whole(candidate) ? meanOf(candidate) : Math.min(limit, book.estimate(candidate.id, reference.id, usual));
  return candidates
    .map((candidate) => ({ candidate, score: Math.max(0, scoreOf(candidate)) }))
    .sort(
      (a, b) =>
        b.score - a.score ||
        Number(whole(b.candidate)) - Number(whole(a.candidate)) ||
        a.candidate.prompt.length - b.candidate.prompt.length ||
        (a.candidate.id < b.candidate.id ? -1 : 1),
    );
}
