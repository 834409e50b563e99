// @ts-check
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import process from 'node:process';
import { createServer } from 'vite';

/** Starts server.mjs with these words. @type {(...words: (string | number)[]) => Promise<{origin: string, stats: () => Promise<any>, stop: () => void}>} */
export async function startServer(...words) {
  const script = fileURLToPath(new URL('./server.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, ...words.map(String)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await new Promise((resolve) => child.stdout.once('data', (data) => resolve(String(data))));
  const { origin, books } = JSON.parse(line);
  return { origin, stats: async () => (await fetch(books)).json(), stop: () => child.kill() };
}

/** The TypeScript sources as modules; listens nowhere. */
export const openSources = () =>
  createServer({
    root: fileURLToPath(new URL('../../..', import.meta.url)),
    configFile: false,
    logLevel: 'error',
    appType: 'custom',
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true, include: [] },
  });
