import { afterEach, describe, expect, it } from 'vitest';
import { startFaultServer, type FaultServer } from '../support/fault-server/server.ts';
import { echo } from '../support/fault-server/mind.ts';
import type { Fault, FaultServerOptions } from '../support/fault-server/types.ts';
import { askH2, openH2, RawClient, type Heard } from './raw-client.ts';

const opened: FaultServer[] = [];
afterEach(async () => {
  for (const server of opened.splice(0)) await server.close();
});
async function serve(options: FaultServerOptions = {}): Promise<FaultServer> {
  const server = await startFaultServer({ answer: echo, ...options });
  opened.push(server);
  return server;
}
const withFault = (fault: Fault, options: FaultServerOptions = {}): Promise<FaultServer> =>
  serve({ rules: [{ name: 'the fault', fault }], ...options });

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};
const bodyOf = ({ text }: Heard): string => text.slice(text.lastIndexOf('\r\n\r\n') + 4);
const statusOf = ({ text }: Heard): number => Number(/^HTTP\/1.1 (\d+)/.exec(text)?.[1]);

describe('each fault, as a raw socket sees it', () => {
  type Row = readonly [name: string, fault: Fault, seen: (heard: Heard) => void, ledger: object];
  const rows: readonly Row[] = [
    [
      'rst-before',
      { type: 'rst-before' },
      ({ ended, text }) => expect([ended, text]).toEqual(['reset', '']),
      { status: 'reset', billed: false },
    ],
    [
      'fin-before',
      { type: 'fin-before' },
      ({ ended, text }) => expect([ended, text]).toEqual(['fin', '']),
      { status: 'closed', billed: false },
    ],
    [
      'hang',
      { type: 'hang' },
      ({ ended, text }) => expect([ended, text]).toEqual(['quiet', '']),
      { status: 'silence', billed: false },
    ],
    [
      'rst-after-generation',
      { type: 'rst-after-generation' },
      ({ ended, text }) => expect([ended, text]).toEqual(['reset', '']),
      { status: 'reset', billed: true, completed: false },
    ],
    [
      'close-after-generation',
      { type: 'close-after-generation' },
      ({ ended, text }) => expect([ended, text]).toEqual(['fin', '']),
      { status: 'closed', billed: true, completed: false },
    ],
    [
      'status',
      {
        type: 'status',
        status: 503,
        headers: { 'retry-after': '7' },
        body: { error: { message: 'busy', code: 'slow_down' } },
      },
      (heard) => {
        expect(statusOf(heard)).toBe(503);
        expect(heard.text).toMatch(/retry-after: 7/i);
        expect(bodyOf(heard)).toContain('slow_down');
      },
      { status: 503, billed: false, hintMs: 7000, hintReadable: false, code: 'slow_down' },
    ],
    [
      'truncate',
      { type: 'truncate', at: 0.5 },
      (heard) => {
        expect(heard.ended).toBe('fin');
        expect(Buffer.byteLength(bodyOf(heard))).toBeLessThan(Number(/content-length: (\d+)/i.exec(heard.text)?.[1]));
      },
      { status: 200, billed: true, completed: false, clientGone: false },
    ],
    [
      'truncate, honest',
      { type: 'truncate', honest: true },
      (heard) => {
        expect(heard.ended).toBe('fin');
        expect(heard.text).not.toMatch(/content-length|transfer-encoding/i);
        expect(isJson(bodyOf(heard))).toBe(false);
      },
      { status: 200, billed: true, completed: false },
    ],
    [
      'truncate, reset',
      { type: 'truncate', rst: true },
      (heard) => {
        expect(heard.ended).toBe('reset');
        expect(bodyOf(heard)).not.toBe('');
      },
      { billed: true, completed: false },
    ],
    [
      'slow-headers',
      { type: 'slow-headers', ms: 5 },
      (heard) => expect(isJson(bodyOf(heard))).toBe(true),
      { billed: true },
    ],
    [
      'slow-body',
      { type: 'slow-body', bytes: 50, everyMs: 1 },
      (heard) => expect(isJson(bodyOf(heard))).toBe(true),
      { billed: true, completed: true },
    ],
    [
      'invalid-utf8',
      { type: 'invalid-utf8' },
      ({ bytes }) => expect(bytes.includes(Buffer.from([0xff, 0xc3, 0x28]))).toBe(true),
      { billed: true },
    ],
    [
      'bom',
      { type: 'bom' },
      ({ bytes }) => expect(bytes.includes(Buffer.from([0xef, 0xbb, 0xbf, 0x7b]))).toBe(true),
      { billed: true },
    ],
    ['gzip-bad', { type: 'gzip-bad' }, ({ text }) => expect(text).toMatch(/content-encoding: gzip/i), { billed: true }],
    [
      'wrong-content-type',
      { type: 'wrong-content-type', contentType: 'text/plain' },
      ({ text }) => expect(text).toMatch(/content-type: text\/plain/i),
      {},
    ],
    [
      'raw',
      { type: 'raw', body: 'null' },
      (heard) => expect(bodyOf(heard)).toBe('null'),
      { billed: true, status: 200 },
    ],
    [
      'completion: text',
      { type: 'completion', text: 'other' },
      (heard) => expect(bodyOf(heard)).toContain('"content":"other"'),
      {},
    ],
    [
      'completion: finish',
      { type: 'completion', finish: 'length' },
      (heard) => expect(bodyOf(heard)).toContain('"finish_reason":"length"'),
      {},
    ],
    [
      'completion: refusal',
      { type: 'completion', refusal: 'No.' },
      (heard) => expect(bodyOf(heard)).toContain('"content":null,"refusal":"No."'),
      {},
    ],
    [
      'completion: no choices',
      { type: 'completion', noChoices: true },
      (heard) => expect(bodyOf(heard)).toContain('"choices":[]'),
      {},
    ],
    [
      'completion: duplicate',
      { type: 'completion', duplicateChoice: true },
      (heard) => expect(bodyOf(heard).match(/"index":0/g)).toHaveLength(2),
      {},
    ],
    [
      'completion: no usage',
      { type: 'completion', noUsage: true },
      (heard) => expect(bodyOf(heard)).not.toContain('usage'),
      { billed: true },
    ],
    [
      'completion: negative usage',
      { type: 'completion', negativeUsage: true },
      (heard) => expect(bodyOf(heard)).toMatch(/"prompt_tokens":-\d/),
      {},
    ],
    [
      'completion: other model',
      { type: 'completion', servedModel: 'm2' },
      (heard) => expect(bodyOf(heard)).toContain('"model":"m2"'),
      {},
    ],
    [
      'redirect',
      { type: 'redirect', to: 'http://127.0.0.1:1/' },
      (heard) => {
        expect(statusOf(heard)).toBe(307);
        expect(heard.text).toMatch(/location: http:\/\/127\.0\.0\.1:1\//i);
      },
      { status: 307, billed: false },
    ],
    [
      'without CORS',
      { type: 'none', withoutCors: true },
      ({ text }) => expect(text).not.toMatch(/access-control/i),
      { billed: true },
    ],
    [
      'early-hints',
      { type: 'early-hints' },
      ({ text }) => expect(text).toMatch(/^HTTP\/1.1 103[^]*HTTP\/1.1 200/),
      { billed: true },
    ],
    [
      'huge-headers',
      { type: 'huge-headers', bytes: 300_000 },
      ({ bytes }) => expect(bytes.length).toBeGreaterThan(300_000),
      {},
    ],
    [
      'endless',
      { type: 'endless' },
      ({ bytes, ended }) => expect([ended, bytes.length > 500_000]).toEqual(['quiet', true]),
      { billed: true, completed: false },
    ],
  ];

  it.each(rows)('%s', async (_, fault, seen, ledger) => {
    const server = await withFault(fault);
    const client = await RawClient.open(server.origin);
    seen(await client.ask('hello', 250));
    client.leave();
    expect(server.ledger).toHaveLength(1);
    expect(server.ledger[0]).toMatchObject({ rule: 'the fault', attempt: 1, ...ledger });
  });

  it('notes whether a connection had been used before', async () => {
    const server = await serve();
    const client = await RawClient.open(server.origin);
    await client.ask('one');
    await client.ask('two');
    client.leave();
    expect(server.ledger.map(({ connection, reusedConnection }) => [connection, reusedConnection])).toEqual([
      [1, false],
      [1, true],
    ]);
  });

  it('preflight-deny meets preflights only', async () => {
    const server = await withFault({ type: 'preflight-deny' });
    const client = await RawClient.open(server.origin);
    const preflight = await client.say('OPTIONS', '/v1/chat/completions');
    expect(statusOf(preflight)).toBe(405);
    expect(preflight.text).not.toMatch(/access-control/i);
    expect(statusOf(await client.ask('hello'))).toBe(200);
    client.leave();
  });

  it('delays come first, from the clock that was handed in', async () => {
    const slept: number[] = [];
    let now = 0;
    const clock = {
      now: () => now,
      elapsedMs: () => now,
      sleep: (ms: number) => {
        slept.push(ms);
        now += ms;
        return Promise.resolve();
      },
    };
    const server = await serve({
      clock,
      perTokenMs: 10,
      rules: [{ name: 'slow', fault: { type: 'none', delayMs: 3000 }, latency: { type: 'fixed', ms: 500 } }],
      answer: () => ({ text: 'x', usage: { inputTokens: 100, outputTokens: 7 } }),
      price: { inputUsd: 2, outputUsd: 10 },
    });
    const client = await RawClient.open(server.origin);
    await client.ask('hello');
    client.leave();
    expect(slept).toEqual([3000, 570]);
    expect(server.ledger[0]).toMatchObject({
      atMs: 0,
      headersAtMs: 3570,
      usage: { inputTokens: 100, outputTokens: 7 },
    });
    expect(server.ledger[0]?.costUsd).toBeCloseTo(0.00027, 9);
  });
});

describe('acts on the whole server', () => {
  it('drop resets every connection, also one that is in the middle of a call', async () => {
    const server = await serve({ latency: { type: 'fixed', ms: 200 } });
    const [idle, busy] = [await RawClient.open(server.origin), await RawClient.open(server.origin)];
    const answer = busy.ask('hello');
    await expect.poll(() => server.ledger.length).toBe(1);
    server.drop();
    expect((await answer).ended).toBe('reset');
    expect((await idle.ask('hello')).ended).toBe('reset');
    await expect.poll(() => server.ledger[0]).toMatchObject({ billed: true, clientGone: true, completed: false });
    expect(server.summary()).toMatchObject({ billed: 1, neverDelivered: 1 });
  });

  it('stop refuses connections until start', async () => {
    const server = await serve();
    await server.stop();
    await expect(RawClient.open(server.origin)).rejects.toThrow('ECONNREFUSED');
    await server.start();
    const client = await RawClient.open(server.origin);
    expect(statusOf(await client.ask('hello'))).toBe(200);
    client.leave();
  });

  it('pause takes requests and answers them only after resume', async () => {
    const server = await serve();
    const client = await RawClient.open(server.origin);
    server.pause();
    expect((await client.ask('one', 60)).ended).toBe('quiet');
    server.resume();
    await expect.poll(() => server.ledger[0]?.completed).toBe(true);
    client.leave();
  });

  it('orders come in over the wire as well, and stand in no ledger', async () => {
    const server = await serve();
    const order = (name: string, body?: unknown) =>
      fetch(`${server.origin}/__ctl/${name}`, body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) });
    await order('rules', [{ name: 'no', fault: { type: 'status', status: 500 } }]);
    const client = await RawClient.open(server.origin);
    expect(statusOf(await client.ask('hello'))).toBe(500);
    await order('config', { rules: [] });
    expect(statusOf(await client.ask('hello'))).toBe(200);
    expect(await (await order('summary')).json()).toMatchObject({ calls: 2, billed: 1 });
    expect(await (await order('ledger')).json()).toHaveLength(2);
    expect((await order('drop', {})).ok).toBe(true);
    expect((await client.ask('hello')).ended).toBe('reset');
    expect((await order('nonsense')).status).toBe(404);
    expect((await order('rules')).status).toBe(400);
    await order('reset', {});
    expect(server.ledger).toEqual([]);
  });
});

