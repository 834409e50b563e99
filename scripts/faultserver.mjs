// @ts-check
// Runs the fault server of the tests by hand: `npm run faultserver -- --help`.
import { fileURLToPath } from 'node:url';
import process from 'node:process';
import { createServer } from 'vite';

// It only translates TypeScript and listens nowhere; the fault server does.
const translator = await createServer({
  root: fileURLToPath(new URL('..', import.meta.url)),
  configFile: false,
  logLevel: 'error',
  appType: 'custom',
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true, include: [] },
});
try {
  const { main } = await translator.ssrLoadModule('/test/support/fault-server/cli.ts');
  process.exitCode = await main(process.argv.slice(2));
} finally {
  await translator.close();
}
