const localHosts = ['localhost', '127.0.0.1', '[::1]'];

/** Whether an address is a server on this computer: what goes there leaves it by no network, and it seldom wants a key. */
export const isLocal = (url: unknown): boolean =>
  typeof url === 'string' && URL.canParse(url) && localHosts.includes(new URL(url).hostname);
