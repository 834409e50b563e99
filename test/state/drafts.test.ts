import { expect, it } from 'vitest';
import { Drafts } from '#state/drafts.svelte.ts';
import type { Tab } from '#state/tab.ts';
import { memoryStorage, type Storage } from '#storage/index.ts';
import { makeDataset } from '../support/builders.ts';

const dataset = makeDataset(30);

/** The tabs of one browser, as one person uses them. */
class Browser {
  readonly storage: Storage = memoryStorage();
  readonly #held = new Map<string, object>();
  #names = 0;

  /** With the note of another tab: a tab that was duplicated. */
  tab(note?: string): {
    readonly load: () => Drafts;
    readonly close: () => void;
    readonly note: () => string | undefined;
  } {
    let page = {};
    const close = (): void => {
      for (const [name, holder] of this.#held) if (holder === page) this.#held.delete(name);
    };
    const load = (): Drafts => {
      close();
      const own = (page = {});
      const tab: Tab = {
        read: () => note,
        note: (name) => (note = name),
        hold: (name) => {
          if (!this.#held.has(name)) this.#held.set(name, own);
          return Promise.resolve(this.#held.get(name) === own);
        },
        alone: (work) => work(),
        freshName: () => String(++this.#names),
      };
      return new Drafts(this.storage, tab);
    };
    return { load, close, note: () => note };
  }
}

async function openBrowser(): Promise<Browser> {
  const browser = new Browser();
  await browser.storage.library.putDataset(dataset);
  return browser;
}

async function fillIn(drafts: Drafts, prompt: string): Promise<void> {
  const draft = await drafts.open(dataset);
  draft.prompts = [prompt];
  await drafts.keep(draft);
}

const promptOf = async (drafts: Drafts): Promise<string | undefined> => {
  await drafts.restore();
  return drafts.current?.prompts[0];
};

it('a form that was filled in is put away for another, and the two change places', async () => {
  const drafts = new Browser().tab().load();
  const first = await drafts.open(dataset, { prompts: ['One.'] });
  const second = await drafts.open(dataset, { prompts: ['Two.'] });
  expect(drafts.putAway, 'nothing was changed in the first').toBeUndefined();
  second.prompts = ['Two, with much thought.'];
  await drafts.leave();
  expect(drafts.current).toBe(undefined);
  expect(drafts.putAway).toBe(second);
  const third = await drafts.open(dataset);
  third.calls = 77;
  drafts.bringBack();
  expect(drafts.current).toBe(second);
  expect(drafts.putAway).toBe(third);
  drafts.bringBack();
  expect(drafts.current).toBe(third);
  expect(drafts.putAway).toBe(second);
  drafts.forget(dataset.id);
  expect(drafts.current).toBe(undefined);
  expect(drafts.putAway).toBe(undefined);
  expect(first.prompts).toEqual(['One.']);
});

it('a form from before a reload is put away too: nobody knows what was typed', async () => {
  const tab = (await openBrowser()).tab();
  await fillIn(tab.load(), 'One.');
  const drafts = tab.load();
  await drafts.restore();
  await drafts.leave();
  expect(drafts.putAway?.prompts).toEqual(['One.']);
  await drafts.restore();
  expect(drafts.current).toBeUndefined();
});

it('T07: what another tab fills in, throws away or starts leaves the form of this tab as it is', async () => {
  const browser = await openBrowser();
  const [mine, other] = [browser.tab(), browser.tab()];
  await fillIn(mine.load(), 'A long form.');
  const there = other.load();
  expect(await promptOf(there), 'it is that of a living tab').toBeUndefined();
  await fillIn(there, 'Another.');
  await there.leave();
  await fillIn(there, 'A third.');
  await there.drop();
  const again = mine.load();
  expect(await promptOf(again)).toBe('A long form.');
  expect(await promptOf(other.load())).toBeUndefined();
});

it('a new tab gets the form that was written last by a tab that is gone, until it has become a run', async () => {
  const browser = await openBrowser();
  const [first, last, living] = [browser.tab(), browser.tab(), browser.tab()];
  await fillIn(first.load(), 'First.');
  await fillIn(last.load(), 'Last.');
  await fillIn(living.load(), 'Living.');
  first.close();
  last.close(); // crashed, or closed by the person
  const next = browser.tab();
  const drafts = next.load();
  expect(await promptOf(drafts)).toBe('Last.');
  await drafts.drop();
  expect(await promptOf(next.load()), 'this tab has begun anew').toBeUndefined();
  expect(await promptOf(browser.tab().load())).toBe('First.');
  expect(await promptOf(living.load())).toBe('Living.');
});

it('a tab that looks at other pages after a reload still has its form', async () => {
  const browser = await openBrowser();
  const mine = browser.tab();
  await fillIn(mine.load(), 'Mine.');
  const reloaded = mine.load();
  expect(await promptOf(browser.tab().load())).toBeUndefined();
  expect(await promptOf(reloaded)).toBe('Mine.');
});

it('T07: a tab that was duplicated begins with the same form and goes on with its own', async () => {
  const browser = await openBrowser();
  const mine = browser.tab();
  const drafts = mine.load();
  await fillIn(drafts, 'Mine.');
  const copy = browser.tab(mine.note());
  const there = copy.load();
  expect(await promptOf(there)).toBe('Mine.');
  await fillIn(there, 'The copy.');
  expect(await promptOf(mine.load())).toBe('Mine.');
  expect(await promptOf(copy.load())).toBe('The copy.');
  await there.drop();
  expect(await promptOf(mine.load())).toBe('Mine.');
});

it('the form that version 0.1 has kept is there', async () => {
  const browser = await openBrowser();
  await browser.storage.settings.set('draft', { dataset: dataset.id, seed: 7, start: { prompts: ['From before.'] } });
  const tab = browser.tab();
  const drafts = tab.load();
  expect(await promptOf(drafts)).toBe('From before.');
  await drafts.drop();
  expect(await promptOf(tab.load())).toBeUndefined();
  expect(await promptOf(browser.tab().load())).toBeUndefined();
});

it('forms of tabs that are long gone are deleted', async () => {
  const browser = await openBrowser();
  for (let n = 1; n <= 9; n++) {
    const tab = browser.tab();
    await fillIn(tab.load(), `Form ${n}.`);
    tab.close();
  }
  const places = Array.from({ length: 9 }, (_, n) => browser.storage.settings.get(`draft:${n + 1}`));
  const kept = (await Promise.all(places)).flatMap((found, n) => (found === undefined ? [] : n + 1));
  expect(kept).toEqual([5, 6, 7, 8, 9]);
  expect(await promptOf(browser.tab().load())).toBe('Form 9.');
});

it('what is written while the form is thrown away does not bring it back', async () => {
  const tab = (await openBrowser()).tab();
  const drafts = tab.load();
  const draft = await drafts.open(dataset, { prompts: ['One.'] });
  const kept = drafts.keep(draft);
  await Promise.all([kept, drafts.drop(), drafts.keep(draft)]);
  expect(await promptOf(tab.load())).toBeUndefined();
});
