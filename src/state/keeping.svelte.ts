import type { RestoredRun, Storage, StorageLoss, StorageSafety } from '#storage/index.ts';

/** How safe what this browser keeps is, and what was lost of it. */
export class Keeping {
  #safety = $state.raw<StorageSafety>() as StorageSafety;
  #loss = $state.raw<StorageLoss>();
  #asked = false;
  readonly #storage: Pick<Storage, 'safety' | 'rescue' | 'askToPersist'>;

  constructor(storage: Pick<Storage, 'safety' | 'rescue' | 'askToPersist'>) {
    this.#storage = storage;
    this.#safety = storage.safety.current;
    storage.safety.watch((safety) => (this.#safety = safety));
  }

  get safety(): StorageSafety {
    return this.#safety;
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
