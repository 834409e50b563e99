import type { Clock } from '#lib/clock.ts';
import type { RunId } from '#core/id.ts';
import type { JournalEntry, RunEvent } from '#core/run.ts';
import { apply, type RunState } from './run-state.ts';
import type { RunJournal, StoredAnswer } from './seams.ts';

type Waiting = {
  readonly event: RunEvent;
  readonly answers: readonly StoredAnswer[];
  readonly applied: (() => void) | undefined;
};

/**
 * Durable, then true, then seen: an event is written, then applied, then shown. Events that arrive while a write is under way go into
 * the next one together (group commit), so that one strict transaction carries many answers.
 */
export class Committer {
  readonly #run: RunId;
  readonly #state: RunState;
  readonly #journal: RunJournal;
  readonly #clock: Clock;
  readonly #seen: (entries: readonly JournalEntry[]) => void;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;

  constructor(
    run: RunId,
    state: RunState,
    journal: RunJournal,
    clock: Clock,
    seen: (entries: readonly JournalEntry[]) => void,
  ) {
    this.#run = run;
    this.#state = state;
    this.#journal = journal;
    this.#clock = clock;
    this.#seen = seen;
  }

  /**
   * Resolves when the event is on disk and part of the state. `applied` runs at that very moment: what was set aside for the event
   * and what the state now counts are never both, nor neither, in the books.
   */
  async commit(event: RunEvent, answers: readonly StoredAnswer[] = [], applied?: () => void): Promise<void> {
    this.#waiting.push({ event, answers, applied });
    // a write that is under way does not hold this event: wait for it, then for the one that does
    if (this.#writing) await this.#writing.catch(() => undefined); // its failure is told to those whose events it held
    if (this.#waiting.length > 0) this.#writing ??= this.#write();
    if (this.#writing) await this.#writing;
  }

  async #write(): Promise<void> {
    try {
      const batch = this.#waiting;
      this.#waiting = [];
      const at = this.#clock.now();
      const entries = batch.map(({ event }, index) => ({ seq: this.#state.nextSeq + index, at, event }));
      await this.#journal.append(
        this.#run,
        entries,
        batch.flatMap(({ answers }) => answers),
      );
      entries.forEach((entry, index) => {
        apply(this.#state, entry);
        batch[index]?.applied?.();
      });
      this.#seen(entries);
    } finally {
      this.#writing = undefined;
    }
  }
}
