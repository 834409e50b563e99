import { expect, it, onTestFinished, vi } from 'vitest';
import type { RunId } from '#core/id.ts';
import { expose } from '#lib/rpc.ts';
import type { SecretEntry } from '#engine/api.ts';
import { EngineClient } from '#state/engine-client.ts';
import { FakeEngine } from '../support/fake-engine.ts';
import { makeDataset, makeSpec } from '../support/builders.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

type Started = { readonly origins: readonly string[]; readonly engine: FakeEngine; closed: boolean };

/** A page's client, and the engines that it started, in their order. */
function client(): { readonly client: EngineClient; readonly started: readonly Started[] } {
  const started: Started[] = [];
  const made = new EngineClient((origins) => {
    const engine = new FakeEngine();
    const { port1, port2 } = new MessageChannel();
    expose(engine.api(), port2);
    onTestFinished(() => {
      port1.close();
      port2.close();
    });
    const one: Started = { origins, engine, closed: false };
    started.push(one);
    return { worker: port1, close: () => (one.closed = true) };
  });
  return { client: made, started };
}

const key = (origin: string): SecretEntry => ({
  provider: 'openai-compatible',
  origin,
  values: { apiKey: `key of ${origin}` },
});
const [one, two] = ['https://one.example', 'https://two.example'];
const run = 'run-1' as RunId;

it('X18: an engine is told at its start whom it may ask, and gets the keys of those only', async () => {
  const { client: engines, started } = client();
  await engines.setSecrets([key(one), key(two)]);
  expect(started.map(({ origins, engine }) => [origins, engine.secrets])).toEqual([[[], []]]);
  engines.allow([one]);
  await engines.setSecrets([key(one), key(two)]);
  expect(started.at(-1)?.origins).toEqual([one]);
  expect(started.at(-1)?.engine.secrets).toEqual([key(one)]);
  engines.allow([one, two]);
  await engines.setSecrets([key(one), key(two)]);
  expect(started.at(-1)?.engine.secrets).toEqual([key(one), key(two)]);
  await engines.driving();
  expect(started.map(({ closed }) => closed)).toEqual([true, true, false]);
  await engines.setSecrets([]);
  expect(started, 'the same addresses need no other engine').toHaveLength(3);
});

it('a run stays where it is driven while an address is only tried, and moves along before another run begins', async () => {
  const { client: engines, started } = client();
  engines.allow([one]);
  await engines.setSecrets([]);
  const [first] = started;
  if (!first) throw new Error('No engine was started');
  first.engine.drives = [run];
  engines.allow([one, two]);
  await engines.setSecrets([]);
  expect(started).toHaveLength(2);
  expect(first.closed).toBe(false);
  expect(await engines.driving()).toEqual([run]);
  await engines.pause(run);
  expect(first.engine.told).toEqual(['pause']);
  const second = started[1]?.engine;
  await engines.start(makeSpec(makeDataset(12)));
  expect(second?.told).toEqual(['takeOver', 'start']);
  first.engine.drives = [];
  await engines.driving();
  expect(first.closed).toBe(true);
});

it('a run that cannot move along keeps no other from it, and is told of', async () => {
  const { client: engines, started } = client();
  engines.allow([one]);
  await engines.setSecrets([]);
  engines.allow([one, two]);
  if (started[0]) started[0].engine.drives = [run, 'run-2' as RunId];
  await engines.setSecrets([]);
  const second = started[1]?.engine;
  if (second) second.refuses = { code: 'run-busy', details: { run } };
  await expect(engines.start(makeSpec(makeDataset(12)))).rejects.toMatchObject({ code: 'run-busy' });
  expect(second?.told).toEqual(['takeOver', 'takeOver']);
});

