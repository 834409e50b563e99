import { freshSeed } from '#lib/seed.ts';
import type { Dataset } from '#core/example.ts';
import type { DatasetId } from '#core/id.ts';
import type { Storage } from '#storage/index.ts';
import type { DraftStart } from './draft-start.ts';
import { KeptDrafts } from './kept-drafts.ts';
import type { RunDraft } from './run-draft.svelte.ts';
import { thisTab, type Tab } from './tab.ts';

/** Forms are not there before the first of them is filled in. */
const loadForms = () => import('./run-draft.svelte.ts');

/** The run being set up, kept while the person looks at other pages; and the one before it, which one press must not throw away. */
export class Drafts {
  #current = $state.raw<RunDraft>();
  #putAway = $state.raw<RunDraft>();
  /** The present one as it was opened; undefined where that is not known. */
  #opened: string | undefined;
  readonly #kept: KeptDrafts;

  constructor(storage: Pick<Storage, 'settings' | 'library'>, tab: Tab = thisTab) {
    this.#kept = new KeptDrafts(storage, tab);
  }

  get current(): RunDraft | undefined {
    return this.#current;
  }
  /** Something was filled in when it had to make room for another. */
  get putAway(): RunDraft | undefined {
    return this.#putAway;
  }

  async open(dataset: Dataset, start: DraftStart = {}): Promise<RunDraft> {
    const { RunDraft } = await loadForms();
    const draft = new RunDraft(dataset, freshSeed(), start);
    this.#makeRoom();
    this.#current = draft;
    this.#opened = print(draft);
    return draft;
  }

  /** The person begins anew: with the choice of the data. */
  async leave(): Promise<void> {
    this.#makeRoom();
    await this.drop();
  }

  /** The two change places. */
  bringBack(): void {
    const back = this.#putAway;
    if (!back) return;
    this.#putAway = undefined;
    this.#makeRoom();
    this.#current = back;
    this.#opened = undefined;
  }

  /** Keeps it for the case that the page is loaded again, where it is still the present one; its keys are not kept. */
  async keep(draft: RunDraft): Promise<void> {
    if (draft !== this.#current) return;
    await this.#kept.keep({ dataset: draft.dataset.id, seed: draft.seed, start: draft.toStart() });
  }

  /** It has become a run. */
  async drop(): Promise<void> {
    this.#current = undefined;
    await this.#kept.drop();
  }

  /** Brings back the one from before the page was loaded, where there is one. */
  async restore(): Promise<void> {
    if (this.#current) return;
    const kept = await this.#kept.find();
    if (!kept) return;
    const { RunDraft } = await loadForms();
    if (this.#current as RunDraft | undefined) return; // opened meanwhile
    this.#current = new RunDraft(kept.dataset, kept.seed, kept.start);
    this.#opened = undefined;
  }

  /** Its data set is gone, or all of them are. */
  forget(dataset?: DatasetId): void {
    const stays = (draft: RunDraft | undefined): RunDraft | undefined =>
      dataset !== undefined && draft?.dataset.id !== dataset ? draft : undefined;
    this.#current = stays(this.#current);
    this.#putAway = stays(this.#putAway);
  }

  #makeRoom(): void {
    const current = this.#current;
    if (current && print(current) !== this.#opened) this.#putAway = current;
  }
}

const print = (draft: RunDraft): string => JSON.stringify(draft.toStart());
