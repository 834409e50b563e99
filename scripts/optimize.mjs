// @ts-check
// Runs the headless runner from its TypeScript sources: `npm run optimize -- --help`.
import './patient-fetch.mjs';
import { fileURLToPath } from 'node:url';
import process from 'node:process';
import { createServer } from 'vite';

// The server only translates: it listens nowhere. It stays open while the runner runs, because the SDK is loaded on first use.
const server = await createServer({
  root: fileURLToPath(new URL('..', import.meta.url)),
  configFile: false,
  logLevel: 'error',
  appType: 'custom',
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true, include: [] },
});
try {
  const { main } = await server.ssrLoadModule('/src/headless/main.ts');
  process.exitCode = await main(process.argv.slice(2));
} finally {
  await server.close();
}
