import { expect, it, vi } from 'vitest';
import { logError } from '#lib/log.ts';
import { neverLog, redact } from '#lib/redact.ts';
import { Secrets } from '#state/secrets.svelte.ts';

it('X01: masks a key that it knows, whole or encoded, and what looks like a key', () => {
  neverLog('plain+secret/of=mine');
  neverLog('abc'); // too short to be told from a word
  expect(redact('got plain+secret/of=mine and plain%2Bsecret%2Fof%3Dmine')).toBe('got ••• and •••');
  expect(redact('abc')).toBe('abc');
  for (const text of [
    'sk-proj-abcdef123456',
    'sk-ab********wxyz',
    'AIzaSyA1234567890',
    'Bearer abc.def',
    'hf_abcdefghij',
  ])
    expect(redact(`Incorrect key: ${text}.`)).not.toContain(text);
});

it('X01: no log holds a key that was entered, wherever in an error it stands', () => {
  const key = 'a key without any of the usual marks';
  new Secrets().put({ provider: 'p', origin: 'https://a.example', values: { apiKey: key } });
  const said: unknown[] = [];
  const spy = vi.spyOn(console, 'error').mockImplementation((...words) => void said.push(...(words as unknown[])));
  try {
    logError('place', new Error(`outer ${key}`, { cause: new TypeError(`inner ${key}`, { cause: key }) }));
    logError('place', key);
  } finally {
    spy.mockRestore();
  }
  expect(said.join('\n')).toContain('inner •••');
  expect(said.join('\n')).not.toContain(key);
});
