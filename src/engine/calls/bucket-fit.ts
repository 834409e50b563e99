/** Requests that are remembered at the most. */
const remembered = 1500;
/** Rates that are tried are so far apart. */
const stepUp = 1.01;
/** What rounding, and then lateness on the way, may make of a count: the least that explains all is taken. */
const slacks = [0.1, 0.4, 0.8];

export type RateRange = { readonly low: number; readonly high: number };

/**
 * What the requests so far, with their times and which of them were refused, let one know of a server that works like a bucket: so
 * much flows in each second, it holds so much and no more, each request takes one, and it refuses when it is empty. Neither number
 * is known. A rate is possible when one size of the bucket explains all that was accepted and all that was refused. Times in
 * milliseconds, rates in requests a second.
 */
export class BucketFit {
  #times: number[] = [];
  /** By index; true where it tells how much the bucket holds. */
  readonly #refused = new Map<number, boolean>();
  /** Index of the first time that is remembered. */
  #from = 1;

  /** A request goes out, the next one in order. */
  sent(at: number): void {
    this.#times.push(at);
    if (this.#times.length < 2 * remembered) return;
    this.#from += this.#times.length - remembered;
    this.#times = this.#times.slice(-remembered);
    for (const index of this.#refused.keys()) if (index < this.#from) this.#refused.delete(index);
  }

  /**
   * @param index of the request that was refused, counted from 1.
   * @param alone it was far enough from its neighbours not to overtake one on the way.
   */
  refused(index: number, alone: boolean): void {
    if (index >= this.#from) this.#refused.set(index, alone);
  }

  /** The possible rates between two bounds, by all up to this request; undefined where no rate explains it. */
  possible(index: number, { low, high }: RateRange): RateRange | undefined {
    const steps = Math.max(1, Math.ceil(Math.log(high / low) / Math.log(stepUp)));
    const rates = Array.from({ length: steps + 1 }, (_, step) => low * (high / low) ** (step / steps));
    const misfits = rates.map((rate) => this.#misfit(rate, index));
    for (const slack of slacks) {
      const possible = rates.filter((_, i) => (misfits[i] ?? Infinity) <= slack);
      const [first, last] = [possible[0], possible.at(-1)];
      if (first !== undefined && last !== undefined) return { low: first, high: last };
    }
    return undefined;
  }

  /**
   * By how many requests no size of the bucket fits: what is missing from a full one is to be less at each accepted request than at
   * each refused one.
   */
  #misfit(rate: number, upTo: number): number {
    let [missing, last] = [0, this.#times[0] ?? 0];
    let [mostAccepted, leastRefused] = [0, Infinity];
    for (let index = this.#from; index <= upTo; index++) {
      const at = this.#times[index - this.#from] ?? last;
      missing = Math.max(0, missing - ((at - last) * rate) / 1000);
      last = at;
      const refused = this.#refused.get(index);
      if (refused === undefined) mostAccepted = Math.max(mostAccepted, ++missing);
      else if (refused) leastRefused = Math.min(leastRefused, missing + 1);
    }
    return mostAccepted - leastRefused;
  }
}
