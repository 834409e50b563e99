import { oncePerFrame } from '#lib/frame.ts';
import type { RunId } from '#core/id.ts';
import type { RunReport } from '#core/report.ts';
import type { JournalEntry } from '#core/run.ts';
import { reportOf } from '#engine/report.ts';
import { apply, emptyRunState } from '#engine/run-state.ts';
import type { RunJournal } from '#engine/seams.ts';

/** `missing`: there is no such run. `failed`: it could not be read. */
export type LiveStatus = 'loading' | 'ready' | 'missing' | 'failed';

/**
 * A reactive window on a run: folds its journal on the page, as the engine does in its worker, and shows a fresh report at most once
 * a frame, however many entries came in.
 */
export class LiveRun {
  readonly id: RunId;
  #report = $state.raw<RunReport>();
  #status = $state.raw<LiveStatus>('loading');
  #error = $state.raw<unknown>();
  /** Settles when the journal has been read, or could not be. */
  readonly loaded: Promise<void>;
  readonly #journal: Pick<RunJournal, 'read'>;
  readonly #state = emptyRunState();
  readonly #early: JournalEntry[] = [];
  readonly #stopListening: () => void;
  readonly #refresh: () => void;

  constructor(
    id: RunId,
    journal: Pick<RunJournal, 'read'>,
    listen: (id: RunId, hear: (entries: readonly JournalEntry[]) => void) => () => void,
    frame: (run: () => void) => () => void = oncePerFrame,
  ) {
    this.id = id;
    this.#journal = journal;
    this.#refresh = frame(() => {
      this.#report = reportOf(this.#state);
    });
    // listen first, read then: what is written in between comes twice and is told apart by its number
    this.#stopListening = listen(id, (entries) => this.#hear(entries));
    this.loaded = this.#load();
  }

  get report(): RunReport | undefined {
    return this.#report;
  }

  get status(): LiveStatus {
    return this.#status;
  }

  /** Why the journal could not be read, where it could not. */
  get error(): unknown {
    return this.#error;
  }

  /** Reads what somebody else wrote since: another tab tells this page nothing. */
  async catchUp(): Promise<void> {
    if (this.#status === 'ready') this.#hear(await this.#journal.read(this.id, this.#state.nextSeq));
  }

  close(): void {
    this.#stopListening();
  }

  async #load(): Promise<void> {
    try {
      const entries = await this.#journal.read(this.id);
      this.#fold(entries);
      this.#status = entries.length === 0 && this.#early.length === 0 ? 'missing' : 'ready';
      this.#fold(this.#early);
      this.#early.length = 0;
      this.#report = reportOf(this.#state);
    } catch (error) {
      this.#error = error;
      this.#status = 'failed';
    }
  }

  #hear(entries: readonly JournalEntry[]): void {
    if (entries.length === 0 || this.#status === 'failed') return;
    if (this.#status === 'loading') {
      this.#early.push(...entries);
      return;
    }
    this.#status = 'ready';
    this.#fold(entries);
    this.#refresh();
  }

  #fold(entries: readonly JournalEntry[]): void {
    for (const entry of entries) if (entry.seq === this.#state.nextSeq) apply(this.#state, entry);
  }
}
