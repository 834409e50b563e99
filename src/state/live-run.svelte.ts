import { oncePerFrame } from '#lib/frame.ts';
import type { RunId } from '#core/id.ts';
import type { RunReport } from '#core/report.ts';
import type { JournalEntry, PersonInput } from '#core/run.ts';
import { reportOf } from '#engine/report.ts';
import { apply, emptyRunState } from '#engine/run-state.ts';
import type { RunJournal } from '#engine/seams.ts';
import type { App } from './app.svelte.ts';

/** `missing`: there is no such run. `failed`: it could not be read. */
export type LiveStatus = 'loading' | 'ready' | 'missing' | 'failed';

/** A window on a run of this browser. */
export const watchRun = (app: Pick<App, 'storage' | 'engine'>, id: RunId): LiveRun =>
  new LiveRun(id, app.storage.journal, (run, hear) => app.engine.onEntries(run, hear));

/**
 * A reactive window on a run: folds its journal on the page, as the engine does in its worker, and shows a fresh report at most once
 * a frame, however many entries came in.
 */
export class LiveRun {
  readonly id: RunId;
  #report = $state.raw<RunReport>();
  #pending = $state.raw<readonly PersonInput[]>([]);
  #status = $state.raw<LiveStatus>('loading');
  #error = $state.raw<unknown>();
  /** Settles when the journal has been read, or could not be. */
  readonly loaded: Promise<void>;
  readonly #journal: Pick<RunJournal, 'read'>;
  readonly #state = emptyRunState();
  readonly #early: JournalEntry[] = [];
  readonly #stopListening: () => void;
  #closed = false;
  readonly #refresh: () => void;

  constructor(
    id: RunId,
    journal: Pick<RunJournal, 'read'>,
    listen: (id: RunId, hear: (entries: readonly JournalEntry[]) => void) => () => void,
    frame: (run: () => void) => () => void = oncePerFrame,
  ) {
    this.id = id;
    this.#journal = journal;
    this.#refresh = frame(() => this.#show());
    // listen first, read then: what is written in between comes twice and is told apart by its number
    this.#stopListening = listen(id, (entries) => this.#hear(entries));
    this.loaded = this.#load();
  }

  get report(): RunReport | undefined {
    return this.#report;
  }

  /** What the person said and the search has not heard yet. */
  get pending(): readonly PersonInput[] {
    return this.#pending;
  }

  get status(): LiveStatus {
    return this.#status;
  }

  /** Why the journal could not be read, where it could not. */
  get error(): unknown {
    return this.#error;
  }

  /** Reads what somebody else wrote since: another tab tells this page no more than that there is something. */
  catchUp(): Promise<void> {
    this.#behind = true;
    this.#reading ??= this.#readOn().finally(() => (this.#reading = undefined));
    return this.#reading;
  }
  #behind = false;
  #reading: Promise<void> | undefined;

  async #readOn(): Promise<void> {
    while (this.#behind && !this.#closed) {
      this.#behind = false;
      if (this.#status === 'ready') this.#hear(await this.#journal.read(this.id, this.#state.nextSeq));
    }
  }

  close(): void {
    this.#closed = true;
    this.#stopListening();
  }

  async #load(): Promise<void> {
    try {
      const entries = await this.#journal.read(this.id);
      this.#fold(entries);
      this.#status = entries.length === 0 && this.#early.length === 0 ? 'missing' : 'ready';
      this.#fold(this.#early);
      this.#early.length = 0;
      this.#show();
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
    // what another tab wrote before the engine of this one took over was told to nobody here
    if ((entries.at(-1)?.seq ?? 0) >= this.#state.nextSeq) void this.catchUp();
    this.#refresh();
  }

  #show(): void {
    this.#report = reportOf(this.#state);
    this.#pending = this.#state.pending;
  }

  #fold(entries: readonly JournalEntry[]): void {
    for (const entry of entries) if (entry.seq === this.#state.nextSeq) apply(this.#state, entry);
  }
}
