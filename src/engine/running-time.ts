import type { Clock } from '#lib/clock.ts';

/** The two times of a session: when something happened, and for how long the run has been under way. */
export class RunningTime {
  readonly #clock: Clock;
  /** Wall time at which the monotonic clock stood at 0. */
  #wallAtStart = 0;
  /** Monotonic time at which the session began to drive, with what the run had taken before. */
  #since = { elapsedMs: 0, runningMs: 0 };
  /** What it had taken when it was paused, as long as it is. */
  #pausedMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.readWallClock();
  }

  /** Read when the run begins or goes on: from then on a monotonic clock counts, so that setting the other one changes no duration. */
  readWallClock(): void {
    this.#wallAtStart = this.#clock.now() - this.#clock.elapsedMs();
  }

  /** Wall time, in milliseconds since 1970. */
  now(): number {
    return this.#wallAtStart + this.#clock.elapsedMs();
  }

  /** @param runningMs that the run took before. */
  countFromNow(runningMs: number): void {
    this.#since = { elapsedMs: this.#clock.elapsedMs(), runningMs };
    this.#pausedMs = undefined;
  }

  /** Until it is counted again. As in the journal, what is still under way then takes no time of the run. */
  pause(): void {
    this.#pausedMs ??= this.runningMs();
  }

  /** Time under way, by a clock that nobody can set. */
  runningMs(): number {
    return this.#pausedMs ?? this.#since.runningMs + this.#clock.elapsedMs() - this.#since.elapsedMs;
  }
}
