import { setMaxListeners } from 'node:events';
import { canonicalJson, sha256Hex, type Json } from '#lib/hash.ts';
import { systemClock } from '#lib/clock.ts';
import { admin } from './admin.ts';
import { corsHeaders, isExposed } from './cors.ts';
import { latencyMs } from './latency.ts';
import { isCompletionRow, summarize, type Summary } from './ledger.ts';
import { KeyLimits } from './limits.ts';
import { listen, type Exchange } from './listener.ts';
import { simulatedMind } from './mind.ts';
import {
  bodyRefusal,
  completionBody,
  keyRefusal,
  modelList,
  page,
  refused,
  reservedTokensOf,
  usageOf,
} from './replies.ts';
import type { Reply } from './replies.ts';
import { chanceOf, RuleBook } from './rules.ts';
import { close, reset, send } from './send.ts';
import { defaultConfig, type Arrival, type Fault, type Rule } from './types.ts';
import type { FaultServerConfig, FaultServerOptions, LedgerRow, WireBody } from './types.ts';

export type FaultServer = {
  readonly origin: string;
  readonly baseUrl: string;
  readonly config: FaultServerConfig;
  readonly ledger: readonly LedgerRow[];
  summary(): Summary;
  /** Other behaviour from the next request on. */
  set(more: Partial<FaultServerConfig>): void;
  /** As it was at the start, with empty books, full buckets and the time at zero. */
  reset(): void;
  /** Resets every connection. */
  drop(): void;
  /** Connection refused, until `start`. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Takes requests and does nothing about them, until `resume`. */
  pause(): void;
  resume(): void;
  /** Resolves when no request is being worked on any more; one that was left hanging does not count. */
  settled(): Promise<void>;
  close(): Promise<void>;
};

const textTypes = { json: 'application/json', page: 'text/html; charset=utf-8' };

