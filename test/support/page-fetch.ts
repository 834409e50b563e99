/**
 * A fetch that keeps to the rules of a page: it asks the server's consent first (preflight) and does not hand out an answer that the
 * server has not allowed. Node's own fetch knows no origins.
 */
export function pageFetch(origin: string, plain: typeof fetch): typeof fetch {
  const simple = ['accept', 'accept-language', 'content-language'];
  return async (input, init = {}) => {
    const url = input instanceof Request ? input.url : String(input);
    if (init.mode === 'no-cors') {
      await plain(url, { method: 'GET', ...(init.signal ? { signal: init.signal } : {}) });
      return Response.error();
    }
    const headers = new Headers(init.headers);
    const asked = [...headers.keys()].filter((name) => !simple.includes(name));
    if (asked.length > 0) {
      const preflight = await plain(url, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': init.method ?? 'GET',
          'access-control-request-headers': asked.join(','),
        },
      });
      const allowed = (preflight.headers.get('access-control-allow-headers') ?? '').split(/\s*,\s*/);
      // the star does not stand for the authorization header
      const permits = (name: string): boolean =>
        allowed.includes(name) || (allowed.includes('*') && name !== 'authorization');
      if (!preflight.ok || !mayRead(preflight, origin) || !asked.every(permits)) throw new TypeError('Failed to fetch');
    }
    headers.set('origin', origin);
    const response = await plain(url, { ...init, headers });
    if (!mayRead(response, origin)) throw new TypeError('Failed to fetch');
    return response;
  };
}

const mayRead = (response: Response, origin: string): boolean =>
  ['*', origin].includes(response.headers.get('access-control-allow-origin') ?? '');
