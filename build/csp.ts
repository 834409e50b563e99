import type { Plugin } from 'vite';

type Policy = Readonly<Record<string, string>>;

/** Nothing but our own files, and no text that becomes script: that is the same everywhere. */
const common: Policy = {
  'default-src': "'none'",
  'script-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'require-trusted-types-for': "'script'",
};

/** The page talks to nobody but its own host. Policies of Trusted Types: Svelte's own, and src/lib/worker.ts. */
const page: Policy = {
  ...common,
  'style-src': "'self'",
  'img-src': "'self'",
  'font-src': "'self'",
  'manifest-src': "'self'",
  'connect-src': "'self'",
  'worker-src': "'self' blob:",
  'frame-src': "'self'",
  'trusted-types': 'svelte-trusted-html worker-address',
};

/** What a model server may be. src/frame.ts narrows it to the addresses that a person has named before anything else happens. */
const servers = 'https: http://localhost:* http://127.0.0.1:*';

const engine: Policy = {
  ...common,
  'connect-src': servers,
  'worker-src': "'self' blob:", // what a worker imports counts as a worker
  'trusted-types': 'worker-address',
};

/**
 * For hosts that can send headers: what holds for every file, and what a page cannot say of itself. The frame of the engine is ours,
 * so 'self' may frame; src/main.ts refuses to run in any frame at all.
 */
const headers: Readonly<Record<string, string>> = {
  'Content-Security-Policy': print({
    ...page,
    'connect-src': `'self' ${servers}`,
    'frame-ancestors': "'self'",
  }),
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy':
    'camera=(), microphone=(), geolocation=(), usb=(), serial=(), bluetooth=(), hid=(), payment=(), midi=(), display-capture=()',
};

function print(policy: Policy): string {
  return Object.entries(policy)
    .map(([directive, sources]) => `${directive} ${sources}`)
    .join('; ');
}

/**
 * Puts the Content-Security-Policy first into each built page (the dev server needs inline scripts and a web socket), and writes the
 * headers as a `_headers` file, which several static hosts read.
 */
export function contentSecurityPolicy(): Plugin {
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { path }) => {
        const content = print(path.endsWith('/engine.html') ? engine : page);
        return [{ tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content }, injectTo: 'head-prepend' }];
      },
    },
    generateBundle() {
      const lines = Object.entries(headers).map(([name, value]) => `  ${name}: ${value}`);
      this.emitFile({ type: 'asset', fileName: '_headers', source: ['/*', ...lines, ''].join('\n') });
    },
  };
}
