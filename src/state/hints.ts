import type { RunId } from '#core/id.ts';
import { runsChannel } from '#engine/api.ts';

/** Told that a run of any tab has gone on. What was written is read from the journal: nothing else is believed. */
export class RunHints {
  readonly #listeners = new Map<string, Set<() => void>>();
  #channel: BroadcastChannel | undefined;

  on(run: RunId, listener: () => void): () => void {
    this.#open();
    const listeners = this.#listeners.get(run) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(run, listeners);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(run);
      if (this.#listeners.size === 0) this.close();
    };
  }

  /** A page that is kept for the way back is dropped with the first message that reaches it, were it the last one of its own engine. */
  close(): void {
    this.#channel?.close();
    this.#channel = undefined;
  }

  /** Listens again after `close`, and has everybody look what became of the runs meanwhile. */
  wake(): void {
    if (this.#listeners.size === 0) return;
    this.#open();
    for (const listeners of this.#listeners.values()) for (const listener of listeners) listener();
  }

  /** Open only while somebody listens: a page with an open channel may not be kept for the way back. */
  #open(): void {
    if (this.#channel || typeof BroadcastChannel === 'undefined') return;
    this.#channel = new BroadcastChannel(runsChannel);
    this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      const run = typeof data === 'object' && data !== null && 'run' in data ? data.run : undefined;
      if (typeof run === 'string') for (const listener of this.#listeners.get(run) ?? []) listener();
    };
  }
}
