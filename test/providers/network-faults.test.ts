import { afterEach, describe, expect, it } from 'vitest';
import type { CompletionRequest, ModelClient } from '#core/completion.ts';
import type { ErrorCode } from '#core/error.ts';
import { defaultsOf } from '#core/fields.ts';
import { systemClock } from '#lib/clock.ts';
import { openAiCompatible } from '#providers/openai-compatible.ts';
import { echo } from '../support/fault-server/mind.ts';
import { startRecorder } from '../support/fault-server/recorder.ts';
import { startFaultServer, type FaultServer } from '../support/fault-server/server.ts';
import type { Fault, FaultServerOptions, LedgerRow } from '../support/fault-server/types.ts';
import { failure } from './openai-setup.ts';

/** The product's client against a server that fails on the wire: what it makes of each fault, and what that costs. */

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of opened.splice(0)) await server.close();
});
async function serve(options: FaultServerOptions = {}): Promise<FaultServer> {
  const server = await startFaultServer({ answer: echo, ...options });
  opened.push(server);
  return server;
}
const apiKey = 'sk-canary-7c1e';
const connect = (baseUrl: string, timeoutSeconds = 20): Promise<ModelClient> =>
  openAiCompatible.connect(
    { ...defaultsOf(openAiCompatible.fields), baseUrl, model: 'test-model', apiKey, timeoutSeconds },
    { clock: systemClock },
  );
const request = (content: string): CompletionRequest => ({
  messages: [{ role: 'user', content }],
  maxTokens: 8,
  temperature: 0,
  seed: 1,
  topLogprobs: 0,
});
const ask = (client: ModelClient, content = 'hello') => client.complete(request(content), new AbortController().signal);

describe('one fault on the wire is one error, one request, and nothing kept', () => {
  type Row = readonly [title: string, fault: Fault, code: ErrorCode, ledger: Partial<LedgerRow>];
  const rows: readonly Row[] = [
    [
      'N04 reset before the answer on a new connection',
      { type: 'rst-before' },
      'provider-unreachable',
      { billed: false },
    ],
    ['N04 closed before the answer', { type: 'fin-before' }, 'provider-unreachable', { billed: false }],
    [
      'N06 reset after the answer was made: it was billed, and nobody can tell',
      { type: 'rst-after-generation' },
      'provider-unreachable',
      { billed: true },
    ],
    [
      'N06 closed after the answer was made',
      { type: 'close-after-generation' },
      'provider-unreachable',
      { billed: true },
    ],
    [
      'N07 reset in mid-body: nothing is kept',
      { type: 'truncate', rst: true },
      'provider-unreachable',
      { billed: true, completed: false },
    ],
    [
      'N08 a body shorter than announced',
      { type: 'truncate' },
      'provider-unreachable',
      { billed: true, completed: false },
    ],
    [
      'N09 a cut body that nobody announced: the end looks like one',
      { type: 'truncate', honest: true },
      'provider-bad-answer',
      { billed: true },
    ],
    [
      'N14 a web page in place of the API',
      { type: 'raw', body: '<!doctype html><h1>Sign in</h1>', contentType: 'text/html' },
      'provider-wrong-address',
      {},
    ],
    [
      'N18 a redirect on the same host',
      { type: 'redirect', to: '/v2/chat/completions' },
      'provider-redirects',
      { billed: false },
    ],
    [
      'R21 a success with an error in it',
      { type: 'raw', body: '{"error":{"message":"busy","code":503}}' },
      'provider-overloaded',
      {},
    ],
    ['R27 two choices', { type: 'completion', duplicateChoice: true }, 'provider-bad-answer', { billed: true }],
    ['R27 no choices', { type: 'completion', noChoices: true }, 'provider-bad-answer', { billed: true }],
    ['M07 X09 a body without an end', { type: 'endless' }, 'provider-bad-answer', {}],
  ];
  it.each(rows)('%s', async (_, fault, code, ledger) => {
    const server = await serve({ rules: [{ name: 'fault', fault }] });
    const client = await connect(server.baseUrl);
    expect((await failure(ask(client))).code).toBe(code);
    await server.settled();
    const completions = server.ledger.filter(({ method }) => method === 'POST');
    expect(completions).toHaveLength(1);
    expect(completions[0]).toMatchObject(ledger);
    server.set({ rules: [] });
    expect((await ask(client)).text).toBe('echo hello');
  });

  it('N05 a reset on a connection that was used before is not sent again by Node', async () => {
    const server = await serve();
    const client = await connect(server.baseUrl);
    await ask(client, 'warm-up');
    server.set({ rules: [{ name: 'reset', fault: { type: 'rst-before' } }] });
    expect((await failure(ask(client))).code).toBe('provider-unreachable');
    expect(server.ledger.filter(({ rule }) => rule === 'reset').filter(({ method }) => method === 'POST')).toHaveLength(
      1,
    );
  });

  it('M08 a text that is not UTF-8 is no answer', async () => {
    const server = await serve({ rules: [{ name: 'fault', fault: { type: 'invalid-utf8' } }] });
    expect((await failure(ask(await connect(server.baseUrl)))).code).toBe('provider-bad-answer');
  });

  it('a byte order mark before the JSON is no obstacle', async () => {
    const server = await serve({ rules: [{ name: 'fault', fault: { type: 'bom' } }] });
    expect((await ask(await connect(server.baseUrl))).text).toBe('echo hello');
  });
});

