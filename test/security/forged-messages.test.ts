import { BroadcastChannel as NodeChannel, MessageChannel } from 'node:worker_threads';
import { readdir, readFile } from 'node:fs/promises';
import { afterEach, expect, it, vi } from 'vitest';
import type { RunId } from '#core/id.ts';
import { runsChannel } from '#engine/api.ts';
import { expose, wrap, type Remote } from '#lib/rpc.ts';
import { RunHints } from '#state/hints.ts';

/** Whatever another window, frame or tab sends: nothing is carried out. */

const garbage: readonly unknown[] = [
  null,
  undefined,
  1,
  'stop',
  [],
  {},
  { run: 7 },
  { run: { id: 'mine' } },
  { run: 'another' },
  { type: 'stop', run: 'mine', id: 1 },
  { id: 1, type: 'UNKNOWN', path: ['stop'], argumentList: [] },
  { id: 2, type: 'toString', path: ['constructor'] },
  { type: 'run-ended', outcome: 'finished' },
  new Map([['run', 'mine']]),
];

afterEach(() => vi.unstubAllGlobals());

it('X13: no source listens to messages that another window can send', async () => {
  const root = new URL('../../src/', import.meta.url);
  const names = (await readdir(root, { recursive: true })).filter((name) => /\.(?:ts|svelte)$/.test(name));
  expect(names.length).toBeGreaterThan(100);
  const listens = /addEventListener\(\s*['"`]message|\bonmessage\b|<svelte:window[^>]*\bon:?message/;
  expect(listens.test("addEventListener('message', hear)")).toBe(true);
  const found: string[] = [];
  for (const name of names) if (listens.test(await readFile(new URL(name, root), 'utf8'))) found.push(name);
  // the channel between tabs of this origin, which no other site can write to, and which is believed in nothing
  expect(found).toEqual(['state/hints.ts']);
});

it('X13: a forged word between tabs is at most a reason to look into the journal', async () => {
  vi.stubGlobal('BroadcastChannel', NodeChannel);
  const hints = new RunHints();
  const heard: unknown[][] = [];
  const stop = hints.on('mine' as RunId, (...given: unknown[]) => void heard.push(given));
  const forger = new NodeChannel(runsChannel);
  for (const message of garbage) forger.postMessage(message);
  forger.postMessage({ run: 'mine', entries: [{ seq: 0 }], status: 'ended' });
  await vi.waitFor(() => expect(heard.length).toBeGreaterThanOrEqual(2));
  // { type: 'stop', run: 'mine' } and the last one name the run: both are heard as “look again”, with nothing of what they say
  expect(heard).toEqual([[], []]);
  stop();
  forger.close();
});

it('X13: the engine’s end of the line carries nothing out that is no call', async () => {
  type Api = { stop(run: string): string };
  const stopped: string[] = [];
  const api: Api = {
    stop: (run) => {
      stopped.push(run);
      return 'done';
    },
  };
  const { port1, port2 } = new MessageChannel();
  const endOf = (port: typeof port1) => port as unknown as Parameters<typeof wrap>[0];
  expose(api, endOf(port1));
  for (const message of garbage) port2.postMessage(message);
  const remote: Remote<Api> = wrap<Api>(endOf(port2));
  // messages come in order: when this one is answered, all others have been heard
  expect(await remote.stop('mine')).toBe('done');
  expect(stopped).toEqual(['mine']);
  port1.close();
  port2.close();
});
