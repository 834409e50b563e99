import type { Candidate } from '#core/prompt.ts';
import type { Draft } from '../parts/proposals.ts';
import type { OperatorId } from './operators.ts';

type Tally = { readonly tried: number; readonly kept: number };

/** A text that cannot be used costs a call, a prompt that is raced some ten: so many of them count like one that lost. */
const refusedPerTry = 8;

/** How often each operator was tried, and how often its prompts gained on the best one. */
export class Tallies {
  readonly #tallies = new Map<OperatorId, Tally>();
  readonly #refused = new Map<OperatorId, number>();

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

  /** Counts for the operator that made this candidate; a person's prompts count for none. */
  credit({ origin }: Candidate, kept: boolean): void {
    if (origin.type === 'proposal' && origin.operator) this.count(origin.operator as OperatorId, kept);
  }

  /** A text that could not be used counts against its operator too, a little. */
  debit(drafts: readonly Draft[], written: readonly Candidate[]): void {
    const open = drafts.map(({ operator }) => operator);
    for (const { origin } of written) {
      const place = origin.type === 'proposal' ? open.indexOf(origin.operator ?? '') : -1;
      if (place >= 0) open.splice(place, 1);
    }
    for (const name of open) {
      const operator = name as OperatorId;
      this.#refused.set(operator, (this.#refused.get(operator) ?? 0) + 1);
    }
  }

  /** In the order in which they were first tried. */
  all(): readonly ({ readonly operator: OperatorId } & Tally)[] {
    return [...this.#tallies].map(([operator, tally]) => ({ operator, ...tally }));
  }
}
