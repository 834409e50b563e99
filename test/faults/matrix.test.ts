import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { faults } from './faults.ts';
import { promises } from './promises.ts';
import { testsById } from './titles.ts';

const tests = testsById();
const tested = faults.filter(({ id }) => tests.has(id));
const link = (path: string): string => `[${path.replace(/^test\//, '')}](../${path})`;

/** `npx vitest run --project unit test/faults -u` writes docs/faults.md anew. */
const page = `# Faults and their tests

What can go wrong around a run in a browser tab, what must come of it, and the test that brings it about.
${tested.length} of ${faults.length} are tested. This page is made by \`npx vitest run --project unit test/faults -u\`.

| | Fault | Expected | Test |
| --- | --- | --- | --- |
${faults
  .map(({ id, fault, expected, left }) => {
    const files = tests.get(id);
    const proof = files ? files.map(link).join(', ') : `not tested: ${left ?? 'still to be written'}`;
    return `| ${id} | ${fault} | ${expected} | ${proof} |`;
  })
  .join('\n')}
`;

describe('the fault matrix', () => {
  it('names 168 faults, each once', () => {
    expect(new Set(faults.map(({ id }) => id)).size).toBe(168);
  });

  it('has at least 120 of them tested, and a reason for each of the others', () => {
    expect(tested.length).toBeGreaterThanOrEqual(120);
    expect(faults.filter(({ id, left }) => !tests.has(id) && left === undefined).map(({ id }) => id)).toEqual([]);
  });

  it('is the one that the documentation shows', async () => {
    await expect(page).toMatchFileSnapshot('../../docs/faults.md');
  });

  it('knows every id that a test names', () => {
    const known = new Set([...faults, ...promises].map(({ id }) => id));
    expect([...tests.keys()].filter((id) => !known.has(id))).toEqual([]);
  });
});

describe('the promises', () => {
  it('each have a test', () => {
    expect(promises.filter(({ id }) => !tests.has(id)).map(({ id }) => id)).toEqual([]);
  });

  it('stand in the README with the tests that prove them', () => {
    const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
    for (const { id, promise } of promises) {
      const row = readme.split('\n').find((line) => line.startsWith(`| ${id} |`));
      expect(row, `${id} in the README`).toContain(promise);
      const files = [...(row ?? '').matchAll(/\(([^)]+\.test\.ts)\)/g)].map(([, path]) => path);
      expect(files.length, `tests of ${id} in the README`).toBeGreaterThan(0);
      for (const file of files) expect(tests.get(id), `${file} proves ${id}`).toContain(file);
    }
  });
});