it('a paused run gives the right to drive back before another begins at a new address', async () => {
  const { client: engines, started } = client();
  const waited: string[] = [];
  const request = (name: string, work: () => unknown): Promise<unknown> => {
    waited.push(name);
    expect(started[1]?.engine.told, 'not before the right is free').toEqual([]);
    return Promise.resolve(work());
  };
  vi.stubGlobal('navigator', { locks: { request, query: () => Promise.resolve({ held: [{ name: 'life 1' }] }) } });
  onTestFinished(() => void vi.unstubAllGlobals());
  engines.allow([one]);
  await engines.setSecrets([]);
  const first = started[0]?.engine;
  if (!first) throw new Error('No engine was started');
  first.live('life 1');
  first.drives = [run];
  first.tell([{ run, entries: [{ seq: 1, at: 0, event: { type: 'run-paused' } }] }]);
  await engines.driving();
  engines.allow([one, two]);
  await engines.setSecrets([]);
  await engines.start(makeSpec(makeDataset(12)));
  expect(waited).toEqual(['life 1']);
  expect(started[0]?.closed).toBe(true);
  expect(started[1]?.engine.told).toEqual(['start']);
});

it('B16: an engine that dies while it is asked is found out, and drives nothing any more', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const held = [{ name: 'life 1' }];
  vi.stubGlobal('navigator', { locks: { query: () => Promise.resolve({ held }) } });
  onTestFinished(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
  const { client: engines, started } = client();
  await engines.setSecrets([]);
  started[0]?.engine.live('life 1');
  const told: unknown[] = [];
  engines.onConditions((conditions) => told.push(conditions));
  started[0]?.engine.tellConditions({ weather: [], blocked: [] });
  await vi.waitFor(() => expect(told).toHaveLength(1));

  if (started[0]) started[0].engine.drives = new Promise(() => undefined); // it hangs
  const driving = engines.driving();
  await vi.advanceTimersByTimeAsync(2000);
  held.pop();
  await vi.advanceTimersByTimeAsync(2000);
  expect(await driving).toEqual([]);
  expect(told.length, 'its weather is gone with it').toBeGreaterThan(1);
});

it('B11: engines that were ended are waited for until the browser has freed what they held', async () => {
  const { client: engines, started } = client();
  const asked: string[] = [];
  let free = (): void => undefined;
  const held = new Promise<void>((resolve) => (free = resolve));
  const request = (name: string, work: () => unknown): Promise<unknown> => {
    asked.push(name);
    return held.then(work);
  };
  vi.stubGlobal('navigator', { locks: { request, query: () => Promise.resolve({ held: [{ name: 'life 1' }] }) } });
  onTestFinished(() => void vi.unstubAllGlobals());

  await engines.setSecrets([]);
  await vi.waitFor(() => expect(started).toHaveLength(1));
  started[0]?.engine.live('life 1');
  await engines.driving();
  await engines.end();
  expect(started[0]?.closed).toBe(true);

  let isGone = false;
  const gone = engines.driving().then(() => (isGone = true));
  await vi.waitFor(() => expect(asked).toEqual(['life 1']));
  expect(isGone).toBe(false);
  free();
  await gone;
  await engines.driving();
  expect(asked, 'it is waited for once').toEqual(['life 1']);
});

it('an engine whose script is not loaded is said to be missing, and the next call tries again', async () => {
  const clock = createVirtualClock();
  const closed: number[] = [];
  const ways = [
    { failed: Promise.resolve(new Event('error')) }, // the browser tells
    {}, // it does not
  ];
  const { port1: silent } = new MessageChannel(); // nobody listens at its other end
  const working = new MessageChannel();
  expose(new FakeEngine().api(), working.port2);
  onTestFinished(() => [silent, working.port1, working.port2].forEach((port) => port.close()));
  let count = 0;
  const engines = new EngineClient(() => {
    const number = count++;
    const way = ways[number];
    return { worker: way ? silent : working.port1, close: () => void closed.push(number), ...way };
  }, clock);
  const words = 'The engine of the app could not be loaded. Are you online?';

  await expect(engines.setSecrets([])).rejects.toThrow(words);
  const late = expect(engines.setSecrets([])).rejects.toThrow(words);
  await vi.waitFor(() => expect(clock.sleeping).toBe(1));
  await clock.advance(60_000);
  await late;
  await vi.waitFor(() => expect(closed).toEqual([0, 1]));
  await engines.setSecrets([]);
  expect([count, closed]).toEqual([3, [0, 1]]);
});
