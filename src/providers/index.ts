import type { Provider } from '#core/provider.ts';
import { openAiCompatible } from './openai-compatible.ts';
import { simulated } from './simulated.ts';

/** All providers by their id. Adding one: one file and one line here. */
export const providers = {
  simulated,
  'openai-compatible': openAiCompatible,
} as const satisfies Readonly<Record<string, Provider>>;

export const providerOf = (id: string): Provider | undefined =>
  Object.hasOwn(providers, id) ? providers[id as keyof typeof providers] : undefined;
