import { describe, expect, it } from 'vitest';
import { checkValues, defaultsOf, fieldProblem, secretsOf, withoutSecrets, type Field } from '#core/fields.ts';

const fields = {
  rounds: { type: 'number', label: 'Rounds', min: 1, max: 10, step: 1, default: 3 },
  share: { type: 'number', label: 'Share', min: 0, max: 1, step: 0.05, default: 0.5 },
  mode: { type: 'choice', label: 'Mode', choices: [{ value: 'a', label: 'A' }], default: 'a' },
  loud: { type: 'flag', label: 'Loud', default: false },
  address: { type: 'url', label: 'Address', default: 'http://localhost:1/v1' },
  model: { type: 'model', label: 'Model', default: 'm' },
  note: { type: 'long-text', label: 'Note', default: '' },
  apiKey: { type: 'secret', label: 'Key', default: '' },
} as const;

const good: Readonly<Record<keyof typeof fields, readonly unknown[]>> = {
  rounds: [1, 10],
  share: [0, 0.333, 1],
  mode: ['a'],
  loud: [true, false],
  address: ['https://host/v1', 'http://127.0.0.1:8080'],
  model: ['gpt'],
  note: ['', 'x'],
  apiKey: ['', 'k', 'pass word', ' \u200bsk-1/+=_.\ufeff\n'],
};
const bad: Readonly<Record<keyof typeof fields, readonly unknown[]>> = {
  rounds: [0, 11, 2.5, NaN, Infinity, '3', null, undefined],
  share: [-0.01, 1.01, NaN],
  mode: ['b', '', 0, undefined],
  loud: ['true', 1, undefined],
  address: ['', 'host', 'ftp://host', 'javascript:alert(1)', 'https://user:word@host/v1', 'https://key@host/v1', 5],
  model: ['', '  ', 3],
  note: [3, null],
  apiKey: [3, 'sk-\u200b1', 'sk-abc\u2026', '\u201csk-1\u201d', 'Schl\u00fcssel'],
};

describe.each(Object.entries(fields) as [keyof typeof fields, Field][])('the field %s', (name, field) => {
  it('accepts its default and what is in range', () => {
    for (const value of [field.default, ...good[name]]) expect(fieldProblem(field, value)).toBeUndefined();
  });

  it('refuses everything else in a sentence that names it', () => {
    for (const value of bad[name]) {
      const problem = fieldProblem(field, value);
      expect(problem, String(value)).toMatch(/\.$/);
      expect(problem).toContain(field.label);
    }
  });
});

it('never repeats a key that cannot be sent', () => {
  expect(fieldProblem(fields.apiKey, '\u201chunter2\u201d')).not.toContain('hunter2');
});

it('never repeats a password that stands in an address', () => {
  expect(fieldProblem(fields.address, 'https://user:hunter2@host/v1')).not.toContain('hunter2');
});

describe('values', () => {
  it('are put over the defaults, each problem is told, and unknown names are left out', () => {
    expect(checkValues(fields, {})).toEqual({ values: defaultsOf(fields), problems: [] });
    const { values, problems } = checkValues(fields, { rounds: 99, loud: 'yes', other: 1, constructor: 2 });
    expect(problems).toHaveLength(2);
    expect(Object.keys(values)).toEqual(Object.keys(fields));
  });

  it('give up their secrets by type, whatever the name', () => {
    expect(secretsOf(fields)).toEqual(['apiKey']);
    expect(withoutSecrets(fields, { ...defaultsOf(fields), apiKey: 'canary' })).not.toHaveProperty('apiKey');
  });
});
