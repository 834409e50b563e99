import { describe, expect, it } from 'vitest';
import type { SecretEntry } from '#engine/api.ts';
import { emptyVault, openVault, seal, unlockingKey, withoutEntry, type Vault } from '#state/vault.ts';

const entry: SecretEntry = {
  provider: 'openai-compatible',
  origin: 'https://api.example',
  values: { apiKey: 'sk-canary-0123456789' },
};
const place = 'openai-compatible https://api.example';
const passphrase = 'correct horse battery staple';

async function filled(): Promise<{ readonly vault: Vault; readonly key: CryptoKey }> {
  const empty = emptyVault();
  const key = await unlockingKey(empty, passphrase);
  return { vault: await seal(empty, key, place, entry), key };
}
const opened = async (vault: Vault, words = passphrase): Promise<unknown> =>
  openVault(vault, await unlockingKey(vault, words));

describe('X15 P16: keys under a passphrase', () => {
  it('come back with the passphrase, however its letters are composed, and with no other', async () => {
    const empty = emptyVault();
    const vault = await seal(
      empty,
      await unlockingKey(empty, 'caf\u00e9 au lait, s\u2019il vous pla\u00eet'),
      place,
      entry,
    );
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
    const { vault } = await filled();
    const sealed = vault.sealed[place];
    if (!sealed) throw new Error('The vault is empty');
    const moved = { ...vault, sealed: { 'openai-compatible https://evil.example': sealed } };
    expect(await opened(moved)).toBeUndefined();
    expect(await opened({ ...vault, version: 2 as 1 })).toBeUndefined();
    const data = Uint8Array.from(sealed.data);
    data[3] = (data[3] ?? 0) ^ 1;
    expect(await opened({ ...vault, sealed: { [place]: { ...sealed, data } } })).toBeUndefined();
    expect(await opened(vault)).toEqual([entry]);
  });

  it('are forgotten one by one', async () => {
    const { vault, key } = await filled();
    const other = { ...entry, origin: 'https://other.example' };
    const both = await seal(vault, key, 'openai-compatible https://other.example', other);
    expect(await openVault(withoutEntry(both, place), key)).toEqual([other]);
    expect(await openVault(withoutEntry(vault, place), key)).toEqual([]);
  });
});
