import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export type Ended = { readonly code: number | null; readonly out: string; readonly err: string };

/** Runs the command line as people do. The keys of whoever runs the tests stay out of it. */
export const optimize = (words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
  startOptimize(words, env).ended;

/** The same, with a hold on the process. */
export function startOptimize(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const { NODE_ENV: _, APG_API_KEY: _a, OPENAI_API_KEY: _b, APG_GENERATOR_API_KEY: _c, ...mine } = process.env;
  const child = spawn(process.execPath, ['scripts/optimize.mjs', ...words], {
    cwd: root,
    env: { ...mine, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...said }));
  });
  return { child, ended };
}

/** A folder with these files for as long as the work takes. */
export async function withFiles<T>(
  files: Readonly<Record<string, string>>,
  work: (path: (name: string) => string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'apg-'));
  const path = (name: string): string => join(folder, name);
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(path(name), text);
    return await work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
