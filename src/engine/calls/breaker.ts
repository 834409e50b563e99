import type { Random } from '#lib/random.ts';

const failuresToOpen = 8;
/** From the sixth probe on. */
const slowProbeMs = { least: 30_000, most: 50_000 };

/**
 * Stops the sending while a server is down. Eight failures in a row open it; then one request at a time asks whether the server is
 * back, at first after a second, then after twice as long each time, in the end every 30 to 50 seconds. Times in milliseconds of a monotonic clock.
 */
export class Breaker {
  readonly #random: Pick<Random, 'next'>;
  #inARow = 0;
  #probes = 0;
  #probeAt: number | undefined;
  #probing = false;

  constructor(random: Pick<Random, 'next'>) {
    this.#random = random;
  }

  get isOpen(): boolean {
    return this.#probeAt !== undefined;
  }

  /** When the next probe may go; infinite while one is under way. */
  get probeAt(): number {
    return this.#probing ? Infinity : (this.#probeAt ?? 0);
  }

  probe(): void {
    this.#probing = true;
  }

  /** One more failure in a row; a probe that failed makes the next one wait longer. */
  failed(now: number, wasProbe: boolean): void {
    this.#inARow++;
    if (wasProbe) this.dropped(now);
    else if (!this.isOpen && this.#inARow >= failuresToOpen) this.open(now);
  }

  /** A probe came to nothing, and says nothing. */
  dropped(now: number): void {
    this.#probing = false;
    this.#probes++;
    this.#schedule(now);
  }

  /** @param probeAt when the first probe may go; absent: soon. */
  open(now: number, probeAt?: number): void {
    this.#probes = 0;
    this.#schedule(now);
    if (probeAt !== undefined) this.#probeAt = probeAt;
  }

  /** The server answered something. */
  close(): void {
    this.#inARow = 0;
    this.#probing = false;
    this.#probeAt = undefined;
  }

  /** Something has changed: ask at once. */
  wake(now: number): void {
    if (this.isOpen) this.#probeAt = now;
  }

  #schedule(now: number): void {
    const chance = this.#random.next();
    const { least, most } = slowProbeMs;
    const delayMs = this.#probes < 5 ? 1000 * 2 ** this.#probes * (0.5 + chance) : least + (most - least) * chance;
    this.#probeAt = now + delayMs;
  }
}
