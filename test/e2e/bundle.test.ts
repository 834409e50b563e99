import { readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, inject, it } from 'vitest';
import { visit } from '../support/app.ts';

const folder = inject('appFolder');
const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1).padStart(6)} kB`;
const gzipped = async (file: string): Promise<number> => gzipSync(await readFile(join(folder, file))).length;

it('loads less than 60 kB of JavaScript, packed, for the first page', async () => {
  const loaded = await visit(async ({ page, url, requests }) => {
    await page.waitForLoadState('networkidle');
    return requests.map((request) => request.url().slice(url.length)).filter((path) => path.endsWith('.js'));
  });
  const first = [...new Set(loaded)].sort();
  const sizes = await Promise.all(first.map(gzipped));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const lazy = (await readdir(join(folder, 'assets')))
    .filter((name) => name.endsWith('.js') && !first.includes(`assets/${name}`))
    .map((name) => `assets/${name}`);
  const later = await Promise.all(lazy.map(async (file) => ({ file, size: await gzipped(file) })));
  const lines = [
    `First page: ${kilobytes(total)} of JavaScript, packed, in ${first.length} files`,
    ...first.map((file, index) => `  ${kilobytes(sizes[index] ?? 0)} ${basename(file)}`),
    'Loaded when it is needed:',
    ...later.sort((a, b) => b.size - a.size).map(({ file, size }) => `  ${kilobytes(size)} ${basename(file)}`),
  ];
  console.log(lines.join('\n'));
  expect(first.length).toBeGreaterThan(0);
  expect(total).toBeLessThan(60_000);
  expect(first.join('\n'), 'the SDK and the charts wait until they are wanted').not.toMatch(/chart|openai|worker/i);
});

it('holds no address of a folder above it and no path of the machine that built it', async () => {
  const files = (await readdir(folder, { recursive: true })).filter((name) => /\.(?:html|js|css|svg)$/.test(name));
  expect(files).toContain('index.html');
  const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
  for (const file of files) {
    const text = await readFile(join(folder, file), 'utf8');
    expect(text.includes(root), `${file} names the folder of the sources`).toBe(false);
    expect(
      text.match(/\b(?:src|href)=["']\/[^"']*|url\(["']?\/[^)]*|(?:from|import\(?)\s*["'`]\/[^"'`]*/)?.[0],
      file,
    ).toBeUndefined();
  }
});
