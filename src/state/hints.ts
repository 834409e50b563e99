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

  close(): void {
    this.#channel?.close();
    this.#channel = undefined;
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
