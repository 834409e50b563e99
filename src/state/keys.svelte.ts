import type { Settings } from '#core/library.ts';
import type { ModelChoice } from '#core/run.ts';
import { secretPlace, type SecretEntry } from '#engine/api.ts';
import type { HeldKeys } from './key-holder.ts';
import { placeOf, type Secrets } from './secrets.svelte.ts';
import type { Vault } from './vault.ts';

/** How long keys are kept: as long as this page, as long as a tab of the app, or on the disk under a passphrase. */
export type KeyMode = 'page' | 'tabs' | 'vault';
type Kept = { readonly mode: KeyMode; readonly vault?: Vault };

/** Characters of a new passphrase. */
export const shortestPassphrase = 12;

const place = 'keys';
/** Fetched when they are wanted: most people keep no key. */
const sealing = () => import('./vault.ts');
const joinTabs = (): Promise<HeldKeys | undefined> =>
  import('./held-keys.ts').then(({ joinKeyHolder }) => joinKeyHolder());

/**
 * What becomes of the keys in memory. They are entered into `Secrets`; this keeps a copy where the person wants one. Of two keys for one
 * place, the one that was typed here and lies nowhere else is newer; any other follows its copy, which another tab may have replaced or
 * forgotten.
 */
export class Keys {
  #mode = $state<KeyMode>('page');
  /** Whether a choice of the person is written down. */
  #isChosen = false;
  #vault = $state.raw<Vault>();
  #unlocking = $state.raw<CryptoKey>();
  /** Entries that lie where they are to be kept, or came from there. */
  #copied = new WeakSet<SecretEntry>();
  #holder: Promise<HeldKeys | undefined> | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  readonly #settings: Settings;
  readonly #secrets: Secrets;
  readonly #joinHolder: () => Promise<HeldKeys | undefined>;
  readonly #complain: (error: unknown) => void;
  #hasComplained = false;

  constructor(settings: Settings, secrets: Secrets, complain: (error: unknown) => void, joinHolder = joinTabs) {
    this.#settings = settings;
    this.#secrets = secrets;
    this.#complain = complain;
    this.#joinHolder = joinHolder;
  }

  get mode(): KeyMode {
    return this.#mode;
  }
  /** Keys lie on this device, and their passphrase was not entered yet. */
  get locked(): boolean {
    return this.#vault !== undefined && this.#unlocking === undefined;
  }
  /** An empty vault of an earlier version: any passphrase would open it, so one is to be chosen anew, with `remember`. */
  get lacksPassphrase(): boolean {
    return this.locked && this.remembered === 0 && !this.#vault?.check;
  }
  /** Keys that lie on this device, sealed. */
  get remembered(): number {
    return Object.keys(this.#vault?.sealed ?? {}).length;
  }
  /** What this browser can do besides keeping keys in the page; it seals on https addresses and on this machine only. */
  get possible(): Readonly<Record<Exclude<KeyMode, 'page'>, boolean>> {
    return { tabs: typeof SharedWorker !== 'undefined', vault: isSecureContext };
  }

  /** Brings the keys in memory up to those that are kept. To be called when the app opens, and before keys are used. */
  pull(): Promise<void> {
    return this.#inTurn(() => this.#pull());
  }

  /** Puts the keys in memory where the person wants them kept. A locked vault waits until it is unlocked. */
  keep(): Promise<void> {
    return this.#inTurn(() => this.#keep());
  }

  /**
   * Keeps the keys of the page or of the tabs from now on; what lay elsewhere is deleted there. Whether it does: keys that are locked
   * can neither come along nor be shown again by their provider, so they are deleted only where that is what the person wants.
   */
  keepFor(mode: 'page' | 'tabs', how: { readonly deleteLocked?: boolean } = {}): Promise<boolean> {
    return this.#inTurn(async () => {
      await this.#pull(); // what other tabs have added comes along
      if (this.#holdsLocked && !how.deleteLocked) return false;
      await this.#begin(mode);
      return true;
    });
  }

