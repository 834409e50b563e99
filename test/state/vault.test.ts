import { describe, expect, it } from 'vitest';
import type { SecretEntry } from '#engine/api.ts';
import { emptyVault, newVault, openVault, seal, unlockingKey, withoutEntry, type Vault } from '#state/vault.ts';

const entry: SecretEntry = {
  provider: 'openai-compatible',
  origin: 'https://api.example',
  values: { apiKey: 'sk-canary-0123456789' },
};
const place = 'openai-compatible https://api.example';
const passphrase = 'correct horse battery staple';

async function filled(): Promise<{ readonly vault: Vault; readonly key: CryptoKey }> {
  const { vault, key } = await newVault(passphrase);
  return { vault: await seal(vault, key, place, entry), key };
}
/** As versions made it that sealed no check entry. */
const unchecked = ({ check: _, ...vault }: Vault): Vault => vault;
const opened = async (vault: Vault, words = passphrase): Promise<unknown> =>
  openVault(vault, await unlockingKey(vault, words));

describe('X15 P16: keys under a passphrase', () => {
  it('come back with the passphrase, however its letters are composed, and with no other', async () => {
    const { vault: empty, key } = await newVault('caf\u00e9 au lait, s\u2019il vous pla\u00eet');
    const vault = await seal(empty, key, place, entry);
    expect(await opened(vault, 'cafe\u0301 au lait, s\u2019il vous plai\u0302t')).toEqual([entry]);
    expect(await opened(vault, 'cafe au lait, s\u2019il vous plait')).toBeUndefined();
    expect(await opened(vault, '')).toBeUndefined();
  });

  it('cost a guess a million rounds, are salted, and cannot be read out of the page', async () => {
    const { vault, key } = await filled();
    expect(vault.iterations).toBeGreaterThanOrEqual(1_000_000);
    expect(vault.salt).toHaveLength(16);
    expect(emptyVault().salt).not.toEqual(vault.salt);
    expect(key.extractable).toBe(false);
    await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow();
  });

  it('leave no piece of themselves in what is kept, and are sealed differently each time', async () => {
    const { vault, key } = await filled();
    const again = await seal(vault, key, place, entry);
    const bytes = Buffer.from(vault.sealed[place]?.data ?? []);
    for (let at = 0; at + 6 <= 20; at += 1)
      expect(bytes.includes('sk-canary-0123456789'.slice(at, at + 6))).toBe(false);
    expect(again.sealed[place]?.iv).not.toEqual(vault.sealed[place]?.iv);
    expect(again.sealed[place]?.data).not.toEqual(vault.sealed[place]?.data);
  });

  it('do not open when they are moved to another address or another version, or when a bit is turned', async () => {
    const { vault, key } = await filled();
    const sealed = vault.sealed[place];
    if (!sealed) throw new Error('The vault is empty');
    const moved = { ...vault, sealed: { 'openai-compatible https://evil.example': sealed } };
    expect(await opened(moved)).toEqual([]);
    expect(await openVault(unchecked(moved), key)).toBeUndefined();
    expect(await opened({ ...vault, version: 2 as 1 })).toBeUndefined();
    const data = Uint8Array.from(sealed.data);
    data[3] = (data[3] ?? 0) ^ 1;
    expect(await opened({ ...vault, sealed: { [place]: { ...sealed, data } } })).toEqual([]);
    expect(await opened(vault)).toEqual([entry]);
  });

  it('are forgotten one by one', async () => {
    const { vault, key } = await filled();
    const other = { ...entry, origin: 'https://other.example' };
    const both = await seal(vault, key, 'openai-compatible https://other.example', other);
    expect(await openVault(withoutEntry(both, place), key)).toEqual([other]);
    expect(await openVault(withoutEntry(vault, place), key)).toEqual([]);
  });

  it('know their passphrase before the first key is sealed, and after the last one is forgotten', async () => {
    const { vault, key } = await newVault(passphrase);
    const emptied = withoutEntry(await seal(vault, key, place, entry), place);
    const mistyped = await unlockingKey(vault, 'correct horse battery stable');
    for (const empty of [vault, emptied]) {
      expect(await openVault(empty, key)).toEqual([]);
      expect(await openVault(empty, mistyped)).toBeUndefined();
      expect(await openVault(unchecked(empty), key), 'no passphrase can be told from another').toBeUndefined();
    }
  });

  it('of earlier versions open as before, and one that does not open keeps no other back', async () => {
    const { vault, key } = await filled();
    const old = unchecked(vault);
    expect(await opened(old)).toEqual([entry]);
    expect(await opened(old, 'another passphrase')).toBeUndefined();
    // two tabs of an earlier version, each with its own words
    const other = { ...entry, origin: 'https://other.example' };
    const otherKey = await unlockingKey(old, 'correct horse battery stable');
    const mixed = await seal(old, otherKey, 'openai-compatible https://other.example', other);
    expect(await openVault(mixed, key)).toEqual([entry]);
    expect(await openVault(mixed, otherKey)).toEqual([other]);
  });
});
