import type { ExampleId } from '#core/id.ts';
import type { Candidate } from '#core/prompt.ts';
import type { Random } from '#lib/random.ts';
import type { Workbench } from './workbench.ts';

/** Deals small batches of train rows: every row once before any of them again, in another order each time. */
export class Batches {
  readonly #rows: readonly ExampleId[];
  readonly #random: Random;
  #queue: ExampleId[] = [];

  constructor(rows: readonly ExampleId[], random: Random) {
    this.#rows = rows;
    this.#random = random;
  }

  next(size: number): readonly ExampleId[] {
    const dealt: ExampleId[] = [];
    while (dealt.length < Math.min(size, this.#rows.length)) {
      if (this.#queue.length === 0) this.#queue = this.#random.shuffle(this.#rows);
      const at = this.#queue.findIndex((row) => !dealt.includes(row));
      // at the turn of a deal only rows of this batch may be left over: a new deal has others
      if (at < 0) this.#queue = this.#random.shuffle(this.#rows);
      else dealt.push(...this.#queue.splice(at, 1));
    }
    return dealt;
  }

  /**
   * The next batch that this prompt does not get right as a whole; where there is none, the rows of which it is least sure. A prompt
   * has nothing to learn from rows that it answers well.
   */
  nextWithErrors(bench: Workbench, { id, demos }: Candidate, size: number): readonly ExampleId[] {
    // a failed row is missing, not wrong, and one that the prompt shows is never asked
    const isRight = (row: ExampleId): boolean => {
      const result = bench.book.result(id, row);
      if (!result) return demos?.examples.includes(row) ?? false;
      return result.type === 'failed' || result.outcome === 'right';
    };
    for (let dealt = 0; dealt < this.#rows.length; dealt += Math.max(1, size)) {
      const batch = this.next(size);
      if (batch.some((row) => !isRight(row))) return batch;
    }
    const grade = (row: ExampleId): number => bench.book.grade(id, row) ?? 2;
    return [...this.#rows].sort((a, b) => grade(a) - grade(b) || (a < b ? -1 : 1)).slice(0, size);
  }
}
