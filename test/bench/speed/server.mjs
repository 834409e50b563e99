// @ts-check
// A model server in a process of its own that answers after a fixed time: `node server.mjs LATENCY_MS [MOST_IN_FLIGHT REQUESTS_IN_60_S] [h2]`.
// Prints its address as JSON. With limits it refuses by 429 with Retry-After what is over them, in the manner of a window of 60 seconds:
// the same server that the figures of the peers were taken with. Its second address, `books`, tells what it saw.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import process from 'node:process';

const [latencyMs = 200, mostInFlight = Infinity, perMinute = Infinity] = process.argv
  .slice(2)
  .filter((word) => word !== 'h2')
  .map(Number);
const isH2 = process.argv.includes('h2');

const fresh = () => ({
  ok: 0,
  rejected: 0,
  inFlight: 0,
  mostInFlight: 0,
  firstMs: 0,
  lastMs: 0,
  /** @type {number[]} */ times: [],
});
let stats = fresh();
/** @type {number[]} */
let window = [];

const cors = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'content-type, authorization',
  'access-control-expose-headers': 'retry-after',
  'access-control-max-age': '600',
};

/** @type {(request: any, response: any) => void} */
const handle = (request, response) => {
  /** @type {(status: number, body: unknown, headers?: Record<string, string>) => void} */
  const answer = (status, body, headers = {}) => {
    response.writeHead(status, { ...cors, 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
  if (request.method === 'OPTIONS') {
    response.writeHead(204, cors);
    response.end();
    return;
  }
  if (request.method === 'GET') return answer(200, { data: [{ id: 'bench' }] });
  let body = '';
  request.on('data', (/** @type {Buffer} */ chunk) => (body += chunk));
  request.on('end', () => {
    const now = performance.now();
    while (window.length > 0 && now - /** @type {number} */ (window[0]) > 60_000) window.shift();
    if (stats.inFlight >= mostInFlight || window.length >= perMinute) {
      stats.rejected += 1;
      const wait =
        stats.inFlight >= mostInFlight
          ? 1
          : Math.max(1, Math.ceil((60_000 - (now - /** @type {number} */ (window[0]))) / 1000));
      return answer(
        429,
        { error: { message: 'Rate limit reached', code: 'rate_limit_exceeded' } },
        { 'retry-after': String(wait) },
      );
    }
    window.push(now);
    stats.inFlight += 1;
    stats.mostInFlight = Math.max(stats.mostInFlight, stats.inFlight);
    stats.firstMs ||= now;
    setTimeout(() => {
      stats.inFlight -= 1;
      stats.ok += 1;
      stats.lastMs = performance.now();
      stats.times.push(stats.lastMs);
      const wanted = JSON.parse(body);
      const token = {
        token: 'yes',
        logprob: -0.1,
        top_logprobs: [
          { token: 'yes', logprob: -0.1 },
          { token: 'no', logprob: -2.4 },
        ],
      };
      answer(200, {
        id: 'x',
        object: 'chat.completion',
        model: 'bench',
        choices: [
          {
            index: 0,
            finish_reason: 'stop',
            message: { role: 'assistant', content: 'yes' },
            ...(wanted.logprobs ? { logprobs: { content: [token] } } : {}),
          },
        ],
        usage: { prompt_tokens: 50, completion_tokens: 1, total_tokens: 51 },
      });
    }, latencyMs);
  });
};

const tls = (/** @type {string} */ name) => readFileSync(new URL(`../../fixtures/tls/${name}`, import.meta.url));
const server = isH2
  ? createSecureServer(
      {
        key: tls('localhost-key.pem'),
        cert: tls('localhost-cert.pem'),
        allowHTTP1: true,
        settings: { maxConcurrentStreams: 256 },
      },
      handle,
    )
  : createServer(handle);
// figures by a door of their own, so that whoever asks for them needs no trust in the certificate
const books = createServer((request, response) => {
  if (request.url === '/reset') {
    stats = fresh();
    window = [];
  }
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ ...stats, timeOrigin: performance.timeOrigin }));
});
/** @type {(of: any) => number} */
const portOf = (of) => of.address().port;
books.listen(0, '127.0.0.1', () =>
  server.listen(0, '127.0.0.1', () =>
    console.log(
      JSON.stringify({
        origin: `${isH2 ? 'https' : 'http'}://127.0.0.1:${portOf(server)}`,
        books: `http://127.0.0.1:${portOf(books)}/stats`,
      }),
    ),
  ),
);
