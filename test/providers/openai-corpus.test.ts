import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Completion, ModelClient } from '#core/completion.ts';
import { AppError } from '#core/error.ts';
import { defaultsOf } from '#core/fields.ts';
import { systemClock } from '#lib/clock.ts';
import { createRandom } from '#lib/random.ts';
import { openAiCompatible } from '#providers/openai-compatible.ts';
import { asRecord, parseJson } from '#providers/openai/refusal.ts';
import { never, request } from './openai-setup.ts';

/** Bodies of answers with status 200, good in one place and broken in another: whatever comes, nothing is made up. */

const good = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'test-model',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'The answer is B', refusal: null },
      finish_reason: 'stop',
      logprobs: {
        content: ['The', ' answer', ' is', ' B'].map((token) => ({
          token,
          logprob: -0.1,
          bytes: null,
          top_logprobs: [{ token, logprob: -0.1, bytes: null }],
        })),
        refusal: null,
      },
    },
  ],
  usage: { prompt_tokens: 5, completion_tokens: 4, total_tokens: 9 },
};
type Body = string | Uint8Array<ArrayBuffer>;
type Case = readonly [name: string, body: Body];

const paths: readonly (readonly (string | number)[])[] = [
  [],
  ['choices'],
  ['choices', 0],
  ['choices', 0, 'message'],
  ['choices', 0, 'message', 'content'],
  ['choices', 0, 'message', 'refusal'],
  ['choices', 0, 'finish_reason'],
  ['choices', 0, 'error'],
  ['choices', 0, 'logprobs'],
  ['choices', 0, 'logprobs', 'content'],
  ['choices', 0, 'logprobs', 'content', 1],
  ['choices', 0, 'logprobs', 'content', 1, 'token'],
  ['choices', 0, 'logprobs', 'content', 1, 'logprob'],
  ['choices', 0, 'logprobs', 'content', 1, 'top_logprobs'],
  ['usage'],
  ['usage', 'prompt_tokens'],
  ['usage', 'completion_tokens'],
  ['error'],
  ['model'],
];
const values: readonly unknown[] = [
  undefined,
  null,
  0,
  -7,
  1.5,
  1e300,
  true,
  false,
  '',
  'x',
  'error',
  '\ud800\u0000\u202e',
  [],
  [{}],
  [good.choices[0], good.choices[0]],
  {},
  { message: 'oops', code: 503 },
  { content: 'Z' },
];
function changed(at: unknown, [first, ...rest]: readonly (string | number)[], value: unknown): unknown {
  if (first === undefined) return value;
  if (Array.isArray(at)) return at.map((item: unknown, i) => (i === first ? changed(item, rest, value) : item));
  return { ...asRecord(at), [first]: changed(asRecord(at)[first], rest, value) };
}
const mutations: readonly Case[] = paths.flatMap((path) =>
  values.map((value): Case => [
    `${path.join('.') || 'the body'} is ${value === undefined ? 'missing' : JSON.stringify(value)}`.slice(0, 90),
    path.length === 0 && value === undefined ? '' : JSON.stringify(changed(good, path, value)),
  ]),
);
const whole = JSON.stringify(good);
const cuts: readonly Case[] = Array.from({ length: 60 }, (_, i): Case => {
  const end = Math.floor((whole.length * i) / 60);
  return [`cut after ${end} characters`, whole.slice(0, end)];
});
const random = createRandom('corpus');
const scrambled: readonly Case[] = Array.from({ length: 60 }, (_, i): Case => {
  const bytes = new TextEncoder().encode(whole);
  for (let n = 0; n <= i % 4; n++) bytes[random.integer(bytes.length)] = random.integer(256);
  return [`scrambled ${i}`, bytes];
});
const nested = (open: string, close: string, depth: number): string => open.repeat(depth) + close.repeat(depth);
const raw: readonly Case[] = [
  ['a web page', '<!doctype html><html><body>Sign in to the network</body></html>'],
  ['a text', 'upstream connect error'],
  ['a byte order mark before it', `\ufeff${whole}`],
  ['two answers', whole + whole],
  ['events', `data: ${whole}\n\ndata: [DONE]\n\n`],
  ['M06 deep arrays', nested('[', ']', 100_000)],
  ['M06 a deep choice', `{"choices":${nested('[', ']', 100_000)}}`],
  ['M06 a deep error', `{"error":${nested('[', ']', 100_000)}}`],
  ['M06 a deep error with a code', `{"error":{"code":500,"x":${nested('[', ']', 100_000)}}}`],
  ['a name of the prototype', '{"__proto__":{"choices":[{}]},"constructor":1}'],
  ['twice the same member', `{"choices":[],${whole.slice(1)}`],
];
const cases = [...mutations, ...cuts, ...scrambled, ...raw];

