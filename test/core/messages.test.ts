import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AppError, type ErrorCode } from '#core/error.ts';
import { describeError, describeThrown } from '#core/messages.ts';
import { inRepository, read } from '../importers/files.ts';
import { errorCodes, samples } from '../support/error-samples.ts';

const words = (code: ErrorCode, details = samples[code]): string => {
  const { title, sentence, remedy } = describeError(code, details);
  return `${title}\n${sentence}\n${remedy}`;
};

describe.each(errorCodes)('%s', (code) => {
  it('has a title, a sentence and a way out', () => {
    const { title, sentence, remedy } = describeError(code, samples[code]);
    expect(title).toMatch(/^[A-Z“][^.]*$/);
    expect(sentence.length).toBeGreaterThan(10);
    expect(remedy.length).toBeGreaterThan(10);
    expect(words(code)).not.toMatch(/undefined|\[object|NaN|null/);
  });

  it('tells every fact that is known', () => {
    // a status is told in words where a code has a sentence of its own; waiting times are told in seconds
    // samples of answers have a place of their own on the screen, and a rule is told in words
    const untold = new Set(['status', 'retryAfterMs', 'afterMs', 'suggestion', 'fix', 'samples', 'proposal']);
    for (const [name, value] of Object.entries(samples[code])) {
      if (untold.has(name)) continue;
      for (const fact of [value].flat()) expect(words(code), name).toContain(String(fact));
    }
  });
});

describe('details', () => {
  it('of a run that is wrong name what cannot be done with it: only one that is not there yet can be started', () => {
    const problems = ['It does not fit.'];
    const of = (deed?: 'continue' | 'change' | 'rows') =>
      words('run-invalid', { problems, ...(deed ? { deed } : {}) }).split('\n');
    expect(of()).toEqual([
      'This run cannot start',
      'It does not fit.',
      expect.stringContaining('start again') as unknown,
    ]);
    for (const deed of ['continue', 'change', 'rows'] as const) expect(of(deed).join(' ')).not.toMatch(/\bstart/);
    expect(of('continue').join(' ')).toMatch(/cannot go on It does not fit\. .*“Use these settings again”/);
    expect(of('rows').join(' ')).toMatch(/rows are gone .* Import the same file again/);
  });

  it('are told where they help: waiting times, addresses, long lists cut', () => {
    expect(words('provider-rate-limited')).toContain('2 s');
    expect(words('provider-rate-limited', {})).not.toContain('wait');
    expect(words('provider-timeout')).toContain('60 s');
    expect(words('provider-wrong-address')).toContain('http://localhost:1/v1');
    const known = Array.from({ length: 20 }, (_, i) => `model-${i}`);
    expect(words('provider-model-unknown', { model: 'x', known })).toContain('and 12 more');
    expect(words('provider-model-unknown', { model: 'x', known: [] })).toContain('spelling');
  });
});

describe('whatever is thrown', () => {
  it('is described; a mistake of ours says so', () => {
    expect(describeThrown(new AppError('run-busy', { run: 'r' }))).toEqual(describeError('run-busy', { run: 'r' }));
    for (const thrown of [new Error('Bug: x'), 'text', undefined, null, { a: 1 }])
      expect(describeThrown(thrown).remedy).toContain('mistake of ours');
  });
});

/** What the manifest of hostile files wants to be told, as far as a program can check it. */
const told: Readonly<Record<string, readonly string[]>> = {
  '12_header_only.csv': ['question', 'answer', 'no data row'],
  '13_empty.csv': ['empty'],
  '14_whitespace_only.csv': ['blank space'],
  '22_object_of_uneven_arrays.json': ['question has 3 entries, answer has 2'],
  '30_deep_1000.json': ['entry 2, key context', '100'],
  '32_nan_infinity.json': ['line 3', 'NaN is not allowed in JSON'],
  '33_trailing_commas.json': ['line 2', 'a comma with nothing after it'],
  '34_comments.json': ['line 1', 'JSON has no comments'],
  '35_zip_named.csv': ['ZIP archive', 'CSV', 'Unpack'],
  '36_xlsx_named.csv': ['Excel workbook', 'CSV UTF-8'],
  '37_png_named.csv': ['picture (PNG)', 'CSV'],
  '38_gzip.csv.gz': ['gzip archive', 'Unpack'],
  '39_unclosed_quote.csv': ['line 4', 'never closed'],
};
describe('the message about a hostile file', () => {
  it.each(Object.entries(told))('%s tells the facts', async (file, facts) => {
    const thrown: unknown = await read(file, readFileSync(inRepository(`test/fixtures/files/hostile/${file}`))).catch(
      (error: unknown) => error,
    );
    expect(thrown).toBeInstanceOf(AppError);
    const { title, sentence, remedy } = describeThrown(thrown);
    for (const fact of [file, ...facts]) expect(`${title}\n${sentence}\n${remedy}`).toContain(fact);
  });
});
