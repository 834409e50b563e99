import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { claim } from './claims.mjs';

async function fileFor(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'claims-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'run.claim');
}

it('gives a run to one of many that ask at once, and again after it was given back', async () => {
  const file = await fileFor();
  const asked = await Promise.all(Array.from({ length: 8 }, () => claim(file)));
  const [mine, ...others] = asked.filter((given) => given !== undefined);
  expect(others).toEqual([]);
  await mine?.();
  expect(await claim(file)).toBeDefined();
});

it('takes over what a process left that is gone, and nothing from one that lives', async () => {
  const file = await fileFor();
  await writeFile(file, '4711');
  expect(await claim(file, () => true)).toBeUndefined();
  expect(await claim(file, () => false)).toBeDefined();
  expect(await readFile(file, 'utf8')).toBe(String(process.pid));
});
