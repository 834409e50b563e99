import type { CompletionRequest } from '#core/completion.ts';

/** A server on one's own machine may first have to load the model, or be busy with a long text for somebody else. */
const shortestMs = 60_000;
const longestMs = 600_000;
/** As slow as a small machine is that writes several texts at the same time. Asked again, it would only have more to do. */
const slowestTokenMs = 300;
/** So many times as long as all but the slowest answers took. */
const patience = 6;
const remembered = 200;
/** Before so many answers the slowest of them says little. */
const enough = 5;

/**
 * What each kind of request is waited for. A text of hundreds of tokens takes many times as long as an answer of one word: what is learned
 * from the one says nothing about the other.
 */
export class DeadlinesByKind {
  readonly #known = new Map<string, Deadlines>();

  /** @param fingerprint of the model. */
  of(fingerprint: string, { maxTokens }: Pick<CompletionRequest, 'maxTokens'>): Deadlines {
    const kind = `${maxTokens} ${fingerprint}`;
    const known = this.#known.get(kind) ?? new Deadlines(maxTokens);
    this.#known.set(kind, known);
    return known;
  }
}

/**
 * How long to wait for a whole answer, learned from how long answers take here. The provider's own setting, which a person made, is an
 * upper bound that the client sees to.
 */
export class Deadlines {
  /** The last ones, in the order in which they came, and by size. */
  readonly #latenciesMs: number[] = [];
  readonly #sorted: number[] = [];
  #next = 0;
  readonly #leastMs: number;

  /** @param maxTokens that an answer may have. */
  constructor(maxTokens: number) {
    this.#leastMs = Math.max(shortestMs, slowestTokenMs * maxTokens);
  }

  answered(latencyMs: number): void {
    if (!(latencyMs >= 0)) return;
    const forgotten = this.#latenciesMs[this.#next];
    if (forgotten !== undefined) this.#sorted.splice(this.#placeOf(forgotten), 1);
    this.#sorted.splice(this.#placeOf(latencyMs), 0, latencyMs);
    this.#latenciesMs[this.#next] = latencyMs;
    this.#next = (this.#next + 1) % remembered;
  }

  /** @param timeouts how often this very call has timed out: it gets twice as long each time. */
  next(timeouts = 0): number {
    const base =
      this.#latenciesMs.length < enough ? longestMs : Math.max(this.#leastMs, patience * this.#percentile(0.99));
    return Math.min(longestMs, base * 2 ** timeouts);
  }

  #percentile(share: number): number {
    const sorted = this.#sorted;
    return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? longestMs;
  }

  /** Where it stands among the sorted ones, or would. */
  #placeOf(latencyMs: number): number {
    let [from, to] = [0, this.#sorted.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#sorted[middle] ?? Infinity) < latencyMs) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