let body: Body = '';
let client: ModelClient;
beforeEach(async () => {
  vi.stubGlobal('fetch', () =>
    Promise.resolve(new Response(body, { headers: { 'content-type': 'application/json' } })),
  );
  client = await openAiCompatible.connect(
    { ...defaultsOf(openAiCompatible.fields), baseUrl: 'http://server.test/v1', model: 'test-model', apiKey: 'k' },
    { clock: systemClock },
  );
});
afterEach(() => vi.unstubAllGlobals());

const outcomeOf = async (of: Body): Promise<Completion | AppError> => {
  body = of;
  return client.complete(request, never).catch((error: unknown) => {
    if (error instanceof AppError) return error as AppError;
    throw new Error('not an AppError', { cause: error });
  });
};
const textOf = (of: Body): string =>
  (typeof of === 'string' ? of : new TextDecoder().decode(of)).replace(/^\ufeff/, '');

describe(`a corpus of ${cases.length} bodies`, () => {
  it('has enough of them', () => expect(cases.length).toBeGreaterThanOrEqual(300));

  it.each(cases)('%s: an error with a name, or what the server said', async (_, of) => {
    const outcome = await outcomeOf(of);
    if (outcome instanceof AppError) {
      expect(outcome.code).toMatch(/^(provider|row)-/);
      return;
    }
    const said = asRecord(parseJson(textOf(of)));
    const [choice, ...others] = said['choices'] as readonly unknown[];
    const { message, finish_reason: reason, logprobs } = asRecord(choice);
    const { content, refusal } = asRecord(message);
    expect(others).toEqual([]);
    expect(outcome.text).toBe(content ?? refusal ?? '');
    expect(outcome.text).not.toContain('\ufffd');
    expect(typeof reason).toBe('string');
    if (outcome.finishReason === 'stop') expect(reason).toBe('stop');
    const { inputTokens, outputTokens, estimated } = outcome.usage;
    for (const count of [inputTokens, outputTokens]) expect(Number.isInteger(count) && count >= 0).toBe(true);
    if (!estimated) {
      const told = said['usage'] as Readonly<Record<string, number>>;
      expect(told['prompt_tokens']).toBe(inputTokens);
      // what only the sum holds was thought
      const rest = (told['total_tokens'] ?? 0) - inputTokens;
      expect(outputTokens).toBe(Math.max(told['completion_tokens'] ?? NaN, Number.isInteger(rest) ? rest : 0));
    }
    if (!outcome.tokens) return;
    const listed = (asRecord(logprobs)['content'] as readonly unknown[]).map((item) => asRecord(item)['token']);
    expect(outcome.tokens.map(({ token }) => token)).toEqual(outcome.text === '' ? [] : listed);
    for (const { logprob } of outcome.tokens) expect(logprob <= 0 && Number.isFinite(logprob)).toBe(true);
  });
});

