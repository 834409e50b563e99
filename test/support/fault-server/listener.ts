import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { createSecureServer, type Http2ServerRequest, type Http2Session, type Http2Stream } from 'node:http2';
import type { AddressInfo, Server, Socket } from 'node:net';

/** HTTP/1.1 or HTTP/2 on a loopback port, with a hand on each TCP connection. */

export type Connection = { readonly n: number; readonly socket: Socket; requests: number };

/** One request and the ways to answer it, good and bad, the same for both protocols. */
export type Exchange = {
  readonly protocol: 'h1' | 'h2';
  readonly connection: Connection;
  readonly request: Readable;
  readonly response: Outlet;
  /** HTTP/2 only. */
  readonly stream?: Http2Stream;
  readonly session?: Http2Session;
};
type Readable = Pick<IncomingMessage | Http2ServerRequest, 'method' | 'url' | 'headers'> & AsyncIterable<Buffer>;
/** What both kinds of response can do. */
type Outlet = {
  readonly headersSent: boolean;
  readonly writableFinished: boolean;
  readonly destroyed: boolean;
  writeHead(status: number, headers: OutgoingHttpHeaders): unknown;
  removeHeader(name: string): void;
  writeEarlyHints(hints: Record<string, string | string[]>): void;
  write(chunk: Buffer): boolean;
  end(chunk?: Buffer): unknown;
  on(event: 'close' | 'finish' | 'error', heard: () => void): unknown;
};

export type Listener = {
  readonly origin: string;
  readonly connections: ReadonlySet<Connection>;
  /** Resets every connection but this one. */
  drop(except?: Connection): void;
  /** Nobody listens any more, and all connections are reset; `start` listens at the same place again. */
  stop(): Promise<void>;
  start(): Promise<void>;
};

export type ListenerOptions = {
  readonly protocol: 'h1' | 'h2';
  readonly port: number;
  readonly keepAliveMs: number;
  readonly maxStreams: number;
};

const certificate = (part: 'key' | 'cert'): Buffer =>
  readFileSync(new URL(`../../fixtures/tls/localhost-${part}.pem`, import.meta.url));

export async function listen(options: ListenerOptions, heard: (exchange: Exchange) => void): Promise<Listener> {
  const connections = new Map<number, Connection>();
  let count = 0;
  const server: Server = options.protocol === 'h1' ? plainServer() : secureServer();
  // The TCP socket below TLS, too: only that one can be reset. It is found again by the port at its other end.
  server.on('connection', (socket: Socket) => {
    const port = socket.remotePort ?? 0;
    connections.set(port, { n: ++count, socket, requests: 0 });
    socket.on('error', () => undefined);
    socket.on('close', () => connections.delete(port));
  });
  let port = options.port;
  const start = async (): Promise<void> => {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
    port = (server.address() as AddressInfo).port;
  };
  const drop = (except?: Connection): void => {
    for (const connection of connections.values()) if (connection !== except) connection.socket.resetAndDestroy();
  };
  await start();
  return {
    origin: `${options.protocol === 'h1' ? 'http' : 'https'}://127.0.0.1:${port}`,
    get connections() {
      return new Set(connections.values());
    },
    drop,
    start,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        drop();
      }),
  };

  function begin(remotePort: number | undefined): Connection | undefined {
    const connection = connections.get(remotePort ?? 0);
    if (connection) connection.requests += 1;
    return connection;
  }

  function plainServer(): Server {
    const plain = createServer((request, response) => {
      const connection = begin(request.socket.remotePort);
      if (connection) heard({ protocol: 'h1', connection, request, response });
    });
    plain.keepAliveTimeout = options.keepAliveMs;
    plain.requestTimeout = 0;
    return plain;
  }

  function secureServer(): Server {
    const secure = createSecureServer({
      key: certificate('key'),
      cert: certificate('cert'),
      settings: { maxConcurrentStreams: options.maxStreams },
    });
    secure.on('request', (request, response) => {
      const { stream } = request;
      const { session } = stream;
      const connection = begin(session?.socket.remotePort);
      stream.on('error', () => undefined);
      if (connection && session)
        heard({ protocol: 'h2', connection, request, response: outletOf(response), stream, session });
    });
    secure.on('session', (session) => session.on('error', () => undefined));
    secure.on('sessionError', () => undefined);
    return secure;
  }
}

/** Node's HTTP/2 response, whose headers must not speak of connections. */
function outletOf(response: import('node:http2').Http2ServerResponse): Outlet {
  return {
    get headersSent() {
      return response.headersSent;
    },
    get writableFinished() {
      return response.writableFinished;
    },
    get destroyed() {
      return response.destroyed || response.stream.destroyed;
    },
    writeHead(status, { connection: _, ...headers }) {
      response.writeHead(status, headers);
    },
    removeHeader: () => undefined,
    writeEarlyHints: (hints) => response.writeEarlyHints(hints),
    write: (chunk) => response.write(chunk),
    end: (chunk) => (chunk === undefined ? response.end() : response.end(chunk)),
    on: (event, heard) => response.on(event, heard),
  };
}
