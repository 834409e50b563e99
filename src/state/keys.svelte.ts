import type { Settings } from '#core/library.ts';
import type { ModelChoice } from '#core/run.ts';
import { secretPlace, type SecretEntry } from '#engine/api.ts';
import type { Remote } from '#lib/rpc.ts';
import type { KeyHolder } from './key-holder.ts';
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

/** What becomes of the keys in memory. They are entered into `Secrets`; this keeps a copy where the person wants one. */
export class Keys {
  #mode = $state<KeyMode>('page');
  #vault = $state.raw<Vault>();
  #unlocking = $state.raw<CryptoKey>();
  /** Entries that lie where they are to be kept already. */
  #copied = new WeakSet<SecretEntry>();
  #holder: Promise<Remote<KeyHolder> | undefined> | undefined;
  readonly #settings: Settings;
  readonly #secrets: Secrets;

  constructor(settings: Settings, secrets: Secrets) {
    this.#settings = settings;
    this.#secrets = secrets;
  }

  get mode(): KeyMode {
    return this.#mode;
  }
  /** Keys lie on this device, and their passphrase was not entered yet. */
  get locked(): boolean {
    return this.#vault !== undefined && this.#unlocking === undefined;
  }
  /** Keys that lie on this device, sealed. */
  get remembered(): number {
    return Object.keys(this.#vault?.sealed ?? {}).length;
  }
  /** What this browser can do besides keeping keys in the page; it seals on https addresses and on this machine only. */
  get possible(): Readonly<Record<Exclude<KeyMode, 'page'>, boolean>> {
    return { tabs: typeof SharedWorker !== 'undefined', vault: isSecureContext };
  }

  /** To be called once, when the app opens. */
  async load(): Promise<void> {
    const kept = (await this.#settings.get(place)) as Kept | undefined;
    this.#mode = kept?.mode ?? 'page';
    this.#vault = kept?.vault;
    this.#unlocking = undefined;
    await this.pull();
  }

  /** Keys that another tab put into the shared thread. */
  async pull(): Promise<void> {
    if (this.#mode !== 'tabs') return;
    const held = await (await this.#tabs())?.list();
    for (const entry of held ?? []) this.#secrets.put(entry);
  }

  /** Keeps the keys of the page or of the tabs from now on; what lay elsewhere is deleted there. */
  async keepFor(mode: 'page' | 'tabs'): Promise<void> {
    if (mode === 'page') await this.#clearTabs();
    this.#mode = mode;
    await this.#write(undefined);
    await this.keep();
  }

  /** Keeps the keys on this device, sealed under a passphrase from now on. */
  async remember(passphrase: string): Promise<void> {
    const { emptyVault, unlockingKey } = await sealing();
    const vault = emptyVault();
    this.#unlocking = await unlockingKey(vault, passphrase);
    await this.#clearTabs();
    this.#mode = 'vault';
    await this.#write(vault);
    await this.keep();
  }

  /** Whether the passphrase was the right one; then the keys are in memory again. */
  async unlock(passphrase: string): Promise<boolean> {
    const vault = this.#vault;
    if (!vault) return true;
    const { openVault, unlockingKey } = await sealing();
    const key = await unlockingKey(vault, passphrase);
    const entries = await openVault(vault, key);
    if (!entries) return false;
    this.#unlocking = key;
    // what was typed meanwhile is newer
    for (const entry of entries) if (!this.#secrets.has(placeOf(entry))) this.#secrets.put(entry);
    await this.keep();
    return true;
  }

  /** Puts the keys in memory where the person wants them kept. A locked vault waits until it is unlocked. */
  async keep(): Promise<void> {
    if (this.#mode === 'page' || (await this.#changedElsewhere())) return;
    const entries = this.#secrets.list().filter((entry) => !this.#copied.has(entry));
    if (this.#mode === 'tabs') {
      const tabs = await this.#tabs();
      for (const entry of entries) await tabs?.put(placeOf(entry), entry);
    } else {
      if (!this.#vault || !this.#unlocking || entries.length === 0) return;
      const { seal } = await sealing();
      let vault = this.#vault;
      for (const entry of entries) vault = await seal(vault, this.#unlocking, placeOf(entry), entry);
      await this.#write(vault);
    }
    for (const entry of entries) this.#copied.add(entry);
  }

  /** Forgets the key of this provider and address, wherever it is kept. */
  async drop(choice: ModelChoice): Promise<void> {
    this.#secrets.drop(choice);
    if (this.#mode === 'tabs') await (await this.#tabs())?.drop(secretPlace(choice));
    if (this.#mode !== 'vault') return;
    await this.#changedElsewhere(); // what another tab has forgotten since must not come back, nor what it has added be lost
    if (this.#vault) await this.#write((await sealing()).withoutEntry(this.#vault, secretPlace(choice)));
  }

  /** Forgets all keys, wherever they are kept. */
  async forget(): Promise<void> {
    this.#secrets.forget();
    await this.#clearTabs();
    this.#mode = 'page';
    await this.#write(undefined);
  }

  /** Another tab may have forgotten the keys, or begun another vault: what was wanted last holds. */
  async #changedElsewhere(): Promise<boolean> {
    const kept = (await this.#settings.get(place)) as Kept | undefined;
    if (kept?.mode === this.#mode && String(kept.vault?.salt) === String(this.#vault?.salt)) {
      this.#vault = kept.vault;
      return false;
    }
    await this.load();
    return true;
  }

  async #write(vault: Vault | undefined): Promise<void> {
    if (this.#vault?.salt !== vault?.salt || !vault) this.#copied = new WeakSet();
    this.#vault = vault;
    if (!vault) this.#unlocking = undefined;
    const kept: Kept = { mode: this.#mode, ...(vault ? { vault } : {}) };
    await this.#settings.set(place, this.#mode === 'page' ? undefined : kept);
  }

  async #clearTabs(): Promise<void> {
    if (this.#mode === 'tabs') await (await this.#tabs())?.clear();
  }

  #tabs(): Promise<Remote<KeyHolder> | undefined> {
    this.#holder ??= import('./held-keys.ts').then(({ joinKeyHolder }) => joinKeyHolder());
    return this.#holder;
  }
}
