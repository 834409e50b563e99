import { expect, it } from 'vitest';
import type { Settings } from '#core/library.ts';
import type { SecretEntry } from '#engine/api.ts';
import { Keys } from '#state/keys.svelte.ts';
import { Secrets } from '#state/secrets.svelte.ts';

const entry = (host: string): SecretEntry => ({
  provider: 'openai-compatible',
  origin: `https://${host}.example`,
  values: { apiKey: `key-of-${host}-0123456789` },
});
const modelAt = (host: string) => ({
  provider: 'openai-compatible',
  values: { baseUrl: `https://${host}.example/v1`, model: 'm' },
});
const passphrase = 'correct horse battery staple';

/** Two tabs of one browser, which know each other's keys by what is on the disk only. */
async function tabs(): Promise<Record<'one' | 'two', { readonly secrets: Secrets; readonly keys: Keys }>> {
  const kept = new Map<string, unknown>();
  const settings: Settings = {
    get: (name) => Promise.resolve(structuredClone(kept.get(name))),
    set: (name, value) => {
      if (value === undefined) kept.delete(name);
      else kept.set(name, structuredClone(value));
      return Promise.resolve();
    },
  };
  const open = () => {
    const secrets = new Secrets();
    return { secrets, keys: new Keys(settings, secrets) };
  };
  const [one, two] = [open(), open()];
  for (const host of ['a', 'b']) one.secrets.put(entry(host));
  await one.keys.remember(passphrase);
  await two.keys.load();
  expect(await two.keys.unlock(passphrase)).toBe(true);
  expect([one.keys.remembered, two.keys.remembered]).toEqual([2, 2]);
  return { one, two };
}

it('X15 P16: forgetting one key in a tab brings none back that another tab has forgotten', async () => {
  const { one, two } = await tabs();
  await two.keys.forget();
  await one.keys.drop(modelAt('a'));
  await two.keys.load();
  expect([one.keys.remembered, two.keys.remembered]).toEqual([0, 0]);
  expect(two.keys.mode).toBe('page');
});

it('X15: forgetting one key in a tab keeps those that another tab has added', async () => {
  const { one, two } = await tabs();
  two.secrets.put(entry('c'));
  await two.keys.keep();
  await one.keys.drop(modelAt('a'));
  await two.keys.load();
  expect(two.keys.remembered).toBe(2);
  await two.keys.unlock(passphrase);
  expect(one.secrets.list().map(({ origin }) => origin)).toEqual(['https://b.example']);
});
