import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import type { Exporter } from '#core/export.ts';
import { exporters } from '#exporters/index.ts';
import { atSecretAddress, madeRun } from '../exporters/made-run.ts';

/** What every export has to keep to. */

const source = await madeRun();
const early = { ...source, report: { ...source.report, candidates: [], best: undefined, baseline: undefined } };

describe.each(Object.entries(exporters) as [string, Exporter][])('exporter %s', (id, exporter) => {
  it('describes itself', () => {
    expect(exporter.id).toBe(id);
    expect(exporter.label).not.toBe('');
    expect(exporter.description).toMatch(/\.$/);
    expect(exporter.ending).toMatch(/^\.[a-z.]+$/);
    expect(exporter.mediaType).toMatch(/^(?:application\/json|text\/csv)$/);
  });

  it('prints the same twice, changes nothing, and ends its last line', () => {
    const before = structuredClone(source.entries);
    const text = exporter.print(source);
    expect(exporter.print(source)).toBe(text);
    expect(text).toMatch(/\n$/);
    expect(source.entries).toEqual(before);
  });

  it('prints what its kind of file is', () => {
    const text = exporter.print(source);
    if (exporter.mediaType === 'application/json') {
      expect(() => JSON.parse(text) as unknown).not.toThrow();
      return;
    }
    const { data, errors } = Papa.parse<string[]>(text.trimEnd());
    expect(errors).toEqual([]);
    expect(data.length).toBeGreaterThan(3);
    expect(new Set(data.map((row) => row.length)).size).toBe(1);
    expect(new Set(data[0]).size).toBe(data[0]?.length);
    expect(text).not.toMatch(/NaN|Infinity|undefined|\[object/);
  });

  it('prints a run that has only begun', () => {
    expect(exporter.print(early)).toMatch(/\n$/);
  });

  it('lets no secret out that stood in an address', () => {
    expect(exporter.print(atSecretAddress(source, 'canary'))).not.toContain('canary');
  });
});
