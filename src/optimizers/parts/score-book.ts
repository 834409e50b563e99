import type { ExampleResult } from '#core/evaluation.ts';
import type { CandidateId, ExampleId } from '#core/id.ts';
import type { Requests } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import { ranked, scored, type Scored } from './ranking.ts';

/** A mean over `n` rows. */
export type Mean = { readonly value: number; readonly n: number };

/** Weight of the right answer's probability beside right or wrong. */
const gradeWeight = 0.2;
/** So many shared rows' worth of doubt draw the estimate of a little-known candidate towards its reference. */
const shrinkage = 8;
const least = 1e-4;

/**
 * The graded score of a row in 0…1: (1 − w) × right + w × p, with p the probability of the right answer. A bounded probability breaks
 * the ties that right or wrong leaves among few rows, and sees progress while every answer is still wrong; the cross entropy itself
 * would let one hopeless row outweigh all others. Of an answer that was not among the listed tokens half the bound is taken.
 * Undefined for a failed row: missing is never wrong. Without log-probabilities it is right or wrong alone.
 */
export function gradeOf(result: ExampleResult, weight = gradeWeight): number | undefined {
  if (result.type === 'failed') return undefined;
  const right = Number(result.outcome === 'right');
  if (weight === 0 || result.crossEntropy.type === 'unscored') return right;
  const p = Math.exp(-result.crossEntropy.value) * (result.crossEntropy.bound === 'at-least' ? 0.5 : 1);
  return (1 - weight) * right + weight * Math.min(1, Math.max(least, p));
}

/** Candidates × train rows, as far as they are known. Comparisons are made on the rows that both answered. */
export class ScoreBook {
  readonly #results = new Map<CandidateId, Map<ExampleId, ExampleResult>>();
  readonly #grades = new Map<CandidateId, Map<ExampleId, number>>();
  /** Added up once for each number of results: a book only grows. */
  readonly #scored = new Map<CandidateId, Scored>();
  /** Candidates whose probabilities are not those of their answers. */
  readonly #misread: Set<CandidateId>;
  /** Of the probability in the grade, 0…1. */
  readonly weight: number;

  constructor(weight = gradeWeight, misread: Iterable<CandidateId> = []) {
    this.weight = weight;
    this.#misread = new Set(misread);
  }

