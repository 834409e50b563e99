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
  /** Opens with the right passphrase, also where no key lies here yet. Vaults of earlier versions have none. */
  readonly check?: Sealed;
};
type Sealed = { readonly iv: Uint8Array<ArrayBuffer>; readonly data: Uint8Array<ArrayBuffer> };

const iterations = 1_000_000;
/** What the check entry is bound to: no provider and address are called like that. */
const checkPlace = 'check';

export function emptyVault(): Vault {
  return { version: 1, iterations, salt: crypto.getRandomValues(new Uint8Array(16)), sealed: {} };
}

/** A vault without keys that knows its passphrase, and what opens it. */
export async function newVault(passphrase: string): Promise<{ readonly vault: Vault; readonly key: CryptoKey }> {
  const vault = emptyVault();
  const key = await unlockingKey(vault, passphrase);
  return { vault: { ...vault, check: await sealedAt(checkPlace, '', vault, key) }, key };
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
  return { ...vault, sealed: { ...vault.sealed, [place]: await sealedAt(place, entry, vault, key) } };
}

/**
 * All keys of the vault that open: one that was tampered with, or sealed under other words, keeps no other back. Undefined where the
 * passphrase is another one; without a check entry, where nothing opens.
 */
export async function openVault(vault: Vault, key: CryptoKey): Promise<readonly SecretEntry[] | undefined> {
  const texts = await Promise.all(
    Object.entries(vault.sealed).map(([place, sealed]) => textAt(place, sealed, vault, key)),
  );
  const entries = texts.flatMap((text) => (text === undefined ? [] : (JSON.parse(text) as SecretEntry))); // authentic, so ours
  const { check } = vault;
  const isRight = check ? (await textAt(checkPlace, check, vault, key)) !== undefined : entries.length > 0;
  return isRight ? entries : undefined;
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

async function sealedAt(place: string, content: unknown, vault: Vault, key: CryptoKey): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = new TextEncoder().encode(JSON.stringify(content));
  return { iv, data: new Uint8Array(await crypto.subtle.encrypt(cipher(vault, place, iv), key, plain)) };
}

/** Undefined where it is not authentic. */
async function textAt(place: string, { iv, data }: Sealed, vault: Vault, key: CryptoKey): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(await crypto.subtle.decrypt(cipher(vault, place, iv), key, data));
  } catch (error) {
    if (error instanceof DOMException) return undefined; // OperationError
    throw error;
  }
}
