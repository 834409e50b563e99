// @ts-check
// The peers, through their own packages, in a Python environment that is made here.
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runChild } from './child.mjs';
import { briefing } from './tasks.mjs';

const run = promisify(execFile);
const home = fileURLToPath(new URL('./peers/', import.meta.url));

/**
 * Makes the environment, or finds it as it should be. @param {string} folder @param {(line: string) => void} log
 * @returns {Promise<string>} its Python
 */
export async function ensurePeers(folder, log) {
  const venv = join(folder, 'venv');
  const python = join(venv, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const wanted = await readFile(join(home, 'requirements.txt'), 'utf8');
  const stamp = join(venv, 'installed.txt');
  if ((await readFile(stamp, 'utf8').catch(() => '')) === wanted) return python;
  log(`Installing the peers into ${venv}`);
  await mkdir(folder, { recursive: true });
  await run('python3', ['-m', 'venv', '--clear', venv]);
  await run(python, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-input',
    '--disable-pip-version-check',
    '-r',
    join(home, 'requirements.txt'),
  ]);
  await writeFile(stamp, wanted);
  return python;
}

/**
 * @param {import('./methods.mjs').Peer} method
 * @param {import('./run.mjs').Job & { python: string }} job
 * @returns {Promise<import('./run.mjs').Found>}
 */
export async function runPeer(method, { task, url, key, caps, seed, concurrency, folder, python }) {
  const files = { job: join(folder, 'job.json'), result: join(folder, 'result.json') };
  await writeFile(
    files.job,
    JSON.stringify({
      ...{ package: method.package, algorithm: method.algorithm, settings: method.settings },
      ...{ url, key, seed, concurrency, budget: caps, start: task.start, briefing: briefing(task) },
      pool: task.pool.map(({ input, targets }) => ({ input, target: targets[0] })),
    }),
  );
  const { code, said } = await runChild(python, [join(home, 'run.py'), files.job, files.result], {
    cwd: folder, // whatever a package leaves behind lies there
    env: { PYTHONDONTWRITEBYTECODE: '1', DSPY_CACHEDIR: join(folder, 'dspy') },
  });
  await writeFile(join(folder, 'said.txt'), said);
  if (code !== 0) throw new Error(`The peer ended with ${code}:\n${said}`);
  return JSON.parse(await readFile(files.result, 'utf8'));
}
