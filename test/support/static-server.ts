import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.jsonl': 'application/x-ndjson',
  '.csv': 'text/csv',
  '.md': 'text/markdown',
};

/**
 * As dumb as a static host gets: the files of one folder below a sub-path, each with its type, and not one header more. `extra` are
 * further files of the same host, by name.
 */
export async function serveFolder(
  folder: string,
  path = '/some/where/',
  extra: Readonly<Record<string, string>> = {},
): Promise<{ readonly url: string; readonly origin: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const asked = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
    const name = asked.startsWith(path) ? normalize(asked.slice(path.length) || 'index.html') : '..';
    const own = extra[name];
    const found = name.startsWith('..')
      ? Promise.reject(new Error('outside'))
      : own === undefined
        ? readFile(join(folder, name))
        : Promise.resolve(own);
    found.then(
      (bytes) =>
        response.writeHead(200, { 'content-type': types[extname(name)] ?? 'application/octet-stream' }).end(bytes),
      () => response.writeHead(404, { 'content-type': 'text/plain' }).end('There is no such file.'),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    url: `${origin}${path}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
