import type { FieldValue } from '#core/fields.ts';

/** The origin of the address among these values; empty where there is none. */
export function originOf(values: Readonly<Record<string, FieldValue>>): string {
  const url = values['baseUrl'];
  return typeof url === 'string' && URL.canParse(url) ? new URL(url).origin : '';
}
