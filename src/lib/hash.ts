import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/** SHA-256 of a text, as 64 hex digits. Synchronous, so that pure code can name things by their content. */
export const sha256Hex = (text: string): string => bytesToHex(sha256(utf8ToBytes(text)));

/** Four 32-bit words from a text: the seed of a random stream. */
export function hashWords(text: string): [number, number, number, number] {
  const view = new DataView(sha256(utf8ToBytes(text)).buffer);
  return [view.getInt32(0), view.getInt32(4), view.getInt32(8), view.getInt32(12)];
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/**
 * JSON with sorted keys: equal content, equal text. Hash this and not a raw string: `JSON.stringify` escapes lone surrogates, which
 * would all become the same replacement character in UTF-8.
 */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalJson(item)).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value as Record<string, Json | undefined>).filter(([, v]) => v !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${canonicalJson(v as Json)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

/** The name of a content: the SHA-256 of its canonical JSON. */
export const hashOf = (value: Json): string => sha256Hex(canonicalJson(value));
