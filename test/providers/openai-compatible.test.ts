import { describe, expect, it } from 'vitest';
import { toErrorRecord } from '#core/error.ts';
import { describeError } from '#core/messages.ts';
import { openAiCompatible } from '#providers/openai-compatible.ts';
import { startOpenAiServer, type Fault, type ServerOptions } from '../support/openai-server.ts';
import {
  connect,
  failure,
  never,
  request,
  secret,
  server,
  tokens,
  optionsWith,
  serverForEachTest,
} from './openai-setup.ts';

serverForEachTest();

describe('what goes over the wire', () => {
  it('is the request and nothing about the page or the person', async () => {
    await (await connect()).complete({ ...request, stop: ['\n'] }, never);
    const [call] = server.completions;
    const ofNode = [
      'accept-encoding',
      'accept-language',
      'cache-control',
      'connection',
      'content-length',
      'host',
      'pragma',
    ];
    const sent = Object.keys(call?.headers ?? {}).filter(
      (name) => !ofNode.includes(name) && !name.startsWith('sec-fetch') && name !== 'user-agent',
    );
    expect(sent.sort()).toEqual(['accept', 'authorization', 'content-type']);
    expect(call?.headers['user-agent']).not.toMatch(/openai/i);
    expect(call?.headers.authorization).toBe(`Bearer ${secret}`);
    expect(call?.body).toEqual({
      model: 'test-model',
      messages: request.messages,
      max_tokens: 8,
      temperature: 0,
      seed: 3,
      logprobs: true,
      top_logprobs: 2,
      stop: ['\n'],
    });
  });

  it('has no authorization without a key', async () => {
    await (await connect({ apiKey: '' })).complete(request, never);
    await openAiCompatible.listModels(optionsWith({ apiKey: ' ' }), never);
    expect(server.calls.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
  });

  it('leaves out what the model is known to refuse', async () => {
    const capabilities = { topLogprobs: 1, rejected: ['max_tokens', 'seed', 'temperature', 'stop'] };
    await (await connect({}, { capabilities })).complete({ ...request, stop: ['x'] }, never);
    expect(server.completions[0]?.body).toEqual({
      model: 'test-model',
      messages: request.messages,
      max_completion_tokens: 8,
      logprobs: true,
      top_logprobs: 1,
    });
  });

  it('never follows a redirect', async () => {
    const other = await startOpenAiServer();
    server.set({
      fault: () => ({ status: 307, body: '', headers: { location: `${other.baseUrl}/chat/completions` } }),
    });
    expect((await failure((await connect()).complete(request, never))).code).toBe('provider-redirects');
    expect(other.calls).toEqual([]);
    await other.close();
  });
});

describe('an answer', () => {
  const answerTo = async (answer: ServerOptions['answer'], fault: Fault = {}) => {
    server.set({ ...(answer ? { answer } : {}), fault: () => fault });
    return (await connect()).complete(request, never);
  };

  it('R26 comes with tokens, usage, the model that served it and its time', async () => {
    server.set({
      answer: () => ({ text: 'B', tokens, usage: { inputTokens: 9, outputTokens: 1 }, servedModel: 'test-model-0613' }),
    });
    expect(await (await connect()).complete(request, never)).toEqual({
      text: 'B',
      finishReason: 'stop',
      tokens,
      usage: { inputTokens: 9, outputTokens: 1 },
      latencyMs: expect.any(Number) as number,
      servedModel: 'test-model-0613',
    });
  });

  it('R25 has an estimated usage where the server counts nothing', async () => {
    expect((await answerTo(undefined, { noUsage: true })).usage).toMatchObject({ estimated: true, outputTokens: 1 });
  });

  it('has no tokens where the server gives none', async () => {
    expect((await answerTo(undefined, { noLogprobs: true })).tokens).toBeUndefined();
  });

  it.each([
    ['length', 'length'],
    ['content_filter', 'filter'],
    ['tool_calls', 'other'],
  ])('that ended by %s says so', async (reason, finishReason) => {
    expect(await answerTo(() => ({ text: 'B', finishReason: reason }))).toMatchObject({ finishReason });
  });

  it('that is a refusal is filtered, with its words', async () => {
    const refused = await answerTo(() => ({ text: null, refusal: 'I cannot help with that.' }));
    expect(refused).toMatchObject({ text: 'I cannot help with that.', finishReason: 'filter' });
  });

  it('does not include thoughts, neither in the text nor in the tokens', async () => {
    const words = ['<think>', 'A', ' or', ' B', '?', '</think>', '\n\n', 'B'];
    const listed = words.map((token) => ({ token, logprob: -0.5, alternatives: [{ token, logprob: -0.5 }] }));
    const thought = await answerTo(() => ({ text: words.join(''), tokens: listed }));
    expect(thought.text).toBe('B');
    expect(thought.tokens?.map(({ token }) => token)).toEqual(['B']);
    expect((await answerTo(() => ({ text: 'A or B?</think>\nB' }))).text).toBe('B');
    expect(await answerTo(() => ({ text: '<think>A or B? Let me' }))).toMatchObject({
      text: '',
      finishReason: 'length',
    });
    expect((await answerTo(() => ({ text: 'Write <think> and </think> around it.' }))).text).toContain('around it');
  });
});

describe('the key', () => {
  const echoes: readonly Fault[] = [
    { status: 403, body: { error: { message: `Key ${secret} is not allowed` } } },
    { status: 400, body: { error: { message: `Bearer ${secret} and ${secret.slice(0, 8)}****${secret.slice(-4)}` } } },
    { status: 400, body: `<html>${secret}` },
    { status: 402, body: { [secret]: secret } },
    { body: { error: { message: `you sent ${secret}` } } },
    { body: { echo: secret } },
    { status: 429, body: { error: { message: `billing of ${encodeURIComponent(secret)}` } } },
  ];
  it.each(echoes)('is in no error, whatever the server repeats (%#)', async (fault) => {
    server.set({ fault: () => fault });
    const error = await failure((await connect()).complete(request, never));
    const everything = JSON.stringify([toErrorRecord(error), error.message, String(error.cause), error.stack]);
    expect(everything).not.toContain(secret.slice(0, 12));
    expect(everything).not.toContain(secret.slice(-8));
    expect(error.cause).toBeUndefined();
  });

  it.each(['sk-\u200b0123456789', 'sk-0123\u2026', '\u201csk-0123456789\u201d'])(
    'that no header takes is told as such, and nothing is sent (%#)',
    async (apiKey) => {
      const { code, details } = await failure(connect({ apiKey }));
      expect([code, details]).toEqual([
        'provider-unauthorized',
        { status: 0, host: new URL(server.baseUrl).host, unsendable: true },
      ]);
      const message = JSON.stringify(describeError('provider-unauthorized', details as never));
      expect(message).toContain('character');
      expect(message).not.toContain('0123');
      expect((await failure(openAiCompatible.listModels(optionsWith({ apiKey }), never))).code).toBe(code);
      expect(server.calls).toEqual([]);
    },
  );

  it('loses what was copied with it and cannot be seen', async () => {
    await (await connect({ apiKey: `\ufeff\u200b ${secret}\u200b\n` })).complete(request, never);
    expect(server.completions[0]?.headers.authorization).toBe(`Bearer ${secret}`);
  });

  it('is recognized whatever it looks like', async () => {
    const apiKey = 'MyLocalPassword 1234';
    server.set({ fault: () => ({ status: 400, body: { error: { message: `no entry with ${apiKey}, sorry` } } }) });
    const { details } = await failure((await connect({ apiKey })).complete(request, never));
    expect(details).toEqual({ status: 400, said: 'no entry with •••, sorry' });
  });

  it('is not taken from the address either', async () => {
    const client = await connect({ baseUrl: server.baseUrl.replace('//', '//user:pass@') + '/?key=abc' });
    expect(client.fingerprint).not.toMatch(/pass|abc/);
    expect((await client.complete(request, never)).text).toBe('B');
  });
});
