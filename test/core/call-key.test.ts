import { describe, expect, it } from 'vitest';
import { callKey } from '#core/id.ts';

type Request = Readonly<Record<string, unknown>>;
const request: Request = {
  messages: [{ role: 'user', content: 'Sort it.\n\nGreat lamp!' }],
  maxTokens: 8,
  temperature: 0,
  seed: 1,
  topLogprobs: 20,
};

/** Released. A line that changes here means that every answer that was ever paid for is paid for again. */
const released: readonly (readonly [what: string, fingerprint: string, request: Request, key: string])[] = [
  [
    'a row',
    'openai-compatible/1/https://api.openai.com/v1/gpt-x',
    request,
    '8f4b382188f587ae71e3ad3c72677d57fc07e040ad7691d165e763c7c6b2d679',
  ],
  [
    'another draw',
    'openai-compatible/1/https://api.openai.com/v1/gpt-x',
    { ...request, temperature: 1, seed: 2 },
    '16d1d6aa6e5a8804f561ab6172872d973f3eb25d43dbea87875de8aa4764f0ad',
  ],
  [
    'two messages and a stop',
    'openai-compatible/1/http://localhost:11434/v1/qwen3:0.6b',
    {
      ...request,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'ünïcödé 👩‍👩‍👧 \u202e \u0000' },
      ],
      stop: ['\n'],
      topLogprobs: 0,
    },
    '2e13f94fc57b0ed5f9f1f44118d2e84ae98306f329e9605a72bf04c8eb0cd98a',
  ],
  [
    'half a surrogate pair',
    'simulated/1/w/no rows',
    { ...request, messages: [{ role: 'user', content: 'a\ud800b' }] },
    'bca7d5180620d9f676adea0cc08a4e508b6b5ba4122082dc4618bd26946028da',
  ],
  ['nothing', '', {}, '87194d268d86a90646f272ad6cb6e4b7c4557bfd2ca7c3a123be671211276bbd'],
];

describe('U06 P13 the name of a call', () => {
  it.each(released)('is the one that was released: %s', (_, fingerprint, given, key) => {
    expect(callKey(fingerprint, given)).toBe(key);
  });

  it('does not hang on the order of the members, nor on members without a value', () => {
    const members: readonly (readonly [string, unknown])[] = [...Object.entries(request), ['stop', undefined]];
    const turned: Request = Object.fromEntries([...members].reverse());
    expect(callKey('f', turned)).toBe(callKey('f', request));
  });

  it('is another one for anything that may change the answer', () => {
    const others = [
      callKey('f', request),
      callKey('g', request),
      ...Object.keys(request).map((name) => callKey('f', { ...request, [name]: 'other' })),
      callKey('f', { ...request, stop: ['\n'] }),
    ];
    expect(new Set(others).size).toBe(others.length);
  });
});
