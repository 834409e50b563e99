// @ts-check
import { spawn } from 'node:child_process';
import process from 'node:process';

/** A run that is stuck must not hold up all others. */
export const longestMinutes = 180;

/**
 * Runs a program to its end; it ends with this process at the latest.
 * @param {string} program @param {readonly string[]} words @param {{ cwd?: string, env?: Record<string, string> }} [options]
 * @returns {Promise<{ code: number | null, said: string }>} the last of what it said
 */
export function runChild(program, words, { cwd, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: longestMinutes * 60_000,
    });
    const end = () => void child.kill();
    process.on('exit', end);
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => (said = (said + String(data)).slice(-4000)));
    child.once('error', reject);
    child.once('close', (code) => {
      process.off('exit', end);
      resolve({ code, said });
    });
  });
}