  /** Keeps the keys on this device, sealed under a passphrase from now on. Not where others lie here and are locked: false. */
  remember(passphrase: string): Promise<boolean> {
    return this.#inTurn(async () => {
      await this.#pull();
      if (this.#holdsLocked) return false;
      const { vault, key } = await (await sealing()).newVault(passphrase);
      await this.#begin('vault', vault, key);
      return true;
    });
  }

  /** Whether the passphrase was the right one; then the keys are in memory again. */
  unlock(passphrase: string): Promise<boolean> {
    return this.#inTurn(async () => {
      await this.#look();
      const vault = this.#vault;
      if (!vault) return true;
      const { openVault, unlockingKey } = await sealing();
      const key = await unlockingKey(vault, passphrase);
      const entries = await openVault(vault, key);
      if (!entries) return false;
      this.#unlocking = key;
      this.#follow(entries);
      await this.#keep();
      return true;
    });
  }

  /** Forgets the key of this provider and address, wherever it is kept. */
  async drop(choice: ModelChoice): Promise<void> {
    const gone = secretPlace(choice);
    this.#secrets.drop(gone);
    await this.#inTurn(async () => {
      this.#secrets.drop(gone); // it may have been pulled meanwhile
      await this.#look(); // what another tab has forgotten since must not come back, nor what it has added be lost
      if (this.#mode === 'tabs') await (await this.#tabs())?.drop(gone);
      if (this.#vault) await this.#write((await sealing()).withoutEntry(this.#vault, gone));
    });
  }

  /** Forgets all keys, wherever they are kept. */
  async forget(): Promise<void> {
    this.#secrets.forget();
    await this.#inTurn(async () => {
      await this.#clearTabs(); // also where the settings are gone already
      await this.#look();
      this.#secrets.forget();
      await this.#begin('page');
      await this.#settings.set(place, undefined);
    });
  }

  get #holdsLocked(): boolean {
    return this.locked && this.remembered > 0;
  }

  async #pull(): Promise<void> {
    await this.#look();
    const kept = await this.#kept();
    if (kept) this.#follow(kept);
  }

  async #keep(): Promise<void> {
    await this.#look();
    const entries = this.#secrets.list().filter((entry) => !this.#copied.has(entry));
    if (this.#mode === 'page' || entries.length === 0) return;
    if (this.#mode === 'tabs') {
      const tabs = await this.#tabs();
      for (const entry of entries) await tabs?.put(placeOf(entry), entry);
    } else {
      if (!this.#vault || !this.#unlocking) return;
      const { seal } = await sealing();
      let vault = this.#vault;
      for (const entry of entries) vault = await seal(vault, this.#unlocking, placeOf(entry), entry);
      await this.#write(vault);
    }
    for (const entry of entries) this.#copied.add(entry);
  }

  /** How keys are kept: another tab may have chosen anew, forgotten them, or begun another vault. What was wanted last holds. */
  async #look(): Promise<void> {
    const kept = (await this.#settings.get(place)) as Kept | undefined;
    const { mode, vault } = kept ?? { mode: 'page' };
    this.#isChosen = kept !== undefined;
    if (String(vault?.salt) !== String(this.#vault?.salt)) this.#unlocking = undefined;
    this.#mode = mode;
    this.#vault = vault;
  }

  /** All keys that are kept; undefined where they cannot be read now. */
  async #kept(): Promise<readonly SecretEntry[] | undefined> {
    // chosen, each page keeps what it has; without a choice, all keys were forgotten
    if (this.#mode === 'page') return this.#isChosen ? undefined : [];
    if (this.#mode === 'tabs') return (await this.#tabs())?.list();
    return this.#vault && this.#unlocking && (await sealing()).openVault(this.#vault, this.#unlocking);
  }

  #follow(kept: readonly SecretEntry[]): void {
    const places = kept.map(placeOf);
    for (const entry of this.#secrets.list())
      if (this.#copied.has(entry) && !places.includes(placeOf(entry))) this.#secrets.drop(placeOf(entry));
    for (const entry of kept) {
      const known = this.#secrets.at(placeOf(entry));
      if (known && !this.#copied.has(known)) continue; // typed here since
      this.#copied.add(entry);
      this.#secrets.put(entry);
    }
  }

  /** From now on keys are kept in this way and no other. */
  async #begin(mode: KeyMode, vault?: Vault, unlocking?: CryptoKey): Promise<void> {
    if (mode !== 'tabs') await this.#clearTabs();
    this.#copied = new WeakSet();
    this.#mode = mode;
    this.#unlocking = unlocking;
    await this.#write(vault);
    await this.#keep();
  }

  async #write(vault: Vault | undefined): Promise<void> {
    this.#vault = vault;
    const kept: Kept = { mode: this.#mode, ...(vault ? { vault } : {}) };
    await this.#settings.set(place, kept);
  }

  async #clearTabs(): Promise<void> {
    if (this.#mode === 'tabs') await (await this.#tabs())?.clear();
  }

  /** Undefined where there is no shared thread, or it cannot be loaded: the keys of this page are used all the same. */
  async #tabs(): Promise<HeldKeys | undefined> {
    this.#holder ??= this.#joinHolder();
    try {
      return await this.#holder;
    } catch (error) {
      this.#holder = undefined; // the next call tries again
      if (!this.#hasComplained) this.#complain(error);
      this.#hasComplained = true;
      return undefined;
    }
  }

  /** One after the other: what is read in the middle of a change would be taken for newer than it. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
