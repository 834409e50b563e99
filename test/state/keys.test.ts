import { describe, expect, it } from 'vitest';
import type { Settings } from '#core/library.ts';
import type { SecretEntry } from '#engine/api.ts';
import type { HeldKeys } from '#state/key-holder.ts';
import { Keys } from '#state/keys.svelte.ts';
import { Secrets } from '#state/secrets.svelte.ts';
import { emptyVault } from '#state/vault.ts';

const entry = (host: string, key = `key-of-${host}-0123456789`): SecretEntry => ({
  provider: 'openai-compatible',
  origin: `https://${host}.example`,
  values: { apiKey: key },
});
const modelAt = (host: string) => ({
  provider: 'openai-compatible',
  values: { baseUrl: `https://${host}.example/v1`, model: 'm' },
});
const passphrase = 'correct horse battery staple';
const complain = (error: unknown): never => {
  throw error;
};

type Tab = { readonly secrets: Secrets; readonly keys: Keys };
const keysOf = ({ secrets }: Tab): readonly unknown[] => secrets.list().map(({ values }) => values['apiKey']);
/** What a page does before it sends anything: driving.ts. */
async function use({ keys, secrets }: Tab): Promise<readonly SecretEntry[]> {
  await keys.pull();
  const sent = secrets.list();
  await keys.keep();
  return sent;
}

/** One browser: its tabs know each other's keys by what is on the disk and in the thread that they share. */
function browser(kept = new Map<string, unknown>()): () => Tab {
  const settings: Settings = {
    get: (name) => Promise.resolve(structuredClone(kept.get(name))),
    set: (name, value) => {
      if (value === undefined) kept.delete(name);
      else kept.set(name, structuredClone(value));
      return Promise.resolve();
    },
  };
  const held = new Map<string, SecretEntry>();
  const holder: HeldKeys = {
    list: () => Promise.resolve(structuredClone([...held.values()])),
    put: (place, value) => Promise.resolve(void held.set(place, structuredClone(value))),
    drop: (place) => Promise.resolve(void held.delete(place)),
    clear: () => {
      held.clear();
      return Promise.resolve();
    },
  };
  return () => {
    const secrets = new Secrets();
    return { secrets, keys: new Keys(settings, secrets, complain, () => Promise.resolve(holder)) };
  };
}

/** Two tabs with an open vault of two keys. */
async function tabs(): Promise<Record<'one' | 'two', Tab>> {
  const open = browser();
  const [one, two] = [open(), open()];
  for (const host of ['a', 'b']) one.secrets.put(entry(host));
  await one.keys.remember(passphrase);
  await two.keys.pull();
  expect(await two.keys.unlock(passphrase)).toBe(true);
  expect([one.keys.remembered, two.keys.remembered]).toEqual([2, 2]);
  return { one, two };
}

/** Two tabs that share the key of `a`. */
async function sharing(): Promise<Record<'one' | 'two', Tab> & { readonly open: () => Tab }> {
  const open = browser();
  const [one, two] = [open(), open()];
  one.secrets.put(entry('a', 'old-key'));
  await one.keys.keepFor('tabs');
  await two.keys.pull();
  expect(keysOf(two)).toEqual(['old-key']);
  return { one, two, open };
}

describe('keys that the tabs share', () => {
  it('are replaced by what is typed anew, in every tab', async () => {
    const { one, two, open } = await sharing();
    one.secrets.put(entry('a', 'new-key'));
    expect(await use(one)).toEqual([entry('a', 'new-key')]);
    expect(await use(two)).toEqual([entry('a', 'new-key')]);
    // and back again, from the other tab
    two.secrets.put(entry('a', 'newer-key'));
    await use(two);
    await use(one);
    const three = open();
    await three.keys.pull();
    expect([one, two, three].map(keysOf)).toEqual([['newer-key'], ['newer-key'], ['newer-key']]);
  });

  it('stay in the memory of each page where another tab wants them kept no longer than that', async () => {
    const { one, two } = await sharing();
    await one.keys.keepFor('page');
    expect(await use(two)).toEqual([entry('a', 'old-key')]);
    expect(two.keys.mode).toBe('page');
    await one.keys.forget();
    expect(one.secrets.list()).toEqual([]);
  });

  it('stay forgotten when another tab, which had them, keeps another key', async () => {
    const { one, two, open } = await sharing();
    await one.keys.drop(modelAt('a'));
    two.secrets.put(entry('b'));
    expect(await use(two)).toEqual([entry('b')]);
    const three = open();
    await three.keys.pull();
    await one.keys.pull();
    expect([one, two, three].map(({ secrets }) => secrets.list())).toEqual([[entry('b')], [entry('b')], [entry('b')]]);
  });

  it('are gone from all tabs when all are forgotten, but for what was typed since', async () => {
    const { one, two, open } = await sharing();
    two.secrets.put(entry('b'));
    await one.keys.forget();
    expect(await use(two)).toEqual([entry('b')]);
    expect(two.keys.mode).toBe('page');
    await two.keys.keepFor('tabs');
    const three = open();
    await three.keys.pull();
    expect(three.secrets.list()).toEqual([entry('b')]);
  });

  it('are forgotten by a tab that was open before they were shared', async () => {
    const open = browser();
    const [one, stale] = [open(), open()];
    await stale.keys.pull();
    one.secrets.put(entry('a'));
    await one.keys.keepFor('tabs');
    await stale.keys.forget();
    await stale.keys.keepFor('tabs');
    await one.keys.pull();
    expect([keysOf(one), keysOf(stale)]).toEqual([[], []]);
  });

  it('do not come back from what was being read when they were forgotten', async () => {
    const { two } = await sharing();
    await Promise.all([two.keys.pull(), two.keys.drop(modelAt('a')), two.keys.keep()]);
    await two.keys.pull();
    expect(keysOf(two)).toEqual([]);
  });
});

