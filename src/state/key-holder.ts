import type { SecretEntry } from '#engine/api.ts';
import { expose } from '#lib/rpc.ts';

/**
 * A thread that all tabs of this app share and that holds keys in its memory: they outlive a reload, never reach a disk, and go with
 * the last tab. It has nothing to say to a network, so it gets none.
 */
const ways = [
  'fetch',
  'XMLHttpRequest',
  'WebSocket',
  'WebSocketStream',
  'EventSource',
  'WebTransport',
  'importScripts',
];
for (let place: object | null = globalThis; place !== null; place = Object.getPrototypeOf(place) as object | null)
  for (const way of ways) Reflect.deleteProperty(place, way);

const held = new Map<string, SecretEntry>();

const api = {
  list: (): readonly SecretEntry[] => [...held.values()],
  put: (place: string, entry: SecretEntry): void => void held.set(place, entry),
  drop: (place: string): void => void held.delete(place),
  clear: (): void => held.clear(),
};
export type KeyHolder = typeof api;
/** The same from another thread. */
export type HeldKeys = {
  readonly [Name in keyof KeyHolder]: (...given: Parameters<KeyHolder[Name]>) => Promise<ReturnType<KeyHolder[Name]>>;
};

addEventListener('connect', (event) => {
  const [port] = (event as MessageEvent).ports;
  if (port) expose(api, port);
});
