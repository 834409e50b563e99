import { describe, expect, it } from 'vitest';
import { AppError } from '#core/error.ts';
import { describeThrown } from '#core/messages.ts';
import { printRunBundle, readRunBundle } from '#exporters/run-bundle.ts';
import { atSecretAddress, madeRun } from './made-run.ts';

const { dataset, entries, ...rest } = await madeRun();
const text = printRunBundle(dataset, entries);
type Open = Record<string, unknown> & { dataset: Record<string, unknown>; entries: Record<string, unknown>[] };
const changed = (change: (bundle: Open) => unknown): string => {
  const bundle = JSON.parse(text) as Open;
  return JSON.stringify(change(bundle) ?? bundle);
};

describe('a whole run in one file', () => {
  it('P19 comes back as it was', () => {
    const read = readRunBundle(text, 'run.json');
    expect(read.dataset).toEqual(dataset);
    expect(read.entries).toEqual(entries);
    expect(printRunBundle(read.dataset, read.entries)).toBe(text);
    expect(readRunBundle(`\uFEFF${text}`, 'run.json')).toEqual(read);
  });

  it('P17 need not say where its data set came from, and when', () => {
    const less = changed(({ dataset: { source: _, notes: __, importedAt: ___, ...rest }, ...bundle }) => ({
      ...bundle,
      dataset: rest,
    }));
    expect(readRunBundle(less, 'run.json').dataset).toEqual({ ...dataset, source: 'a file', notes: [], importedAt: 0 });
  });

  it('holds no key from an address', () => {
    const secret = atSecretAddress({ dataset, entries, ...rest }, 'canary');
    const printed = printRunBundle(secret.dataset, secret.entries);
    expect(printed).not.toContain('canary');
    expect(printed).toContain('https://api.example/v1');
  });

  const broken: Readonly<Record<string, readonly [text: string, words: string]>> = {
    'something else': ['{"a": 1}', 'not the export'],
    'no object': ['null', 'not the export'],
    'a list': ['[1]', 'not the export'],
    'the best prompts': ['{"format": "automated-prompt-generator/prompts", "version": 1}', 'starting prompts'],
    'a newer version': [changed((bundle) => ({ ...bundle, version: 2 })), 'version 2'],
    'no version': [changed((bundle) => ({ ...bundle, version: undefined })), 'version'],
    'no events': [changed((bundle) => ({ ...bundle, entries: [] })), 'entries'],
    'a hole': [
      changed((bundle) => ({ ...bundle, entries: bundle.entries.filter((_, index) => index !== 3) })),
      'events are missing',
    ],
    'no start': [
      changed((bundle) => void (bundle.entries = bundle.entries.slice(1).map((entry, seq) => ({ ...entry, seq })))),
      'start of a run',
    ],
    'a start without a spec': [
      changed((bundle) => void (bundle.entries[0] = { seq: 0, at: 0, event: { type: 'run-started' } })),
      'start of a run',
    ],
    'another data set': [changed((bundle) => void (bundle.dataset['id'] = 'other')), 'data set'],
    'no rows': [
      changed(({ dataset: { examples: _, ...less }, ...bundle }) => ({ ...bundle, dataset: less })),
      'dataset.examples',
    ],
    'rows of another kind': [changed((bundle) => void (bundle.dataset['examples'] = [{ id: 1 }])), 'dataset.examples'],
    'a time that is none': [changed((bundle) => void (bundle.dataset['importedAt'] = 1e300)), 'dataset.importedAt'],
    'an event at a time that is none': [
      changed((bundle) => ({ ...bundle, entries: bundle.entries.map((entry) => ({ ...entry, at: 1e300 })) })),
      'entries.0.at',
    ],
    'an event that is none': [changed((bundle) => void (bundle.entries[2] = { seq: 2 })), 'entries.2'],
  };
  it.each(Object.entries(broken))('with %s is refused in clear words', (_, [content, words]) => {
    let thrown: unknown;
    try {
      readRunBundle(content, 'run.json');
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(AppError);
    expect(thrown).toMatchObject({ code: 'import-not-ours' });
    const { title, sentence } = describeThrown(thrown);
    expect(title).toBe('Not a whole run');
    expect(sentence).toContain('run.json');
    expect(sentence).toContain(words);
  });

  it('that is cut off is refused with the line', () => {
    expect(() => readRunBundle(text.slice(0, -20), 'run.json')).toThrow(
      expect.objectContaining({ code: 'import-bad-json' }),
    );
  });
});
