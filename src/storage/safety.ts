/** How safe what is kept here is, as far as the browser lets one know. For the page to show. */
export type StorageSafety = {
  /**
   * `full`: the disk or the share of this site is full; the room that was set aside is given up. `broken`: nothing more can be kept
   * until the page is loaded again. `memory-only`: this browser keeps nothing at all.
   */
  readonly state: 'ok' | 'full' | 'broken' | 'memory-only';
  /** Whether runs are also written to a file beside the database. Where only workers can write files: whether they could. */
  readonly secondCopy: boolean;
  /** Whether the browser promised not to clear the data by itself; undefined where it does not say. */
  readonly persisted: boolean | undefined;
};

export interface SafetyWatch {
  readonly current: StorageSafety;
  /** Told of every change from now on. @returns the end of it */
  watch(listener: (safety: StorageSafety) => void): () => void;
}

export class SafetyState implements SafetyWatch {
  #current: StorageSafety;
  readonly #listeners = new Set<(safety: StorageSafety) => void>();

  constructor(current: StorageSafety) {
    this.#current = current;
  }

  get current(): StorageSafety {
    return this.#current;
  }

  watch(listener: (safety: StorageSafety) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What is broken stays so until the page is loaded again. */
  set(change: Partial<StorageSafety>): void {
    const { state = this.#current.state } = change;
    const next = { ...this.#current, ...change, state: this.#current.state === 'broken' ? 'broken' : state } as const;
    const same = (Object.keys(next) as (keyof StorageSafety)[]).every((key) => next[key] === this.#current[key]);
    if (same) return;
    this.#current = next;
    for (const listener of this.#listeners) listener(next);
  }
}