/** An OpenAI-compatible server on the loopback that keeps books on every request and misbehaves as it is told. */
export async function startFaultServer(options: FaultServerOptions = {}): Promise<FaultServer> {
  const {
    clock = systemClock,
    protocol = 'h1',
    port = 0,
    keepAliveMs = 65_000,
    maxStreams = 100,
    prefix = '/v1',
    ...given
  } = options;
  let config: FaultServerConfig = { ...defaultConfig, ...given };
  let mind = simulatedMind(config.answerKey);
  let ledger: LedgerRow[] = [];
  let rules = new RuleBook();
  let limits = new Map<string, KeyLimits>();
  let used = new Map<string, number>();
  let attempts = new Map<string, number>();
  let underWay = 0;
  let startedAt = clock.elapsedMs();
  let gate: { readonly opened: Promise<void>; open(): void } | undefined;
  const over = new AbortController();
  setMaxListeners(0, over.signal); // one for each request that waits
  const working = new Set<Promise<unknown>>();

  const nowMs = (): number => clock.elapsedMs() - startedAt;
  const sleep = (delayMs: number): Promise<void> =>
    delayMs > 0 ? clock.sleep(delayMs, over.signal) : Promise.resolve();

  const listener = await listen({ protocol, port, keepAliveMs, maxStreams }, (exchange) => {
    exchange.response.on('error', () => undefined);
    const work = serve(exchange)
      .catch(() => reset(exchange.connection))
      .finally(() => working.delete(work));
    working.add(work);
  });

  async function serve(exchange: Exchange): Promise<void> {
    const raw = await bodyOf(exchange).catch(() => undefined);
    if (raw === undefined) return; // it left in the middle of its question
    await gate?.opened;
    const path = new URL(exchange.request.url ?? '/', 'http://localhost').pathname;
    if (path.startsWith('/__ctl/')) {
      await admin(path.slice('/__ctl/'.length), raw, server, exchange, listener);
      return;
    }
    const arrival = enter(exchange, path, raw);
    const { row } = arrival;
    let isOurDoing = false;
    exchange.response.on('close', () => {
      if (!exchange.response.writableFinished && !isOurDoing) row.clientGone = true;
      row.doneAtMs ??= nowMs();
    });
    exchange.response.on('finish', () => {
      row.doneAtMs ??= nowMs();
      if (!isOurDoing) row.completed = true;
    });
    const given = config.decide?.(arrival);
    const rule: Rule | undefined = given ? { name: given.type, fault: given } : rules.find(config, arrival, nowMs());
    if (rule) row.rule = rule.name;
    const fault = rule?.fault;
    await sleep(fault?.delayMs ?? 0);

    const end = (how: 'reset' | 'closed' | 'silence'): void => {
      isOurDoing = how !== 'silence';
      row.status = how;
      if (isOurDoing) row.doneAtMs = nowMs();
    };
    if (fault && (await withoutAnswer(exchange, fault, end))) return;
    const reply = await replyTo(arrival, rule);
    if (fault?.type === 'rst-after-generation' || fault?.type === 'close-after-generation') {
      end(fault.type === 'rst-after-generation' ? 'reset' : 'closed');
      (fault.type === 'rst-after-generation' ? reset : close)(exchange.connection);
      return;
    }
    note(row, reply, fault);
    row.headersAtMs = nowMs();
    isOurDoing = fault?.type === 'truncate';
    const ended = await send(exchange, { ...outgoing(reply, fault), status: reply.status }, fault, sleep);
    if (ended !== 'sent' && fault?.type === 'truncate') row.doneAtMs = nowMs();
  }

  /** Writes the request into the ledger. */
  function enter({ connection, request, protocol }: Exchange, path: string, raw: string): Arrival {
    const { method = '', headers, url = '' } = request;
    const apiKey = (headers.authorization ?? '').replace(/^Bearer /, '');
    const { authorization: _, ...others } = headers;
    const isCompletion = method === 'POST' && path.endsWith('/chat/completions');
    const body = isCompletion ? readJson(raw) : undefined;
    const call = body === undefined ? undefined : sha256Hex(canonicalJson(body as Json));
    const attempt = (attempts.get(call ?? path) ?? 0) + 1;
    attempts.set(call ?? path, attempt);
    const row: LedgerRow = {
      n: ledger.length + 1,
      atMs: nowMs(),
      at: clock.now(),
      connection: connection.n,
      reusedConnection: connection.requests > 1,
      protocol,
      method,
      path,
      ...(call === undefined ? {} : { call }),
      ...(isWireBody(body) ? { body } : {}),
      attempt,
      keyStart: apiKey.slice(0, 8),
      keyElsewhere: apiKey !== '' && `${url}\n${raw}\n${JSON.stringify(others)}`.includes(apiKey),
      headerNames: Object.keys(headers),
      billed: false,
      completed: false,
      clientGone: false,
    };
    ledger.push(row);
    return { row, raw, apiKey, headers };
  }

  /** What the rules of the format say, the generation included. */
  async function replyTo({ row, apiKey }: Arrival, rule: Rule | undefined): Promise<Reply> {
    const fault = rule?.fault;
    if (row.method === 'OPTIONS')
      return fault?.type === 'preflight-deny' || config.cors.origin === null
        ? { status: 405, body: '' }
        : { status: 204, body: '' };
    if (fault?.type === 'status')
      return { status: fault.status, body: fault.body ?? injected(fault.status), ...headersIn(fault.headers) };
    if (fault?.type === 'redirect') return { status: fault.status ?? 307, body: '', headers: { location: fault.to } };
    const isModels = row.method === 'GET' && row.path === `${prefix}/models`;
    if (!isModels && !(isCompletionRow(row) && row.path === `${prefix}/chat/completions`))
      return { status: 404, body: page('Not found') };
    const refusal = keyRefusal(config.keys, apiKey, isModels ? 0 : (used.get(apiKey) ?? 0), nowMs());
    if (refusal) return refusal;
    if (isModels) return modelList(config.models);
    return bodyRefusal(row.body, config.models) ?? generate(row, row.body as WireBody, apiKey, rule);
  }

  async function generate(row: LedgerRow, body: WireBody, apiKey: string, rule: Rule | undefined): Promise<Reply> {
    const ofKey = limits.get(apiKey) ?? new KeyLimits({ elapsedMs: nowMs });
    limits.set(apiKey, ofKey);
    const admission = ofKey.admit(config.limits, reservedTokensOf(body), underWay, nowMs());
    if (admission.type === 'rejected') {
      const { kind, waitMs, headers } = admission;
      const hint = waitMs < 1000 ? `${Math.ceil(waitMs)}ms` : `${(Math.ceil(waitMs) / 1000).toFixed(3)}s`;
      const words = `Rate limit reached for ${body.model} (${kind}).`;
      const said = config.limits.bodyHint === false ? words : `${words} Please try again in ${hint}.`;
      return { ...refused(429, 'rate_limit_exceeded', said, { type: kind }), headers };
    }
    underWay += 1;
    try {
      const answer = await (config.answer ?? mind)(body, row.n);
      const usage = usageOf(body, answer);
      const latency = latencyMs(rule?.latency ?? config.latency, chanceOf(config, row).fork('latency'), row.n);
      await sleep(latency + config.perTokenMs * usage.outputTokens);
      used.set(apiKey, (used.get(apiKey) ?? 0) + 1);
      Object.assign(row, {
        billed: true,
        usage,
        costUsd: (usage.inputTokens * config.price.inputUsd + usage.outputTokens * config.price.outputUsd) / 1e6,
      });
      const fault = rule?.fault;
      if (fault?.type === 'raw')
        return {
          status: 200,
          body: fault.body,
          headers: { ...fault.headers, 'content-type': fault.contentType ?? textTypes.json },
        };
      const spoilt = fault?.type === 'completion' ? fault : undefined;
      const model = config.models.find(({ id }) => id === body.model);
      const withLimits = { ...spoilt, noLogprobs: spoilt?.noLogprobs ?? model?.topLogprobs === 0 };
      return {
        status: 200,
        body: completionBody(row.n, body, answer, withLimits),
        headers: { 'x-request-id': `req_${row.n}`, ...admission.headers, ...spoilt?.headers },
      };
    } finally {
      underWay -= 1;
    }
  }

  /** What a refusal said, as a client could have read it. */
  function note(row: LedgerRow, { status, body, headers = {} }: Reply, fault: Fault | undefined): void {
    row.status = status;
    if (status < 400 || row.method === 'OPTIONS') return;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const code = /"code":"([^"]+)"/.exec(text)?.[1];
    if (code !== undefined) row.code = code;
    const inBody = /try again in ([\d.]+)(ms|s)\b/.exec(text);
    const inHeader = Number(headers['retry-after-ms'] ?? Number(headers['retry-after']) * 1000);
    const bodyMs = inBody ? Number(inBody[1]) * (inBody[2] === 's' ? 1000 : 1) : undefined;
    const isLetIn = fault?.withoutCors !== true && 'access-control-allow-origin' in corsHeaders(config.cors, status);
    const inHeaders = isExposed(config.cors, 'retry-after') || isExposed(config.cors, 'retry-after-ms');
    const hintMs = bodyMs ?? (inHeader > 0 ? inHeader : undefined);
    if (hintMs !== undefined)
      Object.assign(row, { hintMs, hintReadable: isLetIn && (bodyMs !== undefined || inHeaders) });
  }

  function outgoing({ status, body, headers }: Reply, fault: Fault | undefined) {
    const isText = typeof body === 'string';
    return {
      headers: {
        ...(fault?.withoutCors || fault?.type === 'preflight-deny' ? {} : corsHeaders(config.cors, status)),
        ...(status === 204 ? {} : { 'content-type': isText ? textTypes.page : textTypes.json }),
        ...headers,
      },
      body: Buffer.from(isText ? body : JSON.stringify(body)),
    };
  }

  const server: FaultServer = {
    origin: listener.origin,
    baseUrl: `${listener.origin}${prefix}`,
    get config() {
      return config;
    },
    get ledger() {
      return ledger;
    },
    summary: () => summarize(ledger),
    set(more) {
      config = { ...config, ...more };
      if (more.answerKey) mind = simulatedMind(more.answerKey);
    },
    reset() {
      config = { ...defaultConfig, ...given };
      mind = simulatedMind(config.answerKey);
      ledger = [];
      rules = new RuleBook();
      limits = new Map();
      used = new Map();
      attempts = new Map();
      startedAt = clock.elapsedMs();
    },
    drop: () => listener.drop(),
    stop: () => listener.stop(),
    start: () => listener.start(),
    pause() {
      let open = (): void => undefined;
      const opened = new Promise<void>((resolve) => (open = resolve));
      gate ??= { opened, open };
    },
    resume() {
      gate?.open();
      gate = undefined;
    },
    async settled() {
      while (working.size > 0) await Promise.allSettled(working);
    },
    async close() {
      over.abort();
      server.resume();
      await listener.stop();
    },
  };
  return server;
}

