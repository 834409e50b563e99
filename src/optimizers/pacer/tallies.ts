import type { CandidateId } from '#core/id.ts';
import type { Candidate } from '#core/prompt.ts';
import type { OperatorId } from './operators.ts';

type Tally = { readonly tried: number; readonly kept: number };

/** A text that cannot be used costs a call, a prompt that is raced some ten: so many of them count like one that lost. */
const refusedPerTry = 8;

/** How often each operator was tried, and how often its prompts gained on the best one. */
export class Tallies {
  readonly #tallies = new Map<OperatorId, Tally>();
  readonly #refused = new Map<OperatorId, number>();
  /** The operators that were chosen for what a generator wrote. */
  readonly #chosen = new Map<CandidateId, OperatorId>();

  /** As the next choice is to see it. */
  of(operator: OperatorId): Tally {
    const { tried, kept } = this.#of(operator);
    return { tried: tried + Math.floor((this.#refused.get(operator) ?? 0) / refusedPerTry), kept };
  }

  #of(operator: OperatorId): Tally {
    return this.#tallies.get(operator) ?? { tried: 0, kept: 0 };
  }

  count(operator: OperatorId, kept: boolean): void {
    const tally = this.#of(operator);
    this.#tallies.set(operator, { tried: tally.tried + 1, kept: tally.kept + Number(kept) });
  }

  /**
   * What came of a draft that this operator was chosen for. Where the generator only copied what it was shown and wrote afresh instead,
   * that is what choosing the operator leads to, and counts for it. A text that could not be used counts against it a little.
   */
  wrote(operator: OperatorId, candidate: Candidate | undefined): void {
    if (candidate) this.#chosen.set(candidate.id, operator);
    else this.#refused.set(operator, (this.#refused.get(operator) ?? 0) + 1);
  }

  /** Counts for the operator that led to this candidate; a person's prompts count for none. */
  credit({ id, origin }: Candidate, kept: boolean): void {
    const own = origin.type === 'proposal' ? (origin.operator as OperatorId | undefined) : undefined;
    const operator = this.#chosen.get(id) ?? own;
    if (operator) this.count(operator, kept);
  }

  /** In the order in which they were first tried. */
  all(): readonly ({ readonly operator: OperatorId } & Tally)[] {
    return [...this.#tallies].map(([operator, tally]) => ({ operator, ...tally }));
  }
}
