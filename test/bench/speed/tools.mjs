// @ts-check
import { spawn } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import process from 'node:process';
import { createServer } from 'vite';

/** Starts server.mjs with these words. @type {(...words: (string | number)[]) => Promise<{origin: string, stats: () => Promise<any>, reset: () => Promise<any>, stop: () => void}>} */
export async function startServer(...words) {
  const script = fileURLToPath(new URL('./server.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, ...words.map(String)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await new Promise((resolve) => child.stdout.once('data', (data) => resolve(String(data))));
  const { origin, books } = JSON.parse(line);
  const ask = async (/** @type {string} */ address) => (await fetch(address)).json();
  return {
    origin,
    stats: () => ask(books),
    reset: () => ask(new URL('/reset', books).href),
    stop: () => child.kill(),
  };
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

/** @type {(numbers: readonly number[]) => number} */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? Number(sorted[middle]) : (Number(sorted[middle - 1]) + Number(sorted[middle])) / 2;
}

/** The median, and the least and the most in brackets. @type {(numbers: readonly number[]) => string} */
export const spread = (numbers) =>
  `${median(numbers).toFixed(3)} (${Math.min(...numbers).toFixed(3)} to ${Math.max(...numbers).toFixed(3)})`;

/** What else the machine does: figures are to be read beside it. */
export const load = () =>
  `load ${loadavg()
    .map((figure) => figure.toFixed(1))
    .join(', ')} on ${cpus().length} cores`;

/** The number behind a word of the command line. @type {(name: string, otherwise: number) => number} */
export function numberOf(name, otherwise) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
}
