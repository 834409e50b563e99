import { describe, expect, test } from 'vitest';
import { AppError } from '#core/error.ts';
import type { Importer, ImportProgress, ReadOptions } from '#core/import.ts';
import { importers } from '#importers/index.ts';

/** One small file of each format. Adding an importer means adding a line here. */
const samples: Readonly<Record<keyof typeof importers, { readonly name: string; readonly text: string }>> = {
  csv: { name: 'sample.csv', text: 'question,answer\nIs it?,yes\n"Was ""it""?",\n' },
  json: { name: 'sample.json', text: '[{"question":"Is it?","answer":"yes"},{"question":"Was \\"it\\"?"}]' },
  jsonl: { name: 'sample.jsonl', text: '{"question":"Is it?","answer":"yes"}\n{"question":"Was \\"it\\"?"}\n' },
};

describe.each(Object.entries(importers) as [keyof typeof importers, Importer][])('importer %s', (id, importer) => {
  const { name, text } = samples[id];
  const reading = (
    content: BlobPart,
    options: ReadOptions = {},
    onProgress: (progress: ImportProgress) => void = () => undefined,
    signal = new AbortController().signal,
  ) => importer.read({ name, blob: new Blob([content]) }, options, onProgress, signal);

  test('is registered under its id and has a label', () => {
    expect(importer.id).toBe(id);
    expect(importer.label).not.toBe('');
  });

  test('recognizes its own format better than any other importer does', () => {
    const own = importer.recognize(text, name);
    expect(own).toBeGreaterThan(0);
    for (const other of Object.values(importers)) {
      const score = other.recognize(text, name);
      expect(score).toBeGreaterThanOrEqual(0);
      expect(score).toBeLessThanOrEqual(1);
      if (other.id !== id) expect(score).toBeLessThan(own);
    }
  });

  test('gives every row a cell for every column', async () => {
    const table = await reading(text);
    expect(table).toMatchObject({
      source: name,
      columns: ['question', 'answer'],
      rows: [
        ['Is it?', 'yes'],
        ['Was "it"?', ''],
      ],
      notes: [],
    });
    expect(structuredClone(table)).toEqual(table);
  });

  test('reads the same twice', async () => {
    expect(await reading(text)).toEqual(await reading(text));
  });

  test('ends its progress with all bytes', async () => {
    const seen: ImportProgress[] = [];
    await reading(text, {}, (progress) => seen.push(progress));
    expect(seen.at(-1)?.share).toBe(1);
    for (const { share, rows } of seen) expect(share >= 0 && share <= 1 && rows >= 0).toBe(true);
  });

  test('stops with the reason of the signal', async () => {
    const stop = new AbortController();
    stop.abort();
    await expect(reading(text, {}, undefined, stop.signal)).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('throws one error with an import code and the name of the file', async () => {
    for (const [content, options] of [
      [' \n', {}],
      [new Uint8Array([0xff, 0xfe, 0xff]), {}],
      [text, { encoding: 'no such encoding' }],
    ] as const) {
      const error: unknown = await reading(content, options).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject({ code: expect.stringMatching(/^import-/) as string, details: { file: name } });
    }
  });
});
