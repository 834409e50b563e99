import type { CandidateId, ExampleId } from '#core/id.ts';
import type { Candidate } from '#core/prompt.ts';
import type { ScoreBook } from './score-book.ts';

/**
 * The few prompts that a search builds on, the incumbent first. All of them have held their own on as many rows as the archive asks
 * for, and are ordered by their estimated grade against the incumbent; of two that are level the shorter one comes first, since it is cheaper.
 */
export class Archive {
  readonly #book: ScoreBook;
  readonly #size: number;
  readonly #enough: number;
  #residents: readonly Candidate[] = [];

  /** @param enough rows: whoever shares so many with the incumbent may take its place, however many it is known on. */
  constructor(book: ScoreBook, size: number, enough = Infinity) {
    this.#book = book;
    this.#size = size;
    this.#enough = enough;
  }

  get residents(): readonly Candidate[] {
    return this.#residents;
  }

  get incumbent(): Candidate {
    const [first] = this.#residents;
    if (!first) throw new Error('Bug: an archive without an incumbent');
    return first;
  }

  get isFull(): boolean {
    return this.#residents.length >= this.#size;
  }

  /** By how much a newcomer may be worse than the incumbent and still enter: at or below 0. */
  get gap(): number {
    const last = this.#residents.at(-1);
    if (!last || !this.isFull) return -0.05;
    const { id } = this.incumbent;
    return Math.min(0, this.#book.estimate(last.id, id) - this.#book.estimate(id, id));
  }

  /**
   * Takes a candidate in, and out whoever is the worst then. A new incumbent has to be known on the rows of the old one, or on enough of them.
   * @returns whether the candidate stayed.
   */
  admit(candidate: Candidate): boolean {
    const reference = this.#residents[0] ?? candidate;
    const value = (resident: Candidate): number => this.#book.estimate(resident.id, reference.id);
    const all = [...this.#residents.filter(({ id }) => id !== candidate.id), candidate];
    const order = all.map((resident, index) => ({ resident, index, value: value(resident) }));
    order.sort((a, b) => b.value - a.value || a.resident.prompt.length - b.resident.prompt.length || a.index - b.index);
    const kept = order.slice(0, this.#size).map(({ resident }) => resident);
    // it stays at the head while nobody is well enough known to take its place, even where all others seem better
    const first = kept.find((resident) => resident === reference || this.#covers(resident, reference)) ?? reference;
    this.#residents = [first, ...kept.filter((resident) => resident !== first)].slice(0, this.#size);
    return this.#residents.includes(candidate);
  }

  /** Rows that a candidate shows are none that it could be known on. */
  #covers(candidate: Candidate, reference: Candidate): boolean {
    const shown = candidate.demos?.examples ?? [];
    const rows = this.#book.rows(reference.id);
    const known = rows.filter((row) => shown.includes(row) || this.#book.result(candidate.id, row) !== undefined);
    return known.length >= Math.min(rows.length, this.#enough);
  }
}

/** Grades that differ by less share a front: chance decides such differences. */
const tie = 0.1;

/** On how many rows each candidate is among the best, where it was asked (per-instance fronts of GEPA, with a tolerance for graded scores). */
export function leads(
  candidates: readonly Candidate[],
  rows: readonly ExampleId[],
  book: ScoreBook,
): ReadonlyMap<CandidateId, number> {
  const known = candidates.map(({ id }) => ({ id, grades: book.gradesOf(id) }));
  const counts = new Map<CandidateId, number>(candidates.map(({ id }) => [id, 0]));
  for (const row of rows) {
    const grades = known.map((candidate) => candidate.grades.get(row) ?? -1);
    const best = Math.max(...grades);
    if (best < 0) continue;
    for (const [index, { id }] of known.entries())
      if ((grades[index] ?? -1) >= best - tie) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}