  /** Another book with nothing in it that grades in the same way. */
  blank(): ScoreBook {
    return new ScoreBook(this.weight, this.#misread);
  }

  /** From now on only right or wrong counts for this candidate, and in every comparison with it. */
  setProbabilitiesAside(candidate: CandidateId): void {
    this.#misread.add(candidate);
    const grades = entry(this.#grades, candidate);
    for (const [example, result] of this.resultsOf(candidate)) {
      const grade = gradeOf(result, 0);
      if (grade !== undefined) grades.set(example, grade);
    }
  }

  isMisread(candidate: CandidateId): boolean {
    return this.#misread.has(candidate);
  }

  record(
    candidates: readonly Candidate[],
    examples: readonly ExampleId[],
    result: Requests['evaluate']['tell']['result'],
  ): void {
    for (const { id } of candidates) {
      const results = entry(this.#results, id);
      const grades = entry(this.#grades, id);
      const weight = this.#misread.has(id) ? 0 : this.weight;
      for (const example of examples) {
        const found = result(id, example);
        if (!found) continue;
        results.set(example, found);
        const grade = gradeOf(found, weight);
        if (grade !== undefined) grades.set(example, grade);
      }
    }
  }

  result(candidate: CandidateId, example: ExampleId): ExampleResult | undefined {
    return this.#results.get(candidate)?.get(example);
  }

  /** All results of a candidate, by row. */
  resultsOf(candidate: CandidateId): ReadonlyMap<ExampleId, ExampleResult> {
    return this.#results.get(candidate) ?? nothing;
  }

  /** Cells that are not known and can be asked: a row that a prompt shows never is. */
  openCells(candidates: readonly Candidate[], examples: readonly ExampleId[]): number {
    return candidates.reduce((sum, { id, demos }) => {
      const results = this.resultsOf(id);
      const shown = demos?.examples ?? [];
      return sum + examples.filter((example) => !results.has(example) && !shown.includes(example)).length;
    }, 0);
  }

  grade(candidate: CandidateId, example: ExampleId): number | undefined {
    return this.#grades.get(candidate)?.get(example);
  }

  /** All grades of a candidate, by row. */
  gradesOf(candidate: CandidateId): ReadonlyMap<ExampleId, number> {
    return this.#grades.get(candidate) ?? noGrades;
  }

  /** Rows with a grade, in the order in which they came. */
  rows(candidate: CandidateId): readonly ExampleId[] {
    return [...this.gradesOf(candidate).keys()];
  }

  /** Mean grade over all graded rows, or over those of the given ones that are graded; undefined where there are none. */
  mean(candidate: CandidateId, examples?: readonly ExampleId[]): Mean | undefined {
    const grades = this.gradesOf(candidate);
    return meanOf(examples ? examples.flatMap((example) => grades.get(example) ?? []) : [...grades.values()]);
  }

  /** Share of right answers, as `mean`. */
  accuracy(candidate: CandidateId, examples: readonly ExampleId[] = this.rows(candidate)): Mean | undefined {
    return meanOf(
      examples.flatMap((example) => {
        const found = this.result(candidate, example);
        return found?.type === 'answered' ? Number(found.outcome === 'right') : [];
      }),
    );
  }

  /** Mean of a − b over the rows that both have, of right answers alone where the probabilities of one of them do not count. */
  difference(a: CandidateId, b: CandidateId, examples?: readonly ExampleId[]): Mean | undefined {
    if (this.#misread.has(a) !== this.#misread.has(b)) return this.accuracyDifference(a, b, examples);
    const [mine, theirs] = [this.gradesOf(a), this.gradesOf(b)];
    const differences: number[] = [];
    for (const example of examples ?? mine.keys()) {
      const [first, second] = [mine.get(example), theirs.get(example)];
      if (first !== undefined && second !== undefined) differences.push(first - second);
    }
    return meanOf(differences);
  }

  /**
   * How far each of these is ahead on the given rows, against the one that has most of them: a row that failed for one prompt, or that it
   * shows itself, must not count for another. −1 where nothing is shared.
   */
  leads(candidates: readonly Candidate[], examples: readonly ExampleId[]): (candidate: Candidate) => number {
    const rows = ({ id }: Candidate): number => this.mean(id, examples)?.n ?? 0;
    const most = Math.max(...candidates.map(rows));
    const reference = candidates.find((candidate) => rows(candidate) === most);
    return ({ id }) => (reference && this.difference(id, reference.id, examples)?.value) ?? -1;
  }

  /**
   * Best first, of candidates in the order of the ranking. A row that failed for one of them, or that one of them shows, is no row of it:
   * so they are compared with the one that has most rows, each on the rows that both have.
   */
  paired(order: readonly Candidate[]): readonly Candidate[] {
    const rows = ({ id }: Candidate): number => this.gradesOf(id).size;
    const most = Math.max(...order.map(rows));
    const reference = order.find((candidate) => rows(candidate) === most);
    if (!reference || order.every((candidate) => rows(candidate) === most)) return order;
    const lead = new Map(order.map(({ id }) => [id, this.accuracyDifference(id, reference.id)?.value ?? -1]));
    return [...order].sort((a, b) => (lead.get(b.id) ?? -1) - (lead.get(a.id) ?? -1) || rows(b) - rows(a));
  }

  /** As `difference`, of right answers alone. */
  accuracyDifference(a: CandidateId, b: CandidateId, examples = this.rows(a)): Mean | undefined {
    const shared = examples.filter((row) => this.gradesOf(a).has(row) && this.gradesOf(b).has(row));
    const [mine, theirs] = [this.accuracy(a, shared), this.accuracy(b, shared)];
    return mine && theirs ? { value: mine.value - theirs.value, n: mine.n } : undefined;
  }

  /**
   * The expected grade of a candidate, where only some of its rows are shared with the reference: the reference's mean plus the paired
   * difference, drawn by eight rows' worth towards the difference that is usual: zero, where nothing is said. Coverage may differ; the
   * comparison stays paired.
   */
  estimate(candidate: CandidateId, reference: CandidateId, usual = 0): number {
    const level = this.mean(reference)?.value ?? 0;
    if (candidate === reference) return level;
    const difference = this.difference(candidate, reference);
    const { value, n } = difference ?? { value: 0, n: 0 };
    return level + (value * n + usual * shrinkage) / (n + shrinkage);
  }

  /** How many rows each of these is through with: asked about, failed ones too, or shown by the prompt itself where others are asked. */
  rowsDone(candidates: readonly Candidate[]): (candidate: Candidate) => number {
    const asked = new Set(candidates.flatMap(({ id }) => [...this.resultsOf(id).keys()]));
    return ({ id, demos }) => {
      const results = this.resultsOf(id);
      return results.size + (demos?.examples ?? []).filter((row) => asked.has(row) && !results.has(row)).length;
    };
  }

  /** The best of these, among those that are through with as many rows as any. */
  best(candidates: readonly Candidate[]): Candidate | undefined {
    const rows = this.rowsDone(candidates);
    const most = Math.max(...candidates.map(rows));
    const known = candidates.filter((candidate) => rows(candidate) === most);
    return this.ranked(known)[0]?.candidate;
  }

  /** Best first by accuracy; between equals the probabilities decide, where they have any weight and none of these are set aside. */
  ranked(candidates: readonly Candidate[]): readonly Scored[] {
    return ranked(
      candidates.map((candidate) => this.scored(candidate)),
      this.weight > 0 && !candidates.some(({ id }) => this.isMisread(id)),
    );
  }

  /** A candidate with its results, as the blocks of a meta prompt and `ranked` take it. */
  scored(candidate: Candidate): Scored {
    const results = this.resultsOf(candidate.id);
    const known = this.#scored.get(candidate.id);
    if (known?.results.length === results.size) return known;
    const fresh = scored(candidate, [...results.values()]);
    this.#scored.set(candidate.id, fresh);
    return fresh;
  }
}

const noGrades: ReadonlyMap<ExampleId, number> = new Map();
const nothing: ReadonlyMap<ExampleId, ExampleResult> = new Map();

function entry<V>(map: Map<CandidateId, Map<ExampleId, V>>, id: CandidateId): Map<ExampleId, V> {
  const found = map.get(id) ?? new Map<ExampleId, V>();
  map.set(id, found);
  return found;
}

const meanOf = (values: readonly number[]): Mean | undefined =>
  values.length === 0
    ? undefined
    : { value: values.reduce((sum, value) => sum + value, 0) / values.length, n: values.length };
