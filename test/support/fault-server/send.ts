import type { Connection, Exchange } from './listener.ts';
import type { Fault } from './types.ts';

/** How an answer goes out on the wire, well or badly. */

export type Outgoing = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};
/** How it ended, for the ledger: a word where no whole answer was sent. */
export type Ended = 'sent' | 'reset' | 'closed';

export const reset = ({ socket }: Connection): 'reset' => {
  socket.resetAndDestroy();
  return 'reset';
};
export const close = ({ socket }: Connection): 'closed' => {
  socket.destroy();
  return 'closed';
};

export async function send(
  exchange: Exchange,
  outgoing: Outgoing,
  fault: Fault | undefined,
  sleep: (delayMs: number) => Promise<void>,
): Promise<Ended> {
  const { response } = exchange;
  const { status, headers } = outgoing;
  const body = spoilt(outgoing.body, fault);
  const head = { ...headers, ...headersOf(fault) };
  const whole = { ...head, 'content-length': String(body.byteLength) };
  switch (fault?.type) {
    case 'slow-headers':
      await sleep(fault.ms);
      break;
    case 'early-hints':
      response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' });
      break;
    case 'truncate':
      return truncate(exchange, outgoing.status, fault.honest ? head : whole, body, fault);
    case 'slow-body':
      response.writeHead(status, whole);
      for (let at = 0; at < body.length && !response.destroyed; at += fault.bytes) {
        if (at > 0) await sleep(fault.everyMs);
        response.write(body.subarray(at, at + fault.bytes));
      }
      response.end();
      return 'sent';
    case 'endless':
      response.writeHead(status, head);
      while (!response.destroyed) {
        response.write(Buffer.alloc(65_536, ' '));
        await sleep(2);
      }
      return 'closed';
  }
  response.writeHead(status, whole);
  response.end(body);
  return 'sent';
}

/** A share of the body, and then the end of the connection (HTTP/1.1) or of the stream (HTTP/2). */
function truncate(
  exchange: Exchange,
  status: number,
  headers: Outgoing['headers'],
  body: Buffer,
  { at = 0.5, rst = false, honest = false }: Extract<Fault, { type: 'truncate' }>,
): Promise<Ended> {
  const { response, connection, stream } = exchange;
  // without a length and without chunks, the end of the connection is the end of the body
  response.removeHeader('transfer-encoding');
  response.writeHead(status, { ...headers, connection: 'close' });
  response.write(body.subarray(0, Math.floor(body.length * at)));
  return new Promise((resolve) => {
    // what was written is given a moment to leave, or a reset would take it back
    setTimeout(() => {
      if (rst) resolve(reset(connection));
      else if (stream && honest) {
        response.end();
        resolve('closed');
      } else resolve(close(connection));
    }, 20);
  });
}

function spoilt(body: Buffer, fault: Fault | undefined): Buffer {
  switch (fault?.type) {
    case 'invalid-utf8': {
      // inside the first text of the answer, so that the JSON around it stays well formed
      const place = body.indexOf('"content":"') + '"content":"'.length;
      return Buffer.concat([body.subarray(0, place), Buffer.from([0xff, 0xc3, 0x28]), body.subarray(place)]);
    }
    case 'bom':
      return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body]);
    default:
      return body;
  }
}

function headersOf(fault: Fault | undefined): Readonly<Record<string, string>> {
  switch (fault?.type) {
    case 'gzip-bad':
      return { 'content-encoding': 'gzip' };
    case 'wrong-content-type':
      return { 'content-type': fault.contentType };
    case 'huge-headers':
      return { 'x-huge': 'a'.repeat(fault.bytes) };
    default:
      return {};
  }
}
