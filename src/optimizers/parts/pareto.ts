import type { CandidateId, ExampleId } from '#core/id.ts';

/** A prompt that is best on some rows, and on how many. */
export type Leader = { readonly candidate: CandidateId; readonly fronts: number };

/**
 * The prompts worth building on, row by row: those that are best, or within the tolerance of it, on some row where no other remaining
 * prompt is. Prompts without which each front keeps an owner are removed one after the other, the weakest on average first (GEPA).
 * @param grade 0…1 or undefined where it is not known.
 */
export function paretoLeaders(
  candidates: readonly CandidateId[],
  rows: readonly ExampleId[],
  grade: (candidate: CandidateId, row: ExampleId) => number | undefined,
  tolerance: number,
): readonly Leader[] {
  const fronts = rows.flatMap((row) => {
    const best = Math.max(...candidates.map((candidate) => grade(candidate, row) ?? -Infinity));
    if (!Number.isFinite(best)) return [];
    return [new Set(candidates.filter((candidate) => (grade(candidate, row) ?? -Infinity) >= best - tolerance))];
  });
  const remaining = new Set(candidates);
  const meanOf = (candidate: CandidateId): number => {
    const grades = rows.flatMap((row) => grade(candidate, row) ?? []);
    return grades.length === 0 ? -1 : grades.reduce((sum, value) => sum + value, 0) / grades.length;
  };
  const means = new Map(candidates.map((candidate) => [candidate, meanOf(candidate)]));
  const weakestFirst = [...candidates].sort((a, b) => (means.get(a) ?? 0) - (means.get(b) ?? 0) || (a < b ? 1 : -1));
  const isRedundant = (candidate: CandidateId): boolean =>
    fronts.every(
      (front) => !front.has(candidate) || [...front].some((other) => other !== candidate && remaining.has(other)),
    );
  for (const candidate of weakestFirst) if (remaining.size > 1 && isRedundant(candidate)) remaining.delete(candidate);
  return [...remaining].map((candidate) => ({
    candidate,
    fronts: fronts.filter((front) => front.has(candidate)).length,
  }));
}
