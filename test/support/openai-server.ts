import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { replyTo, type CallRecord, type Fault, type Mind, type ServerOptions } from './openai-replies.ts';
import { simulatedMind } from './fault-server/mind.ts';
import type { WireBody } from './fault-server/types.ts';

export type { CallRecord, Fault, ServerOptions } from './openai-replies.ts';
export type { ServerAnswer, WireBody } from './fault-server/types.ts';

/** A loopback server that speaks OpenAI's format, keeps books on every call, and can be told to misbehave. */

export type OpenAiServer = {
  readonly baseUrl: string;
  readonly origin: string;
  readonly calls: readonly CallRecord[];
  /** Completions that were sent to the end. */
  readonly finished: number;
  /** Completion requests that came in. */
  readonly completions: readonly CallRecord[];
  /** Other behaviour from the next call on. */
  set(options: Partial<ServerOptions>): void;
  reset(): void;
  close(): Promise<void>;
};

export async function startOpenAiServer(given: ServerOptions = {}): Promise<OpenAiServer> {
  let options: ServerOptions = given;
  let calls: CallRecord[] = [];
  let count = 0;
  let mind = simulatedMind(given.answerKey);

  const server = createServer((request, response) => {
    void receive(request)
      .then((raw) => {
        const path = new URL(request.url ?? '/', 'http://localhost').pathname;
        const body = request.method === 'POST' ? readBody(raw) : undefined;
        const call: CallRecord = {
          n: ++count,
          method: request.method ?? '',
          path,
          headers: request.headers,
          ...(body ? { body } : {}),
          startedAt: performance.now(),
          clientGone: false,
        };
        calls.push(call);
        response.on('close', () => {
          if (!response.writableFinished) call.clientGone = true;
        });
        response.on('finish', () => {
          call.finishedAt = performance.now();
          call.status = response.statusCode;
        });
        return answerCall(call, response, options, async (wire) => mind(wire, call.n));
      }, ignore)
      .catch((error: unknown) => {
        response.destroy(error instanceof Error ? error : undefined);
      });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const isCompletion = (call: CallRecord): boolean => call.method === 'POST' && call.path.endsWith('/chat/completions');
  return {
    origin,
    baseUrl: `${origin}${given.prefix ?? '/v1'}`,
    get calls() {
      return calls;
    },
    get completions() {
      return calls.filter(isCompletion);
    },
    get finished() {
      return calls.filter((call) => isCompletion(call) && call.status === 200 && call.finishedAt !== undefined).length;
    },
    set: (more) => {
      options = { ...options, ...more };
      if (more.answerKey) mind = simulatedMind(more.answerKey);
    },
    reset: () => {
      calls = [];
      count = 0;
      options = given;
      mind = simulatedMind(given.answerKey);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const ignore = (): undefined => undefined;

async function receive(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function readBody(raw: string): WireBody | undefined {
  try {
    return JSON.parse(raw) as WireBody;
  } catch {
    return undefined;
  }
}

function corsHeaders({ cors = 'full' }: ServerOptions): Readonly<Record<string, string>> {
  if (cors === 'none') return {};
  return {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET, POST, OPTIONS',
    'access-control-allow-headers': cors === 'full' ? '*, authorization' : 'content-type, authorization',
    ...(cors === 'full' ? { 'access-control-expose-headers': '*' } : {}),
  };
}

async function answerCall(
  call: CallRecord,
  response: ServerResponse,
  options: ServerOptions,
  mind: Mind,
): Promise<void> {
  if (call.method === 'OPTIONS') {
    response.writeHead(options.cors === 'none' ? 405 : 204, corsHeaders(options)).end();
    return;
  }
  const fault: Fault = options.fault?.(call) ?? {};
  const delayMs = (fault.delayMs ?? 0) + (options.latencyMs ?? 0);
  if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
  const reply = await replyTo(call, options, fault, mind);
  if (reply.type === 'silence') return;
  if (reply.type === 'cut') {
    response.destroy();
    return;
  }
  const isPage = typeof reply.body === 'string';
  const text = isPage ? reply.body : JSON.stringify(reply.body);
  response.writeHead(reply.status, {
    ...(fault.noCors ? {} : corsHeaders(options)),
    'content-type': isPage ? 'text/html; charset=utf-8' : 'application/json',
    'content-length': String(Buffer.byteLength(text)),
    ...reply.headers,
  });
  if (fault.drop === 'middle') response.write(text.slice(0, Math.floor(text.length / 2)), () => response.destroy());
  else response.end(text);
}
