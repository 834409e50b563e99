import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, getGlobalDispatcher, setGlobalDispatcher } from 'undici';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';

/** An hour for an answer, on a clock that is handed in: a small machine may need it, and Node's fetch gives up after five minutes. */
const hour = 3_600_000;

let server: Server;
let arrived: (response: ServerResponse) => void;
const usual = getGlobalDispatcher();

beforeAll(async () => {
  server = createServer((_, response) => arrived(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // once for all: undici goes on with the timer that it has begun with
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});
afterEach(() => setGlobalDispatcher(usual));
afterAll(() => {
  vi.useRealTimers();
  server.closeAllConnections();
  server.close();
});

/** Asks, lets an hour pass before the answer begins and another before it ends. */
async function askSlowly(): Promise<string> {
  const request = new Promise<ServerResponse>((resolve) => (arrived = resolve));
  const { port } = server.address() as AddressInfo;
  const answer = fetch(`http://127.0.0.1:${port}/`);
  const failed = answer.then(
    () => false,
    () => true,
  );
  const response = await request;
  await vi.advanceTimersByTimeAsync(hour);
  response.write('slow');
  if (await failed) return (await answer).text();
  const body = (await answer).text();
  await vi.advanceTimersByTimeAsync(hour);
  response.end(' and steady');
  return body;
}

it('waits for an answer as long as its caller does', async () => {
  await import('../../scripts/patient-fetch.mjs');
  expect(getGlobalDispatcher()).not.toBe(usual);
  expect(await askSlowly()).toBe('slow and steady');
});

it('is needed: without it, an answer that does not begin within minutes is given up', async () => {
  setGlobalDispatcher(new Agent());
  await expect(askSlowly()).rejects.toThrow('fetch failed');
});
