/** Places for requests that are under way at the same time. First come, first served. */
export class Slots {
  #free: number;
  #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Whether whoever wants one now has to wait for it. */
  get areTaken(): boolean {
    return this.#free === 0;
  }

  /** Resolves with the function that gives the place back; later calls of it do nothing. @throws the signal's reason */
  take(signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const leave = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        reject(signal.reason as Error);
      };
      const enter = (): void => {
        signal.removeEventListener('abort', leave);
        let held = true;
        resolve(() => {
          if (held) this.#give();
          held = false;
        });
      };
      if (this.#free > 0) {
        this.#free -= 1;
        enter();
        return;
      }
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.push(enter);
    });
  }

  #give(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}
