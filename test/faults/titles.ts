import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** Where each id stands at the beginning of a test's title (or of a row of a table of tests): id → files, sorted. */
export function testsById(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  for (const path of readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!path.endsWith('.test.ts')) continue;
    const source = readFileSync(join(root, path), 'utf8');
    // 'N07 …', 'N07, P9: …', "R01 R02 …"
    for (const [, ids = ''] of source.matchAll(/['"`]((?:(?:[NRMSBTCDUX]\d\d|P\d\d?)[ ,:]+)+)/g))
      for (const [id] of ids.matchAll(/[A-Z]\d\d?/g))
        found.set(id, (found.get(id) ?? new Set()).add(`test/${path.replaceAll('\\', '/')}`));
  }
  return new Map([...found].map(([id, files]) => [id, [...files].sort()]));
}
