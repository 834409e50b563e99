/** The latch of Pause: while it is closed nothing new starts; what is under way comes to its end. */
export class Gate {
  #open = true;
  #waiting: (() => void)[] = [];

  get isOpen(): boolean {
    return this.#open;
  }

  close(): void {
    this.#open = false;
  }

  open(): void {
    this.#open = true;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }

  /** Resolves while the gate is open, rejects when the signal aborts. */
  async pass(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    while (!this.#open) {
      await new Promise<void>((resolve, reject) => {
        const stop = (): void => reject(signal.reason as Error);
        signal.addEventListener('abort', stop, { once: true });
        this.#waiting.push(() => {
          signal.removeEventListener('abort', stop);
          resolve();
        });
      });
      signal.throwIfAborted();
    }
  }
}