/** Faults that send no answer at all. */
async function withoutAnswer(
  { connection, session, stream }: Exchange,
  fault: Fault,
  end: (how: 'reset' | 'closed' | 'silence') => void,
): Promise<boolean> {
  switch (fault.type) {
    case 'rst-before':
      end('reset');
      reset(connection);
      return true;
    case 'fin-before':
      end('closed');
      close(connection);
      return true;
    case 'hang':
      end('silence');
      return true;
    case 'goaway':
      end('closed');
      session?.goaway(0, 0); // “nothing of this session was worked on”
      await new Promise((resolve) => setTimeout(resolve, 20));
      session?.destroy();
      return session !== undefined;
    case 'refused-stream':
      end('closed');
      stream?.close(7); // REFUSED_STREAM
      return stream !== undefined;
    default:
      return false;
  }
}

const headersIn = (headers: Reply['headers']): Pick<Reply, 'headers'> => (headers ? { headers } : {});
const injected = (status: number): unknown => ({
  error: { message: `Injected status ${status}.`, type: 'server_error', param: null, code: null },
});

async function bodyOf({ request }: Exchange): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function readJson(raw: string): unknown {
  try {
    return JSON.parse(raw) as unknown;
  } catch {
    return undefined;
  }
}

const isWireBody = (value: unknown): value is WireBody =>
  typeof value === 'object' && value !== null && Array.isArray((value as { messages?: unknown }).messages);
