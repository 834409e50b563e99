/**
 * Threads that keep to the page's Content-Security-Policy. A worker that is loaded from an address is free of it; one that is started
 * from a blob inherits it, and so do the scripts it imports.
 */

type TrustedAddress = { readonly trustedTypes?: { createPolicy(name: string, rules: Rules): Rules } };
type Rules = { createScriptURL(address: string): string };

/** Its name stands in the policy of the page: build/csp.ts. */
const rules: Rules = {
  createScriptURL(address) {
    if (new URL(address).origin !== location.origin) throw new TypeError(`No script of ours: ${address}`);
    return address;
  },
};
const trusted = (globalThis as TrustedAddress).trustedTypes?.createPolicy('worker-address', rules) ?? rules;

/** Starts a module of our own in a thread of its own. `script`: its address, as the bundler gives it. */
export function startWorker(script: string, name: string): Worker {
  const text = `import ${JSON.stringify(new URL(script, location.href).href)};`;
  const blob = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  return new Worker(trusted.createScriptURL(blob), { type: 'module', name });
}

/**
 * Starts or joins a thread that all tabs of this app share; undefined where the browser has none. It has to be loaded from its address
 * (a blob belongs to one tab), so it must not be able to do anything worth forbidding.
 */
export function joinSharedWorker(script: string, name: string): SharedWorker | undefined {
  if (typeof SharedWorker === 'undefined') return undefined;
  const options = { type: 'module', name, extendedLifetime: true } as const; // newer than the types: it outlives a reload
  return new SharedWorker(trusted.createScriptURL(new URL(script, location.href).href), options);
}
