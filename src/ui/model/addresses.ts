import { isLocal } from '#core/address.ts';

/** Addresses that many people use, to choose from while typing. */
export const knownAddresses: readonly string[] = [
  'https://api.openai.com/v1',
  'https://openrouter.ai/api/v1',
  'https://api.mistral.ai/v1',
  'https://api.groq.com/openai/v1',
  'https://api.deepseek.com/v1',
  'https://generativelanguage.googleapis.com/v1beta/openai',
  'http://localhost:11434/v1',
  'http://localhost:1234/v1',
  'http://localhost:8080/v1',
];

export const hostOf = (url: unknown): string | undefined =>
  typeof url === 'string' && URL.canParse(url) && new URL(url).host !== '' ? new URL(url).host : undefined;

/** A page may talk to https addresses and to this computer only: that is what keeps the rows from being read on the way. */
export const isOpenHttp = (url: unknown): boolean =>
  typeof url === 'string' && URL.canParse(url) && new URL(url).protocol === 'http:' && !isLocal(url);
