import { isLocal } from '#core/address.ts';
import type { RunSpec } from '#core/run.ts';
import type { Network } from '#state/network.svelte.ts';

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

/** Hosts that a run sends to and that nobody here has agreed to: it may come from a file, and its addresses with it. */
export const unnamedHosts = (
  network: Pick<Network, 'unknown'>,
  { models }: Pick<RunSpec, 'models'>,
): readonly string[] => network.unknown(Object.values(models)).map((origin) => hostOf(origin) ?? origin);

/** A page may talk to https addresses and to this computer only: that is what keeps the rows from being read on the way. */
export const isOpenHttp = (url: unknown): boolean =>
  typeof url === 'string' && URL.canParse(url) && new URL(url).protocol === 'http:' && !isLocal(url);
