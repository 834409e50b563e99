/** Whole keys of this thread, in memory: what is about to be written somewhere is compared with them. */
const known = new Set<string>();
const shortest = 6; // a shorter one would blot out ordinary words

/** From now on this text is masked wherever `redact` is used in this thread. */
export function neverLog(secret: string): void {
  if (secret.length >= shortest) known.add(secret);
}

/** The text without keys: those that are known here, and whatever looks like one. */
export const redact = (text: string): string => masked(text, [...known]);

/** The text without these secrets, and without whatever looks like a key, whole or half masked as servers quote it. */
export function masked(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets.filter(Boolean))
    for (const form of [secret, encodeURIComponent(secret)]) clean = clean.replaceAll(form, '•••');
  return clean
    .replace(/[\w-]*\*{3,}[\w-]*/g, '•••')
    .replace(/\b(?:sk|pk|rk|gsk|xai|hf)[-_][\w-]{6,}/gi, '•••')
    .replace(/\bAIza[\w-]{10,}/g, '•••')
    .replace(/\bBearer\s+\S+/gi, 'Bearer •••');
}
