import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { defaultsOf, type Values } from '#core/fields.ts';
import type { ConnectionReport } from '#core/provider.ts';
import { isAbortError } from '#lib/abort.ts';
import { systemClock } from '#lib/clock.ts';
import { openAiCompatible } from '#providers/openai-compatible.ts';
import { startOpenAiServer, type OpenAiServer } from '../support/openai-server.ts';
import { pageFetch } from '../support/page-fetch.ts';

const never = new AbortController().signal;
const page = 'https://prompts.example';
let server: OpenAiServer;

beforeEach(async () => {
  server = await startOpenAiServer({ key: 'right' });
  vi.stubGlobal('fetch', pageFetch(page, fetch));
  vi.stubGlobal('origin', page);
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await server.close();
});

type Options = Values<typeof openAiCompatible.fields>;
const test = (more: Partial<Options> = {}, signal = never): Promise<ConnectionReport> =>
  openAiCompatible.test(
    { ...defaultsOf(openAiCompatible.fields), baseUrl: server.baseUrl, model: 'test-model', apiKey: 'right', ...more },
    { clock: systemClock },
    signal,
  );

describe('testing a connection from a page', () => {
  it('finds models, log-probabilities and the time of an answer, in one call', async () => {
    const report = await test();
    expect(report).toMatchObject({
      ok: true,
      models: ['other-model', 'test-model'],
      listed: true,
      capabilities: { topLogprobs: 20, rejected: [] },
      calls: 1,
    });
    expect(report.ok && report.latencyMs).toBeGreaterThanOrEqual(0);
    expect(server.completions).toHaveLength(1);
  });

  it('gets through to a server that allows two headers only', async () => {
    server.set({ cors: 'restricted' });
    expect(await test()).toMatchObject({ ok: true });
    const preflights = server.calls.filter(({ method }) => method === 'OPTIONS');
    expect(preflights.map(({ headers }) => headers['access-control-request-headers'])).toEqual([
      'authorization',
      'authorization,content-type',
    ]);
  });

  it('works with a server that has no list of models', async () => {
    server.set({ fault: ({ path }) => (path.endsWith('/models') ? { status: 404, html: true } : undefined) });
    expect(await test()).toMatchObject({ ok: true, models: [], listed: false });
  });

  it('tells a wrong key', async () => {
    expect(await test({ apiKey: 'wrong' })).toMatchObject({
      ok: false,
      error: { code: 'provider-unauthorized', details: { status: 401 } },
      calls: 0,
    });
  });

  it('tells a key that cannot be sent', async () => {
    const result = await test({ apiKey: 'sk-\u200b1' });
    expect(result).toMatchObject({ ok: false, error: { code: 'provider-unauthorized' }, models: [], calls: 0 });
    expect(server.calls).toEqual([]);
  });

  it('tells a wrong key where the list of models is open to all', async () => {
    server.set({
      fault: ({ path }) => (path.endsWith('/models') ? { body: { data: [{ id: 'test-model' }] } } : undefined),
    });
    expect(await test({ apiKey: 'wrong' })).toMatchObject({
      ok: false,
      error: { code: 'provider-unauthorized' },
      models: ['test-model'],
      calls: 1,
    });
  });

  it.each([
    ['without /v1', (origin: string) => origin],
    ['of the last end point', (origin: string) => `${origin}/v1/chat/completions`],
    ['with a slip in it', (origin: string) => `${origin}/v2`],
  ])('R15 tells an address %s, and which one would do', async (_, address) => {
    expect(await test({ baseUrl: address(server.origin) })).toMatchObject({
      ok: false,
      error: { code: 'provider-wrong-address', details: { status: 404, suggestion: server.baseUrl } },
    });
  });

  it('tells the address of something else', async () => {
    server.set({ fault: () => ({ html: true }) });
    const report = await test();
    expect(report).toMatchObject({ ok: false, error: { code: 'provider-wrong-address', details: { status: 200 } } });
    expect(!report.ok && report.error.details).not.toHaveProperty('suggestion');
  });

  it('tells a server that is there but does not let the page in', async () => {
    server.set({ cors: 'none' });
    expect(await test()).toMatchObject({
      ok: false,
      error: { code: 'provider-cors', details: { url: server.baseUrl, origin: page } },
    });
  });

  it('tells a server that is not there', async () => {
    const { baseUrl } = server;
    await server.close();
    expect(await test({ baseUrl })).toMatchObject({
      ok: false,
      error: { code: 'provider-unreachable', details: { url: baseUrl } },
    });
  });

  it('R14 tells an unknown model, and the known ones', async () => {
    expect(await test({ model: 'gpt-nothing' })).toMatchObject({
      ok: false,
      error: {
        code: 'provider-model-unknown',
        details: { model: 'gpt-nothing', known: ['other-model', 'test-model'] },
      },
      calls: 1,
    });
  });

  it('tells used-up credit', async () => {
    const body = { error: { message: 'You exceeded your quota.', code: 'insufficient_quota' } };
    server.set({ fault: ({ method }) => (method === 'POST' ? { status: 429, body } : undefined) });
    expect(await test()).toMatchObject({ ok: false, error: { code: 'provider-quota' } });
  });

  it('can be given up', async () => {
    server.set({ fault: () => ({ hang: true }) });
    const stop = new AbortController();
    const work = test({}, stop.signal);
    setTimeout(() => stop.abort(), 20);
    expect(isAbortError(await work.catch((reason: unknown) => reason))).toBe(true);
  });
});