describe('time', () => {
  it('N10 one byte at a time: given up at the deadline, and the server sees it', async () => {
    const server = await serve({ rules: [{ name: 'slow', fault: { type: 'slow-body', bytes: 1, everyMs: 20 } }] });
    const error = await failure(ask(await connect(server.baseUrl, 0.3)));
    expect(error).toMatchObject({ code: 'provider-timeout', details: { afterMs: 300 } });
    await expect.poll(() => server.ledger[0]?.clientGone).toBe(true);
  });

  it('N11 six calls that hang for ever do not keep the seventh', async () => {
    const server = await serve({ rules: [{ name: 'hang', when: { contains: 'stuck' }, fault: { type: 'hang' } }] });
    const client = await connect(server.baseUrl, 0.5);
    const stuck = Array.from({ length: 6 }, (_, n) => failure(ask(client, `stuck ${n}`)));
    await expect.poll(() => server.ledger.length).toBe(6);
    expect((await ask(client, 'free')).text).toBe('echo free');
    expect((await Promise.all(stuck)).map(({ code }) => code)).toEqual(Array(6).fill('provider-timeout'));
    await expect.poll(() => server.ledger.filter(({ clientGone }) => clientGone)).toHaveLength(6);
  });

  it('N23 a slow line that makes progress brings its answer', async () => {
    const server = await serve({ rules: [{ name: 'slow', fault: { type: 'slow-body', bytes: 100, everyMs: 30 } }] });
    expect((await ask(await connect(server.baseUrl, 10))).text).toBe('echo hello');
  });
});

describe('places where nobody is', () => {
  it('N12 an unknown host is named', async () => {
    const error = await failure(ask(await connect('https://no-such-host.invalid/v1')));
    expect(error).toMatchObject({ code: 'provider-unreachable', details: { url: 'https://no-such-host.invalid/v1' } });
  });

  it('N13 a certificate that nobody trusts: nothing is sent, and the address is named', async () => {
    const server = await serve({ protocol: 'h2' });
    const error = await failure(ask(await connect(server.baseUrl)));
    expect(error).toMatchObject({ code: 'provider-unreachable', details: { url: server.baseUrl } });
    expect(server.ledger).toEqual([]);
  });

  it('N21 all connections are dropped with fifty calls under way: each one is told, none is sent again', async () => {
    const server = await serve({ latency: { type: 'fixed', ms: 150 } });
    const client = await connect(server.baseUrl);
    const calls = Array.from({ length: 50 }, (_, n) => failure(ask(client, `call ${n}`)));
    await expect.poll(() => server.ledger.length).toBe(50);
    server.drop();
    expect(new Set((await Promise.all(calls)).map(({ code }) => code))).toEqual(new Set(['provider-unreachable']));
    await server.settled();
    expect(server.summary()).toMatchObject({ calls: 50, billed: 50, neverDelivered: 50, extraPaid: 0 });
  });

  it('N19 X03 a redirect to another host: neither prompt nor key arrive there', async () => {
    const recorder = await startRecorder();
    opened.push(recorder);
    for (const status of [301, 302, 303, 307, 308]) {
      const server = await serve({
        rules: [{ name: 'away', fault: { type: 'redirect', to: `${recorder.origin}/v1/chat/completions`, status } }],
      });
      expect((await failure(ask(await connect(server.baseUrl), 'secret prompt'))).code).toBe('provider-redirects');
    }
    expect(recorder.heard).toEqual([]);
  });
});

describe('limits', () => {
  it('R01 R02 the wait that a refusal names, in a header or in its text, is handed on', async () => {
    const server = await serve({ limits: { rpm: 60, rpmBurst: 1, sendHeaders: false } });
    const client = await connect(server.baseUrl);
    await ask(client);
    for (const sendRetryAfter of [true, false]) {
      server.set({ limits: { ...server.config.limits, sendRetryAfter } });
      const { code, details } = await failure(ask(client));
      expect(code).toBe('provider-rate-limited');
      const { retryAfterMs = 0 } = details as { retryAfterMs?: number };
      expect(retryAfterMs).toBeGreaterThan(500);
      expect(retryAfterMs).toBeLessThanOrEqual(1000);
    }
  });
});
