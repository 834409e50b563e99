// @ts-check
// How long a journal takes to open, in Chromium and in Node: `node test/bench/journal/journal.mjs [entries]`.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { build, createServer } from 'vite';
import { launchOptions } from '../../../scripts/chrome.mjs';

const count = Number(process.argv[2] ?? 1_000_000);
const root = fileURLToPath(new URL('../../..', import.meta.url));
await mkdir(join(root, '.cache'), { recursive: true });

const server = await createServer({
  root,
  configFile: false,
  logLevel: 'error',
  appType: 'custom',
  server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
  optimizeDeps: { noDiscovery: true, include: ['comlink', 'idb', '@noble/hashes/sha2.js', '@noble/hashes/utils.js'] },
  plugins: [
    {
      name: 'page',
      configureServer({ middlewares }) {
        middlewares.use('/bench', (_, response) => {
          response.setHeader('Content-Type', 'text/html');
          response.end('<!doctype html><script type="module" src="/test/bench/journal/page.ts"></script>');
        });
      },
    },
  ],
});
await server.listen();
const profile = await mkdtemp(join(tmpdir(), 'bench-profile-'));
const context = await chromium.launchPersistentContext(profile, {
  ...launchOptions(),
  args: [...launchOptions().args, '--enable-precise-memory-info'],
});
const report = {
  entries: count,
  /** @type {Record<string, unknown>} */
  chromium: { version: context.browser()?.version() },
  /** @type {Record<string, unknown>} */
  node: { version: process.version },
};
try {
  const page = await context.newPage();
  const address = server.resolvedUrls?.local[0] ?? '';
  const open = async () => {
    await page.goto(`${address}bench`);
    await page.waitForFunction('globalThis.bench');
  };
  await open();
  report.chromium['writes of 16 entries'] = await page.evaluate(`bench.write(${Math.min(count, 50_000)}, 16)`);
  await page.evaluate('bench.clear()');
  report.chromium['writes of 16 entries and answers, with a second copy'] = await page.evaluate(
    `bench.writeInWorker(${Math.min(count, 20_000)}, 16)`,
  );
  await page.evaluate('bench.clear()');
  await page.evaluate(`bench.write(${count}, 40_960)`);
  for (const name of ['open', 'open again']) {
    await open();
    report.chromium[name] = await page.evaluate('bench.open()');
  }
  await page.evaluate('bench.clear()');
} finally {
  await context.close();
  await rm(profile, { recursive: true, force: true });
}

// Built first: a server that translates adds a look-up to each name that is imported.
const built = await mkdtemp(join(root, '.cache', 'bench-'));
await build({
  root,
  configFile: false,
  logLevel: 'error',
  publicDir: false,
  build: { ssr: 'test/bench/journal/node.ts', outDir: built, emptyOutDir: true, minify: false },
  ssr: { noExternal: true },
});
await server.close();
const { openBlocks, openFiles } = await import(join(built, 'node.js'));
report.node['packed blocks'] = openBlocks(count);
report.node['files'] = await openFiles(count);
await rm(built, { recursive: true, force: true });
console.log(JSON.stringify(report, null, 2));
