import { describe, expect, it, vi } from 'vitest';
import type { ErrorCode } from '#core/error.ts';
import { isAbortError } from '#lib/abort.ts';
import { systemClock, type Clock } from '#lib/clock.ts';
import type { Fault } from '../support/openai-server.ts';
import { connect, failure, never, request, server, serverForEachTest } from './openai-setup.ts';

serverForEachTest();

describe('the table of failures', () => {
  const error = (message: string, code: string | null = null, type = 'x'): unknown => ({
    error: { message, code, type },
  });
  const cases: readonly [string, Fault, ErrorCode, Readonly<Record<string, unknown>>?][] = [
    ['401', { status: 401, body: error('bad key') }, 'provider-unauthorized', { status: 401 }],
    [
      '400 with a wrong key',
      { status: 400, body: error('API key not valid. Please pass one.') },
      'provider-unauthorized',
    ],
    [
      '403',
      { status: 403, body: error('Country not supported') },
      'provider-forbidden',
      { said: 'Country not supported' },
    ],
    ['402', { status: 402, body: error('Insufficient credits') }, 'provider-quota'],
    ['429 quota', { status: 429, body: error('You exceeded your quota', 'insufficient_quota') }, 'provider-quota'],
    ['429 spend limit', { status: 429, body: error('x', 'project_spend_limit_exceeded') }, 'provider-quota'],
    [
      '429 spend limit of an organization',
      { status: 429, body: error('x', 'organization_spend_limit_exceeded') },
      'provider-quota',
      { of: 'organization' },
    ],
    ['429 billing in words', { status: 429, body: error('Your credit balance is too low') }, 'provider-quota'],
    ['429', { status: 429, body: error('Slow down') }, 'provider-rate-limited', {}],
    [
      '429 seconds',
      { status: 429, body: error('x'), headers: { 'retry-after': '7' } },
      'provider-rate-limited',
      { retryAfterMs: 7000 },
    ],
    [
      '429 ms',
      { status: 429, body: error('x'), headers: { 'retry-after-ms': '50' } },
      'provider-rate-limited',
      { retryAfterMs: 50 },
    ],
    [
      '429 too long',
      { status: 429, body: error('x'), headers: { 'retry-after': '1e12' } },
      'provider-rate-limited',
      {},
    ],
    [
      '429 a day',
      { status: 429, body: error('x'), headers: { 'retry-after': '86400' } },
      'provider-rate-limited',
      { retryAfterMs: 600_000 },
    ],
    ['429 negative', { status: 429, body: error('x'), headers: { 'retry-after': '-5' } }, 'provider-rate-limited', {}],
    [
      '429 past date',
      { status: 429, body: error('x'), headers: { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' } },
      'provider-rate-limited',
      {},
    ],
    [
      '429 in words',
      { status: 429, body: error('Please try again in 1.2s.') },
      'provider-rate-limited',
      { retryAfterMs: 1200 },
    ],
    [
      '429 long words',
      { status: 429, body: error('Quota exceeded; check billing. Please retry in 6m0.5s') },
      'provider-rate-limited',
      { retryAfterMs: 360_500 },
    ],
    [
      '404 model',
      { status: 404, body: error('The model x does not exist', 'model_not_found') },
      'provider-model-unknown',
      { model: 'test-model', known: [] },
    ],
    [
      '404 model, other words',
      { status: 404, body: error('model "x" not found, try pulling it first') },
      'provider-model-unknown',
    ],
    [
      '404 model, flat',
      { status: 404, body: { object: 'error', message: 'The model `x` does not exist.' } },
      'provider-model-unknown',
    ],
    ['400 model', { status: 400, body: error('x is not a valid model ID. Invalid model.') }, 'provider-model-unknown'],
    ['404 page', { status: 404, html: true }, 'provider-wrong-address', { status: 404 }],
    ['404 JSON', { status: 404, body: { detail: 'Not Found' } }, 'provider-wrong-address'],
    ['405', { status: 405, body: '' }, 'provider-wrong-address'],
    ['200 page', { html: true }, 'provider-wrong-address', { status: 200 }],
    ['400 context', { status: 400, body: error('too much', 'context_length_exceeded') }, 'row-too-long'],
    [
      '400 context in words',
      { status: 400, body: error('the request exceeds the available context size') },
      'row-too-long',
    ],
    ['413', { status: 413, body: 'Payload Too Large' }, 'row-too-long'],
    [
      '400',
      { status: 400, body: error('Your request was flagged') },
      'row-filtered',
      { said: 'Your request was flagged' },
    ],
    ['400 content policy', { status: 400, body: error('no', 'content_policy_violation') }, 'row-filtered'],
    ['403 moderation', { status: 403, body: error('Input was flagged by moderation') }, 'row-filtered'],
    ['308', { status: 308, body: '', headers: { location: '/elsewhere' } }, 'provider-redirects'],
    [
      '400 max_tokens in mid-run',
      {
        status: 400,
        body: error("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens'.", 'unsupported_parameter'),
      },
      'provider-parameter',
      { parameter: 'max_tokens', fix: { topLogprobs: 20, rejected: ['max_tokens'] } },
    ],
    [
      '400 temperature in mid-run',
      { status: 400, body: error("'temperature' does not support 0 with this model", 'unsupported_value') },
      'provider-parameter',
      { parameter: 'temperature', fix: { topLogprobs: 20, rejected: ['temperature'] } },
    ],
    [
      '422 logprobs in mid-run',
      { status: 422, body: { detail: 'logprobs: Extra inputs are not permitted' } },
      'provider-parameter',
      { parameter: 'logprobs', fix: { topLogprobs: 0, rejected: ['logprobs'] } },
    ],
    [
      '503 with a hint',
      { status: 503, body: error('x'), headers: { 'retry-after': '9' } },
      'provider-overloaded',
      { retryAfterMs: 9000 },
    ],
    ['200 with an error beside choices', { body: { error: { message: 'cut' }, choices: [{}] } }, 'provider-bad-answer'],
    ['400 bare text', { status: 400, body: { error: 'no' } }, 'provider-rejected', { said: 'no' }],
    ['422', { status: 422, body: { detail: 'bad value' } }, 'provider-rejected', { said: 'bad value' }],
    ...[408, 409, 425].map((status): [string, Fault, ErrorCode] => [
      `R29 ${status}`,
      { status, html: true },
      'provider-overloaded',
    ]),
    [
      'R30 500 that says "do not retry"',
      { status: 500, html: true, headers: { 'x-should-retry': 'false' } },
      'provider-overloaded',
    ],
    ...[500, 502, 503, 504, 529].map((status): [string, Fault, ErrorCode] => [
      String(status),
      { status, html: true },
      'provider-overloaded',
    ]),
    ['200 without choices', { body: { id: 'x' } }, 'provider-bad-answer'],
    ['200 with no choice', { body: { choices: [] } }, 'provider-bad-answer'],
    ['200 with two choices', { body: { choices: [{}, {}] } }, 'provider-bad-answer'],
    ['200 with strange content', { body: { choices: [{ message: { content: 7 } }] } }, 'provider-bad-answer'],
    ['200 with an error', { body: { error: { message: 'oops' } } }, 'provider-bad-answer'],
    ['200 with a coded error', { body: { error: { message: 'busy', code: 503 } } }, 'provider-overloaded'],
    [
      '200 with broken JSON',
      { body: '{"choices": [', headers: { 'content-type': 'application/json' } },
      'provider-bad-answer',
    ],
    ['200 with 5 MB', { body: { choices: 'x'.repeat(5 << 20) } }, 'provider-bad-answer'],
    ['connection cut before', { drop: 'before' }, 'provider-unreachable'],
    ['connection cut in the middle', { drop: 'middle' }, 'provider-unreachable'],
  ];
  it.each(cases)('%s', async (_, fault, code, details) => {
    server.set({ fault: () => fault });
    const { code: found, details: facts } = await failure((await connect()).complete(request, never));
    expect(found).toBe(code);
    if (details && Object.keys(details).length === 0) expect(facts).toEqual({});
    else expect(facts).toMatchObject(details ?? {});
    expect(server.completions).toHaveLength(1); // nothing is sent twice behind the engine's back
  });

  it('takes a web page for a passing trouble once the server has answered well', async () => {
    const client = await connect();
    await client.complete(request, never);
    server.set({ fault: () => ({ html: true }) });
    expect((await failure(client.complete(request, never))).code).toBe('provider-bad-answer');
  });

  it('names an address where nobody listens', async () => {
    const client = await connect();
    await server.close();
    expect(await failure(client.complete(request, never))).toMatchObject({
      code: 'provider-unreachable',
      details: { url: server.baseUrl },
    });
  });

  it('gives up at the deadline, frees the connection, and says after how long', async () => {
    server.set({ fault: () => ({ hang: true }) });
    const error = await failure((await connect({ timeoutSeconds: 0.2 })).complete(request, never));
    expect(error).toMatchObject({ code: 'provider-timeout', details: { afterMs: 200 } });
    await vi.waitFor(() => expect(server.completions[0]?.clientGone).toBe(true));
  });

  it('C03 waits on after a sleep of the machine, when the timer comes much too late', async () => {
    server.set({ fault: () => ({ delayMs: 80 }) });
    let elapsed = 0;
    const sleeps: number[] = [];
    const clock: Clock = {
      now: () => 0,
      elapsedMs: () => elapsed,
      sleep: (delayMs, signal) => {
        sleeps.push(delayMs);
        elapsed += 3_600_000;
        return sleeps.length === 1 ? Promise.resolve() : systemClock.sleep(delayMs, signal);
      },
    };
    expect((await (await connect({}, { clock })).complete(request, never)).text).toBe('B');
    expect(sleeps).toEqual([300_000, 5000]);
  });

  it('passes an abort on as it is', async () => {
    server.set({ fault: () => ({ hang: true }) });
    const stop = new AbortController();
    const work = (await connect()).complete(request, stop.signal);
    setTimeout(() => stop.abort(), 30);
    const error: unknown = await work.catch((reason: unknown) => reason);
    expect(isAbortError(error)).toBe(true);
    await vi.waitFor(() => expect(server.completions[0]?.clientGone).toBe(true));
  });
});
