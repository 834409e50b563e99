import type { Dataset } from '#core/example.ts';
import type { DatasetId } from '#core/id.ts';
import type { Storage } from '#storage/index.ts';
import type { DraftStart } from './draft-start.ts';
import type { Tab } from './tab.ts';

/** A form as it is kept over a reload, without keys. */
export type KeptDraft = { readonly dataset: DatasetId; readonly seed: number; readonly start: DraftStart };
export type FoundDraft = { readonly dataset: Dataset; readonly seed: number; readonly start: DraftStart };

/** The names of the settings that hold a form each, the one that was written last first. */
const listPlace = 'drafts';
/** Where version 0.1 kept the one form of all tabs. */
const onlyPlace = 'draft';
const most = 5;

/**
 * The forms that are being filled in, one a tab. A tab knows its own by a note that outlives a reload. One that has none yet gets the
 * form that was written last by a tab that is gone: after a crash it comes back, and no living tab loses its own.
 */
export class KeptDrafts {
  readonly #storage: Pick<Storage, 'settings' | 'library'>;
  readonly #tab: Tab;
  #last: Promise<unknown> = Promise.resolve();

  constructor(storage: Pick<Storage, 'settings' | 'library'>, tab: Tab) {
    this.#storage = storage;
    this.#tab = tab;
    const own = tab.read();
    if (own !== undefined) void tab.hold(own); // also while its page is not looked at
  }

  /** The form of this tab, or one that no tab has any more. */
  find(): Promise<FoundDraft | undefined> {
    return this.#inTurn(async () => {
      const own = this.#tab.read();
      if (own !== undefined) return this.#at(own);
      for (const place of await this.#list()) {
        const found = await this.#at(place);
        if (!found || !(await this.#tab.hold(place))) continue;
        this.#tab.note(place);
        return found;
      }
      return undefined;
    });
  }

  keep(draft: KeptDraft): Promise<void> {
    return this.#inTurn(async () => {
      const own = await this.#own();
      await this.#storage.settings.set(own, draft);
      await this.#tab.alone(async () => {
        const before = await this.#list();
        if (before[0] === own) return;
        const places = [own, ...before.filter((place) => place !== own)];
        await this.#storage.settings.set(listPlace, places.slice(0, most));
        for (const old of places.slice(most)) await this.#storage.settings.set(old, undefined);
      });
    });
  }

  /** That of this tab; it begins anew also after a reload. */
  drop(): Promise<void> {
    return this.#inTurn(async () => this.#storage.settings.set(await this.#own(), undefined));
  }

  /** The place of this tab alone. One that was duplicated goes on at another. */
  async #own(): Promise<string> {
    const noted = this.#tab.read();
    if (noted !== undefined && (await this.#tab.hold(noted))) return noted;
    const fresh = `draft:${this.#tab.freshName()}`;
    this.#tab.note(fresh);
    await this.#tab.hold(fresh);
    return fresh;
  }

  async #at(place: string): Promise<FoundDraft | undefined> {
    const kept = (await this.#storage.settings.get(place)) as KeptDraft | undefined;
    const dataset = kept && (await this.#storage.library.dataset(kept.dataset));
    return dataset && { dataset, seed: kept.seed, start: kept.start };
  }

  async #list(): Promise<readonly string[]> {
    const places = ((await this.#storage.settings.get(listPlace)) as readonly string[] | undefined) ?? [];
    return places.includes(onlyPlace) ? places : [...places, onlyPlace];
  }

  /** One after the other: what is dropped is not written again by what came before. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