describe('over HTTP/2', () => {
  const cases: readonly (readonly [string, Fault, object, object])[] = [
    ['a good answer', { type: 'none' }, { status: 200, failed: false }, { billed: true, completed: true }],
    ['status', { type: 'status', status: 529 }, { status: 529 }, { billed: false, status: 529 }],
    ['rst-before', { type: 'rst-before' }, { failed: true, text: '' }, { billed: false, status: 'reset' }],
    [
      'rst-after-generation',
      { type: 'rst-after-generation' },
      { failed: true, text: '' },
      { billed: true, status: 'reset' },
    ],
    [
      'refused-stream',
      { type: 'refused-stream' },
      { failed: true, code: 7, text: '' },
      { billed: false, status: 'closed' },
    ],
    ['goaway', { type: 'goaway' }, { code: 8, text: '' }, { billed: false, status: 'closed' }],
    ['truncate', { type: 'truncate' }, { status: 200, code: 8 }, { billed: true, completed: false }],
    ['slow-body', { type: 'slow-body', bytes: 100, everyMs: 1 }, { status: 200, failed: false }, { completed: true }],
  ];
  it.each(cases)('%s', async (_, fault, seen, ledger) => {
    const server = await withFault(fault, { protocol: 'h2' });
    const session = openH2(server.origin);
    expect(await askH2(session, 'hello')).toMatchObject(seen);
    session.destroy();
    expect(server.ledger[0]).toMatchObject({ protocol: 'h2', reusedConnection: false, ...ledger });
  });

  it('many calls share one connection, and the ledger says so', async () => {
    const server = await serve({ protocol: 'h2' });
    const session = openH2(server.origin);
    await askH2(session, 'warm-up');
    const all = await Promise.all(Array.from({ length: 20 }, (_, n) => askH2(session, `call ${n}`)));
    session.destroy();
    expect(all.every(({ status }) => status === 200)).toBe(true);
    expect(new Set(server.ledger.map(({ connection }) => connection)).size).toBe(1);
    expect(server.ledger.filter(({ reusedConnection }) => reusedConnection)).toHaveLength(20);
  });
});
