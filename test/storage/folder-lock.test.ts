import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createRandom } from '#lib/random.ts';
import { describeThrown } from '#core/messages.ts';
import { lockFolder } from '#storage/folder-lock.ts';

vi.mock('node:fs/promises', async (load) => {
  const files = await load<typeof import('node:fs/promises')>();
  const { readFile, writeFile, rm } = files;
  const link: typeof files.link = (...args) =>
    hasLinks ? files.link(...args) : Promise.reject(Object.assign(new Error('no links'), { code: 'EPERM' }));
  const steps = { link, readFile, writeFile, rm };
  return {
    ...files,
    ...Object.fromEntries(Object.entries(steps).map(([name, step]) => [name, inAnyOrder(step as () => Promise<void>)])),
  };
});

/** Whether the file system lets a file have two names. */
let hasLinks = true;
const chance = createRandom('folder-lock');
const waiting: (() => Promise<void>)[] = [];
let busy = false;

/** The steps of several processes: one at a time, each time any of those that wait. */
function inAnyOrder<T>(step: (...args: never[]) => Promise<T>): (...args: never[]) => Promise<T> {
  return (...args) =>
    new Promise<T>((done, failed) => {
      waiting.push(() => step(...args).then(done, failed));
      if (!busy) void doAll();
    });
}
async function doAll(): Promise<void> {
  busy = true;
  while (waiting.length > 0) {
    await waiting.splice(chance.integer(waiting.length), 1)[0]?.();
    await new Promise((next) => setImmediate(next)); // what comes after it takes its place in the row
  }
  busy = false;
}

/** No process has this number: it is beyond what Linux, macOS and Windows give out. */
const nobody = '999999999';
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folder-lock-'));
});
afterEach(() => {
  hasLinks = true;
  return rm(folder, { recursive: true, force: true });
});

/** All ask at once; what those got that got it. */
async function manyAsk(): Promise<readonly (() => Promise<void>)[]> {
  const asked = await Promise.allSettled(Array.from({ length: 5 }, () => lockFolder(folder)));
  for (const each of asked) if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'folder-busy' });
  return asked.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
}

it.each([true, false])('of many who ask at once, exactly one gets the folder (links: %s)', async (links) => {
  hasLinks = links;
  for (let round = 0; round < 10; round++) {
    const got = await manyAsk();
    expect(got).toHaveLength(1);
    expect(await readFile(join(folder, 'lock'), 'utf8')).toBe(String(process.pid));
    await got[0]?.();
    expect(await readdir(folder), 'nothing is left behind').toEqual([]);
  }
});

it('of many who find the lock of a process that is gone, exactly one gets the folder', async () => {
  for (let round = 0; round < 10; round++) {
    await writeFile(join(folder, 'lock'), nobody);
    const got = await manyAsk();
    expect(got).toHaveLength(1);
    await got[0]?.();
    expect(await readdir(folder)).toEqual([]);
  }
});

it.each([
  ['lock', ''],
  ['lock', 'not a number'],
  ['lock.stale', nobody],
])('a file “%s” that holds “%s” is taken for held, and the way out names it', async (name, text) => {
  await writeFile(join(folder, 'lock'), nobody);
  await writeFile(join(folder, name), text);
  const refused: unknown = await lockFolder(folder).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'folder-busy' });
  expect(describeThrown(refused).remedy).toContain(join(folder, name));
  expect(await readFile(join(folder, name), 'utf8'), 'nobody else’s file is touched').toBe(text);
});
