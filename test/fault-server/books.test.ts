import { afterEach, describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import { latencyMs } from '../support/fault-server/latency.ts';
import { hintViolations, summarize } from '../support/fault-server/ledger.ts';
import { echo } from '../support/fault-server/mind.ts';
import { startRecorder } from '../support/fault-server/recorder.ts';
import { startFaultServer, type FaultServer } from '../support/fault-server/server.ts';
import type { FaultServerOptions, LedgerRow } from '../support/fault-server/types.ts';

/** What the server writes down, and that chance hangs on the seed alone. */

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of opened.splice(0)) await server.close();
});
async function serve(options: FaultServerOptions = {}): Promise<FaultServer> {
  const server = await startFaultServer({ answer: echo, ...options });
  opened.push(server);
  return server;
}
async function ask(
  server: FaultServer,
  content: string,
  more: object = {},
  key = 'sk-good-1234',
): Promise<Response | undefined> {
  try {
    const response = await fetch(`${server.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'test-model', messages: [{ role: 'user', content }], ...more }),
    });
    await response.arrayBuffer();
    return response;
  } catch {
    return undefined;
  }
}

describe('chance', () => {
  const storm: FaultServerOptions = {
    rules: [
      { name: 'reset', p: 0.1, fault: { type: 'rst-before' } },
      { name: 'busy', p: 0.2, fault: { type: 'status', status: 503 } },
      { name: 'lost', p: 0.1, fault: { type: 'close-after-generation' } },
    ],
  };
  const story = async (options: FaultServerOptions, calls: readonly string[]) => {
    const server = await serve({ ...storm, ...options });
    for (const call of calls) await ask(server, call);
    return server.ledger.map(({ body, attempt, rule, status, billed }) => ({
      asked: body?.messages[0]?.content,
      attempt,
      rule,
      status,
      billed,
    }));
  };
  const calls = Array.from({ length: 60 }, (_, n) => `call ${n % 40}`);

  it('is the same for the same seed, and another for another one', async () => {
    const [one, same, other] = [
      await story({ seed: 3 }, calls),
      await story({ seed: 3 }, calls),
      await story({ seed: 4 }, calls),
    ];
    expect(same).toEqual(one);
    expect(other).not.toEqual(one);
    expect(new Set(one.map(({ rule }) => rule)).size).toBe(4);
  });

  it('by key, hangs on the call and how often it has come, and not on the order', async () => {
    const sorted = (rows: Awaited<ReturnType<typeof story>>) =>
      rows.map((row) => JSON.stringify(row)).sort((a, b) => (a < b ? -1 : 1));
    const options = { schedule: 'by-key' } as const;
    const backwards = [...calls].reverse();
    expect(sorted(await story(options, backwards))).toEqual(sorted(await story(options, calls)));
  });

  it('meets about the share of requests that a rule names', async () => {
    const server = await serve({ rules: [{ name: 'busy', p: 0.3, fault: { type: 'status', status: 503 } }] });
    await Promise.all(Array.from({ length: 300 }, (_, n) => ask(server, `call ${n}`)));
    const met = server.ledger.filter(({ rule }) => rule === 'busy').length;
    expect(met).toBeGreaterThan(60);
    expect(met).toBeLessThan(120);
  });

  it('draws latencies with the medians that they name', () => {
    const drawn = (latency: Parameters<typeof latencyMs>[0]) =>
      Array.from({ length: 2001 }, (_, n) => latencyMs(latency, createRandom(n), n + 1)).sort((a, b) => a - b);
    const uniform = drawn({ type: 'uniform', minMs: 100, maxMs: 300 });
    expect([uniform[0], uniform.at(-1)].every((ms = 0) => ms >= 100 && ms <= 300)).toBe(true);
    expect(uniform[1000]).toBeCloseTo(200, -1.5);
    const skewed = drawn({ type: 'lognormal', medianMs: 800, sigma: 0.8, maxMs: 5000 });
    expect(Math.abs((skewed[1000] ?? 0) - 800)).toBeLessThan(60);
    expect(skewed.at(-1)).toBeLessThanOrEqual(5000);
    expect(new Set(drawn({ type: 'list', ms: [1, 2] }))).toEqual(new Set([1, 2]));
  });
});

describe('rules', () => {
  const rulesOf = async (options: FaultServerOptions, calls: readonly string[]) => {
    const server = await serve(options);
    for (const call of calls) await ask(server, call);
    return server.ledger.map(({ rule }) => rule ?? '');
  };
  const fault = { type: 'status', status: 500 } as const;

  it('first match wins; times and every count matches', async () => {
    const rules = [
      { name: 'first two', times: 2, fault },
      { name: 'each third', every: 3, fault },
    ];
    const calls = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    expect(await rulesOf({ rules }, calls)).toEqual([
      'first two',
      'first two',
      '',
      '',
      'each third',
      '',
      '',
      'each third',
    ]);
  });

  it('by key, counts for each call by itself', async () => {
    const options = { schedule: 'by-key', rules: [{ name: 'once', times: 1, fault }] } as const;
    expect(await rulesOf(options, ['a', 'b', 'a', 'b'])).toEqual(['once', 'once', '', '']);
  });

  it('look at the body, the attempt, the number, the key, the connection', async () => {
    const of = (when: NonNullable<FaultServerOptions['rules']>[number]['when']) =>
      rulesOf({ rules: [{ name: 'x', ...(when ? { when } : {}), fault }] }, ['a', 'b', 'a']);
    expect(await of({ contains: '"b"' })).toEqual(['', 'x', '']);
    expect(await of({ attempt: 2 })).toEqual(['', '', 'x']);
    expect(await of({ from: 2, to: 2 })).toEqual(['', 'x', '']);
    expect(await of({ apiKey: 'another' })).toEqual(['', '', '']);
    expect(await of({ model: 'test-model', path: '/completions', header: 'authorization', method: 'POST' })).toEqual([
      'x',
      'x',
      'x',
    ]);
    expect(await of({ afterMs: 3_600_000 })).toEqual(['', '', '']);
    expect(await of({ beforeMs: 3_600_000 })).toEqual(['x', 'x', 'x']);
  });
});

describe('keys, models and limits', () => {
  it('refuse in the words of the format', async () => {
    const server = await serve({
      keys: {
        'sk-good-1234': { quota: 1, quotaCode: 'project_spend_limit_exceeded' },
        'sk-abroad': { forbidden: 'Country not supported.' },
      },
      models: [{ id: 'test-model', contextTokens: 10, unsupported: ['seed'], topLogprobs: 5 }],
    });
    const said = async (content: string, more: object = {}, key = 'sk-good-1234') => {
      const response = await ask(server, content, more, key);
      return [response?.status, server.ledger.at(-1)?.code];
    };
    expect(await said('a', {}, 'sk-wrong')).toEqual([401, 'invalid_api_key']);
    expect(await said('a', {}, 'sk-abroad')).toEqual([403, 'permission_denied']);
    expect(await said('a', { model: 'nope' })).toEqual([404, 'model_not_found']);
    expect(await said('a', { seed: 1 })).toEqual([400, 'unsupported_parameter']);
    expect(await said('a', { logprobs: true, top_logprobs: 20 })).toEqual([400, 'unsupported_parameter']);
    expect(await said('a'.repeat(50))).toEqual([400, 'context_length_exceeded']);
    expect(await said('a')).toEqual([200, undefined]);
    expect(await said('b')).toEqual([429, 'project_spend_limit_exceeded']);
    server.set({ keys: { 'sk-good-1234': {} } });
    expect(await said('b')).toEqual([200, undefined]);
    expect(server.summary()).toMatchObject({ billed: 2, callsAfterTerminalError: 8 });
  });

  it('reject what is beyond the rate, with hints in header and body', async () => {
    const server = await serve({
      limits: { rpm: 60, rpmBurst: 2 },
      cors: { origin: '*', allowHeaders: '*', expose: ['retry-after'], missingOnStatus: [] },
    });
    const answers = await Promise.all(['a', 'b', 'c'].map((call) => ask(server, call)));
    const rejected = answers.find((answer) => answer?.status === 429);
    expect(answers.filter((answer) => answer?.status === 200)).toHaveLength(2);
    expect(rejected?.headers.get('retry-after')).toBe('1');
    const row = server.ledger.find(({ status }) => status === 429);
    expect(row).toMatchObject({ billed: false, hintReadable: true, code: 'rate_limit_exceeded' });
    expect(row?.hintMs).toBeGreaterThan(900);
    expect(row?.hintMs).toBeLessThanOrEqual(1000);
  });

  it('take CORS headers off the answers that were named', async () => {
    const server = await serve({
      cors: { origin: 'https://app.example', allowHeaders: 'content-type', expose: [], missingOnStatus: [429] },
      limits: { rpm: 60, rpmBurst: 1 },
    });
    const [good, bad] = [await ask(server, 'a'), await ask(server, 'b')];
    expect([good?.headers.get('access-control-allow-origin'), bad?.headers.get('access-control-allow-origin')]).toEqual(
      ['https://app.example', null],
    );
    const preflight = await fetch(`${server.baseUrl}/chat/completions`, { method: 'OPTIONS' });
    expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([204, 'content-type']);
  });
});

describe('the ledger', () => {
  it('has one row for each request, whatever became of it, and adds up', async () => {
    const server = await serve({
      rules: [
        { name: 'lost', when: { contains: 'lost' }, times: 1, fault: { type: 'rst-after-generation' } },
        { name: 'broken', when: { contains: 'broken' }, fault: { type: 'status', status: 500 } },
      ],
    });
    for (const call of ['a', 'b', 'a', 'lost', 'lost', 'broken']) await ask(server, call);
    await fetch(`${server.baseUrl}/models`);
    await fetch(`${server.origin}/nowhere`);
    expect(server.ledger.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(server.summary()).toMatchObject({
      calls: 6,
      billed: 5,
      uniquePaid: 3,
      extraPaid: 2,
      paidTwiceCalls: 2,
      neverDelivered: 1,
      byStatus: { 200: 4, 500: 1, reset: 1 },
      mostUnderWay: 1,
    });
    expect(server.ledger.map(({ attempt }) => attempt)).toEqual([1, 1, 2, 1, 2, 1, 1, 1]);
    expect(server.ledger[0]).toMatchObject({ keyStart: 'sk-good-', keyElsewhere: false });
    expect(server.summary().costUsd).toBeGreaterThan(0);
  });

  it('sees a key where it does not belong', async () => {
    const server = await serve();
    await ask(server, 'my key is sk-good-1234');
    expect(server.ledger[0]?.keyElsewhere).toBe(true);
  });

  it('bills what was generated although the client had gone', async () => {
    const server = await serve({ latency: { type: 'fixed', ms: 80 } });
    const left = new AbortController();
    const body = JSON.stringify({ model: 'test-model', messages: [{ role: 'user', content: 'a' }] });
    const call = fetch(`${server.baseUrl}/chat/completions`, { method: 'POST', body, signal: left.signal });
    await expect.poll(() => server.ledger.length).toBe(1);
    left.abort();
    await expect(call).rejects.toThrow();
    await expect.poll(() => server.ledger[0]).toMatchObject({ clientGone: true, billed: true, completed: false });
  });

  const row = (atMs: number, more: Partial<LedgerRow> = {}): LedgerRow => ({
    n: 0,
    atMs,
    at: atMs,
    doneAtMs: atMs + 10,
    connection: 1,
    reusedConnection: false,
    protocol: 'h1',
    method: 'POST',
    path: '/v1/chat/completions',
    attempt: 1,
    keyStart: 'sk',
    keyElsewhere: false,
    headerNames: [],
    billed: true,
    completed: true,
    clientGone: false,
    ...more,
  });

  it('knows the greatest rates and how many were under way', () => {
    const rows = [0, 100, 200, 999, 1000, 1500, 9000, 50_000].map((at) => row(at, { doneAtMs: at + 150 }));
    expect(summarize(rows)).toMatchObject({ most: { perSecond: 4, per10Seconds: 7, perMinute: 8 }, mostUnderWay: 2 });
  });

  it('finds calls that came before a refusal had said they might', () => {
    const refusal = row(0, { status: 429, hintMs: 2000, hintReadable: true });
    const others = [row(30), row(1000), row(2011), row(1000, { keyStart: 'other' })];
    expect(hintViolations([refusal, ...others])).toEqual([others[1]]);
    expect(hintViolations([{ ...refusal, hintReadable: false }, ...others])).toEqual([]);
  });
});

it('the recorder writes down whatever reaches it', async () => {
  const recorder = await startRecorder();
  opened.push(recorder);
  await fetch(`${recorder.origin}/x?y=1`, { method: 'POST', body: 'secret', headers: { authorization: 'Bearer k' } });
  expect(recorder.heard).toMatchObject([
    { method: 'POST', url: '/x?y=1', body: 'secret', headers: { authorization: 'Bearer k' } },
  ]);
});