it('where the thread that the tabs share is not loaded, each page goes on with its own keys, and it is said once', async () => {
  const kept = new Map<string, unknown>([['keys', { mode: 'tabs' }]]);
  const settings: Settings = {
    get: (name) => Promise.resolve(kept.get(name)),
    set: (name, value) => Promise.resolve(void kept.set(name, value)),
  };
  const secrets = new Secrets();
  const said: unknown[] = [];
  let asked = 0;
  const notThere = new Error('Not there');
  const join = (): Promise<never> => {
    asked++;
    return Promise.reject(notThere);
  };
  const keys = new Keys(settings, secrets, (error) => said.push(error), join);
  await keys.pull();
  secrets.put(entry('a'));
  expect(await use({ keys, secrets })).toEqual([entry('a')]);
  expect(said).toEqual([notThere]);
  expect(asked, 'it may be there by now').toBeGreaterThan(1);
});

it('locked keys are not deleted by another way of keeping them, unless that is wanted', async () => {
  const open = browser();
  const one = open();
  one.secrets.put(entry('a'));
  await one.keys.remember(passphrase);
  const two = open();
  await two.keys.pull();
  expect([two.keys.locked, two.keys.remembered]).toEqual([true, 1]);
  expect(await two.keys.keepFor('page')).toBe(false);
  expect([two.keys.mode, two.keys.remembered]).toEqual(['vault', 1]);
  expect(await two.keys.keepFor('page', { deleteLocked: true })).toBe(true);
  expect([two.keys.mode, two.keys.remembered]).toEqual(['page', 0]);
});

it('a tab that was open before the keys were sealed deletes none of them', async () => {
  const open = browser();
  const [one, stale] = [open(), open()];
  await stale.keys.pull();
  one.secrets.put(entry('a'));
  await one.keys.remember(passphrase);
  stale.secrets.put(entry('b'));
  expect(await stale.keys.keepFor('tabs')).toBe(false);
  expect(await stale.keys.remember('another passphrase')).toBe(false);
  expect(await stale.keys.unlock(passphrase)).toBe(true);
  expect(await stale.keys.keepFor('tabs')).toBe(true);
  expect(stale.secrets.list()).toEqual([entry('b'), entry('a')]);
});

it('a passphrase that was chosen before any key was entered holds after a reload, and a mistyped one does not', async () => {
  const open = browser();
  await open().keys.remember(passphrase);
  const again = open();
  await again.keys.pull();
  expect([again.keys.locked, again.keys.lacksPassphrase]).toEqual([true, false]);
  expect(await again.keys.unlock('correct horse battery stable')).toBe(false);
  expect(again.keys.locked).toBe(true);
  expect(await again.keys.unlock(passphrase)).toBe(true);
  again.secrets.put(entry('a'));
  await use(again);
  const third = open();
  expect(await third.keys.unlock(passphrase)).toBe(true);
  expect(third.secrets.list()).toEqual([entry('a')]);
});

it('an empty vault of an earlier version, which knows no passphrase, opens with none and takes a new one', async () => {
  const open = browser(new Map([['keys', { mode: 'vault', vault: emptyVault() }]]));
  const [one, two] = [open(), open()];
  for (const tab of [one, two]) {
    await tab.keys.pull();
    expect(tab.keys.lacksPassphrase).toBe(true);
    expect(await tab.keys.unlock(passphrase)).toBe(false);
    tab.secrets.put(entry(tab === one ? 'a' : 'b'));
  }
  expect(await one.keys.remember(passphrase)).toBe(true);
  expect([one.keys.lacksPassphrase, one.keys.locked]).toEqual([false, false]);
  // the other tab saw the same form, and its words are others
  expect(await two.keys.remember('correct horse battery stable')).toBe(false);
  expect([two.keys.lacksPassphrase, two.keys.locked]).toEqual([false, true]);
  expect(await two.keys.unlock(passphrase)).toBe(true);
  expect(two.secrets.list()).toEqual([entry('b'), entry('a')]);
});

it('what another tab has sealed anew or forgotten reaches an unlocked tab', async () => {
  const { one, two } = await tabs();
  one.secrets.put(entry('a', 'new-key'));
  await use(one);
  await one.keys.drop(modelAt('b'));
  expect(await use(two)).toEqual([entry('a', 'new-key')]);
});

it('another way of keeping takes along what another tab has added', async () => {
  const { one, two } = await tabs();
  two.secrets.put(entry('c'));
  await use(two);
  await one.keys.keepFor('page');
  expect(keysOf(one)).toHaveLength(3);
  expect(one.keys.remembered).toBe(0);
});

it('X15 P16: forgetting one key in a tab brings none back that another tab has forgotten', async () => {
  const { one, two } = await tabs();
  await two.keys.forget();
  await one.keys.drop(modelAt('a'));
  await two.keys.pull();
  expect([one.keys.remembered, two.keys.remembered]).toEqual([0, 0]);
  expect(two.keys.mode).toBe('page');
});

it('X15: forgetting one key in a tab keeps those that another tab has added', async () => {
  const { one, two } = await tabs();
  two.secrets.put(entry('c'));
  await two.keys.keep();
  await one.keys.drop(modelAt('a'));
  await two.keys.pull();
  expect(two.keys.remembered).toBe(2);
  await two.keys.unlock(passphrase);
  expect(one.secrets.list().map(({ origin }) => origin)).toEqual(['https://b.example']);
});