describe('an outcome that is no plain answer', () => {
  const answer = (message: unknown, reason = 'stop', more: object = {}): string =>
    JSON.stringify({ choices: [{ message, finish_reason: reason }], ...more });

  it.each<[string, string, Partial<Completion>]>([
    ['M01 empty', answer({ content: '' }), { text: '', finishReason: 'stop' }],
    ['M02 no content', answer({ content: null }), { text: '', finishReason: 'stop' }],
    ['M02 refused', answer({ content: null, refusal: 'I cannot.' }), { text: 'I cannot.', finishReason: 'filter' }],
    ['M03 cut at the limit', answer({ content: 'The ans' }, 'length'), { text: 'The ans', finishReason: 'length' }],
    ['M04 filtered', answer({ content: '' }, 'content_filter'), { text: '', finishReason: 'filter' }],
    [
      'M15 a call of a tool',
      answer({ content: null, tool_calls: [{}] }, 'tool_calls'),
      { text: '', finishReason: 'other' },
    ],
    ['M09 strange characters', answer({ content: '\u0000\u202e\u200b\ud800' }), { text: '\u0000\u202e\u200b\ud800' }],
  ])('is kept as it is: %s', async (_, of, expected) => {
    expect(await outcomeOf(of)).toMatchObject(expected);
  });

  it.each<[string, Body]>([
    ['does not say why it ends', JSON.stringify(changed(good, ['choices', 0, 'finish_reason'], undefined))],
    ...['error', 'abort', 'insufficient_system_resource'].map((reason): [string, Body] => [
      `ends with ${reason}`,
      JSON.stringify(changed(good, ['choices', 0, 'finish_reason'], reason)),
    ]),
    ['has an error inside', JSON.stringify(changed(good, ['choices', 0, 'error'], { message: 'cut' }))],
    ['has a hundredth of broken characters', answer({ content: `${'a'.repeat(99)}\ufffd` })],
    ['has two choices', JSON.stringify({ ...good, choices: [good.choices[0], good.choices[0]] })],
    ['is larger than four megabytes', answer({ content: 'x'.repeat(5 << 20) })],
  ])('P9 is refused when it %s', async (_, of) => {
    expect(await outcomeOf(of)).toMatchObject({ code: 'provider-bad-answer' });
  });

  it('X10 R25 has its usage estimated where the count is no count', async () => {
    for (const count of [-1, 1.5, 1e300, null, 'many'])
      expect(await outcomeOf(JSON.stringify(changed(good, ['usage', 'prompt_tokens'], count)))).toMatchObject({
        usage: { estimated: true },
      });
  });

  it('R25 has the thoughts counted that some servers leave out of the answer, and charge for', async () => {
    const usage = { prompt_tokens: 32, completion_tokens: 9 };
    const thoughts = { completion_tokens_details: { reasoning_tokens: 94 } };
    const cases: readonly (readonly [object, number])[] = [
      [usage, 9],
      [{ ...usage, total_tokens: 41 }, 9],
      [{ ...usage, ...thoughts, total_tokens: 135 }, 103],
      [{ ...usage, ...thoughts }, 103],
      // within the answer, as most count them
      [{ ...usage, completion_tokens: 120, ...thoughts, total_tokens: 152 }, 120],
      [{ ...usage, completion_tokens: 120, ...thoughts }, 120],
      [{ ...usage, total_tokens: 'many' }, 9],
    ];
    for (const [told, outputTokens] of cases)
      expect(await outcomeOf(JSON.stringify({ ...good, usage: told }))).toMatchObject({
        usage: { inputTokens: 32, outputTokens },
      });
  });

  it('R28 has no log-probabilities where one is missing, or half of the text has none', async () => {
    for (const listed of [[{}], good.choices[0]?.logprobs.content.slice(0, 1), []])
      expect(
        await outcomeOf(JSON.stringify(changed(good, ['choices', 0, 'logprobs', 'content'], listed))),
      ).not.toHaveProperty('tokens');
  });
});
