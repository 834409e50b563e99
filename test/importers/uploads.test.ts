import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { guessTask } from '#core/task-guess.ts';
import { sha256Hex } from '#lib/hash.ts';
import { applyMapping, cellAt, guessMapping } from '#importers/mapping.ts';
import { collection, read, type Check } from './files.ts';
import type { PlacedTable } from '#importers/table.ts';

const nameOf = (table: PlacedTable, { column, path }: Check): string =>
  typeof column === 'number' ? (table.columns[column] ?? '') : (path ?? column ?? '');

describe.each(collection.map((entry) => [entry.file, entry] as const))('%s', (file, entry) => {
  const table = read(file.split('/').at(-1) ?? file, readFileSync(entry.path));

  test('has the rows, columns and cells that are in the file', async () => {
    const { rows, columns, notes } = await table;
    expect(rows).toHaveLength(entry.rows);
    if (entry.rows_sha256) expect(sha256Hex(JSON.stringify(rows))).toBe(entry.rows_sha256);
    // A name may be trimmed, and an object becomes several dotted columns.
    for (const name of entry.columns ?? [])
      expect(
        columns.some((column) => column === name.trim() || column.startsWith(`${name}.`)),
        name,
      ).toBe(true);
    for (const check of entry.checks ?? [])
      expect(cellAt(await table, check.row, nameOf(await table, check))).toBe(check.value);
    if (entry.flag) expect(notes.map(({ code }) => code)).toContain(entry.flag);
    expect(JSON.stringify(rows)).not.toContain('[object Object]');
    for (const row of rows) expect(row).toHaveLength(columns.length);
  });

  test('becomes examples, and names each row that has no answer', async () => {
    const loaded = await table;
    const mapping = guessMapping(loaded);
    if (entry.mapping) expect(mapping).toMatchObject(entry.mapping);
    const dataset = applyMapping(loaded, mapping, 'a set', 0);
    const missing = dataset.notes
      .filter(({ code }) => code === 'missing-target')
      .flatMap((n) => n.lines ?? n.items ?? []);
    expect(missing).toEqual((entry.missing_target_rows ?? []).map((row) => loaded.places?.at[row]));
    const emptyInputs = dataset.notes.filter(({ code }) => code === 'missing-input').flatMap((n) => n.lines ?? []);
    expect(dataset.examples).toHaveLength(loaded.rows.length - missing.length - emptyInputs.length);
    for (const [at, targets] of Object.entries(entry.targets ?? {}))
      expect(dataset.examples[Number(at)]?.targets).toEqual(targets);
    for (const { targets, choices } of dataset.examples) {
      expect(targets.length).toBeGreaterThan(0);
      if (choices) expect('ABCDEFGHIJ'.slice(0, choices.length)).toContain(targets[0]);
    }
    if (entry.metric) expect(guessTask(dataset).metric).toBe(entry.metric);
  });
});
