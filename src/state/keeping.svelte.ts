import type { EngineSafety } from '#engine/api.ts';
import type { RestoredRun, Storage, StorageLoss, StorageSafety } from '#storage/index.ts';

/** The worst last. */
const states: readonly StorageSafety['state'][] = ['ok', 'full', 'memory-only', 'broken'];

/** How safe what this browser keeps is, and what was lost of it. */
export class Keeping {
  /** As this thread sees it, and as the engines do: they write the runs. */
  #page = $state.raw<StorageSafety>() as StorageSafety;
  #engines = $state.raw<readonly EngineSafety[]>([]);
  readonly #safety = $derived<StorageSafety>({
    ...this.#page,
    state: states.findLast((state) => [this.#page, ...this.#engines].some((seen) => seen.state === state)) ?? 'ok',
    secondCopy: this.#page.secondCopy && !this.copyFails,
  });
  #loss = $state.raw<StorageLoss>();
  #asked = false;
  readonly #storage: Pick<Storage, 'safety' | 'rescue' | 'askToPersist'>;

  constructor(storage: Pick<Storage, 'safety' | 'rescue' | 'askToPersist'>) {
    this.#storage = storage;
    this.#page = storage.safety.current;
    storage.safety.watch((safety) => (this.#page = safety));
  }

  /** What the engines say now; nothing of those that have ended. */
  hear(engines: readonly EngineSafety[]): void {
    this.#engines = engines;
  }

  get safety(): StorageSafety {
    return this.#safety;
  }
  /** Runs are to be written to a second file, and an engine could not. */
  get copyFails(): boolean {
    return this.#page.secondCopy && this.#engines.some(({ secondCopy }) => !secondCopy);
  }
  /** What was here once and is not any more. */
  get loss(): StorageLoss | undefined {
    return this.#loss;
  }

  /** To be called once, when the app opens. */
  async look(): Promise<void> {
    this.#loss = await this.#storage.rescue.find();
  }

  async restore(): Promise<readonly RestoredRun[]> {
    const restored = await this.#storage.rescue.restore();
    this.#loss = undefined;
    return restored;
  }

  async dismiss(): Promise<void> {
    await this.#storage.rescue.dismiss();
    this.#loss = undefined;
  }

  /** Once a visit, and only when a person has just pressed a button: some browsers ask the person then. */
  async askToPersist(): Promise<void> {
    if (this.#asked || this.#safety.persisted === true) return;
    this.#asked = true;
    await this.#storage.askToPersist();
  }
}
