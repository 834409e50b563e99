import type { SecretEntry } from '#engine/api.ts';

/**
 * Keys under a passphrase, as they may lie on a disk. The passphrase is stretched by PBKDF2; each key is sealed on its own by AES-GCM,
 * bound to the place it belongs to, so that a sealed key that is moved to another address does not open.
 */
export type Vault = {
  readonly version: 1;
  readonly iterations: number;
  readonly salt: Uint8Array<ArrayBuffer>;
  /** By place: `secretPlace` of engine/api.ts. */
  readonly sealed: Readonly<Record<string, Sealed>>;
};
type Sealed = { readonly iv: Uint8Array<ArrayBuffer>; readonly data: Uint8Array<ArrayBuffer> };

const iterations = 1_000_000;

export function emptyVault(): Vault {
  return { version: 1, iterations, salt: crypto.getRandomValues(new Uint8Array(16)), sealed: {} };
}

/** Takes part of a second, on purpose: that is what a guess costs. The key cannot be read out again. */
export async function unlockingKey(vault: Vault, passphrase: string): Promise<CryptoKey> {
  const bytes = new TextEncoder().encode(passphrase.normalize('NFC'));
  const material = await crypto.subtle.importKey('raw', bytes, 'PBKDF2', false, ['deriveKey']);
  return crypto.subtle.deriveKey(
    { name: 'PBKDF2', hash: 'SHA-256', salt: vault.salt, iterations: vault.iterations },
    material,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  );
}

/** The vault with this entry in it, in place of an earlier one for the same place. */
export async function seal(vault: Vault, key: CryptoKey, place: string, entry: SecretEntry): Promise<Vault> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = new TextEncoder().encode(JSON.stringify(entry));
  const data = new Uint8Array(await crypto.subtle.encrypt(cipher(vault, place, iv), key, plain));
  return { ...vault, sealed: { ...vault.sealed, [place]: { iv, data } } };
}

/** Everything in the vault; undefined where the passphrase is another one, or the vault was tampered with. */
export async function openVault(vault: Vault, key: CryptoKey): Promise<readonly SecretEntry[] | undefined> {
  try {
    return await Promise.all(
      Object.entries(vault.sealed).map(async ([place, { iv, data }]) => {
        const plain = await crypto.subtle.decrypt(cipher(vault, place, iv), key, data);
        return JSON.parse(new TextDecoder().decode(plain)) as SecretEntry; // it was authentic, so it is ours
      }),
    );
  } catch (error) {
    if (error instanceof DOMException) return undefined; // OperationError: not authentic
    throw error;
  }
}

export function withoutEntry(vault: Vault, place: string): Vault {
  const sealed = Object.fromEntries(Object.entries(vault.sealed).filter(([known]) => known !== place));
  return { ...vault, sealed };
}

const cipher = (vault: Vault, place: string, iv: Uint8Array<ArrayBuffer>): AesGcmParams => ({
  name: 'AES-GCM',
  iv,
  additionalData: new TextEncoder().encode(`${place}|v${vault.version}`),
});
