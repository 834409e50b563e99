/**
 * The name under which everything of this app stands. An origin can be shared (a static host with one folder for each project, a
 * development server on the same port as yesterday's), so what does not begin with it belongs to somebody else.
 */
export const appName = 'automated-prompt-generator';

/** Removes what the app keeps on the origin besides its database. */
export async function clearOrigin(): Promise<void> {
  try {
    for (const kept of [localStorage, sessionStorage])
      for (const name of Object.keys(kept)) if (name.startsWith(appName)) kept.removeItem(name);
  } catch {
    // not there (a worker, Node), or refused (blocked cookies): then nothing is kept in it either
  }
  try {
    for (const name of await caches.keys()) if (name.startsWith(appName)) await caches.delete(name);
  } catch {
    // not there on an insecure address: then nothing is kept in it either
  }
}

/** Bytes that the whole origin takes, by the browser's own estimate; absent where it does not say. */
export async function originUsage(): Promise<{ readonly bytes?: number }> {
  // missing on insecure addresses and in Node, whatever the types say
  const { navigator } = globalThis as { readonly navigator?: { readonly storage?: StorageManager } };
  const bytes = (await navigator?.storage?.estimate().catch(() => undefined))?.usage;
  return bytes === undefined ? {} : { bytes };
}

/** Whether the browser promised not to clear the data of this site by itself; undefined where it does not say. */
export const isPersisted = (): Promise<boolean | undefined> => ask((storage) => storage.persisted?.());

/** Asks the browser for that promise. Some ask the person, some decide by how much the site is used. */
export const askToPersist = (): Promise<boolean | undefined> => ask((storage) => storage.persist?.());

async function ask(
  question: (storage: Partial<StorageManager>) => Promise<boolean> | undefined,
): Promise<boolean | undefined> {
  const { navigator } = globalThis as { readonly navigator?: { readonly storage?: Partial<StorageManager> } };
  try {
    return navigator?.storage && (await question(navigator.storage));
  } catch {
    return undefined;
  }
}
