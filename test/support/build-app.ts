import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The built app, as it is put on a static host. */
    appFolder: string;
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Builds the app once for all end-to-end tests, by the command that people use: not by a server that mends on the way what a host does not. */
export default async function buildApp({ provide }: TestProject): Promise<() => Promise<void>> {
  const cache = join(root, '.cache', 'e2e');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'app-'));
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  // Vitest sets NODE_ENV to "test", and the app would be built for that.
  const { NODE_ENV: _, ...env } = process.env;
  await promisify(execFile)(
    process.execPath,
    [vite, 'build', '--outDir', folder, '--emptyOutDir', '--logLevel', 'warn'],
    { cwd: root, env },
  );
  provide('appFolder', folder);
  return () => rm(folder, { recursive: true, force: true });
}
