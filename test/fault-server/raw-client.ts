import { connect as connectH2, type ClientHttp2Session } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { readFileSync } from 'node:fs';

/** Clients that hide nothing: what comes over the wire, byte by byte, and how it ended. */

export type Heard = {
  readonly text: string;
  readonly bytes: Buffer;
  /** `quiet`: the connection stayed open without a word for as long as the test cared to wait. */
  readonly ended: 'fin' | 'reset' | 'open' | 'quiet';
};

/** A connection that one can speak on several times. */
export class RawClient {
  readonly #socket: Socket;
  #bytes: Buffer = Buffer.alloc(0);
  #ended: Heard['ended'] = 'open';
  #changed: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#changed();
    });
    socket.on('end', () => this.#end('fin'));
    socket.on('error', () => this.#end('reset'));
  }

  static async open(origin: string): Promise<RawClient> {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return new RawClient(socket);
  }

  #end(how: Heard['ended']): void {
    if (this.#ended === 'open') this.#ended = how;
    this.#changed();
  }

  /** Sends a completion request and hears until a whole answer came, the connection ended, or this time was over. */
  async ask(content: string, mostMs = 2000, headers: Readonly<Record<string, string>> = {}): Promise<Heard> {
    const body = JSON.stringify({ model: 'test-model', messages: [{ role: 'user', content }] });
    return this.say('POST', '/v1/chat/completions', body, mostMs, headers);
  }

  async say(
    method: string,
    path: string,
    body = '',
    mostMs = 2000,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Heard> {
    this.#bytes = Buffer.alloc(0);
    const lines = Object.entries({ host: 'x', 'content-length': String(Buffer.byteLength(body)), ...headers });
    this.#socket.write(
      `${method} ${path} HTTP/1.1\r\n${lines.map((pair) => pair.join(': ')).join('\r\n')}\r\n\r\n${body}`,
    );
    const isOver = await this.#until(() => this.#ended !== 'open' || isWhole(this.#bytes), mostMs);
    return { bytes: this.#bytes, text: this.#bytes.toString('utf8'), ended: isOver ? this.#ended : 'quiet' };
  }

  #until(isTrue: () => boolean, mostMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), mostMs);
      this.#changed = () => {
        if (!isTrue()) return;
        clearTimeout(timer);
        resolve(true);
      };
      this.#changed();
    });
  }

  leave(): void {
    this.#socket.destroy();
  }
}

function isWhole(bytes: Buffer): boolean {
  const text = bytes.subarray(0, 2000).toString('latin1');
  const head = text.indexOf('\r\n\r\n');
  const length = /content-length: (\d+)/i.exec(text.slice(0, head))?.[1];
  return head >= 0 && length !== undefined && bytes.length >= head + 4 + Number(length);
}

/** One completion over HTTP/2, as its stream saw it. */
export async function askH2(
  session: ClientHttp2Session,
  content: string,
): Promise<{ readonly status?: number; readonly text: string; readonly code: number; readonly failed: boolean }> {
  const stream = session.request({ ':method': 'POST', ':path': '/v1/chat/completions' });
  let status: number | undefined;
  let text = '';
  let failed = false;
  stream.on('response', (headers) => (status = headers[':status']));
  stream.on('error', () => (failed = true));
  stream.on('aborted', () => (failed = true));
  stream.setEncoding('utf8').on('data', (part: string) => (text += part));
  stream.end(JSON.stringify({ model: 'test-model', messages: [{ role: 'user', content }] }));
  await new Promise((resolve) => stream.on('close', resolve));
  return {
    ...(status === undefined ? {} : { status }),
    text,
    code: stream.rstCode,
    failed,
  };
}

export function openH2(origin: string): ClientHttp2Session {
  const session = connectH2(origin, {
    ca: readFileSync(new URL('../fixtures/tls/localhost-cert.pem', import.meta.url)),
  });
  session.on('error', () => undefined);
  return session;
}
