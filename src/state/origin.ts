import type { FieldValue } from '#core/fields.ts';

/** The origin of the address among these values; empty where there is none. */
export function originOf(values: Readonly<Record<string, FieldValue>>): string {
  const url = values['baseUrl'];
  return typeof url === 'string' && URL.canParse(url) ? new URL(url).origin : '';
}

/**
 * Why a page cannot talk to this address; undefined where it can. What a page may talk to is written down in a form that has no way
 * to name an address with colons. What stands behind its path is not sent: a setting would be without effect, and a key be kept in plain sight.
 */
export function pageProblem({ baseUrl }: Readonly<Record<string, FieldValue>>): string | undefined {
  if (typeof baseUrl !== 'string' || !URL.canParse(baseUrl)) return undefined;
  const { hostname, search, hash } = new URL(baseUrl);
  if (search + hash !== '')
    return `Leave out what begins with “${search === '' ? '#' : '?'}” in the address: it would not be sent. A key has a field of its own.`;
  if (!hostname.startsWith('[')) return undefined;
  const instead = hostname === '[::1]' ? 'Use 127.0.0.1 instead.' : 'Use a name or an address like 127.0.0.1 instead.';
  return `A page cannot be allowed to talk to ${hostname}: the rules of browsers have no form for such addresses. ${instead}`;
}
