import { systemClock } from '#lib/clock.ts';
import { failureOf, loaded } from '#lib/loading.ts';
import { wrap } from '#lib/rpc.ts';
import { joinSharedWorker } from '#lib/worker.ts';
import type { HeldKeys, KeyHolder } from './key-holder.ts';
import address from './key-holder.ts?worker&url';

/** The app opens only then, and can do without. */
const loadMs = 10_000;

/**
 * The keys that the tabs of this app share; undefined where the browser knows no shared threads.
 * @throws Error when the thread is not loaded.
 */
export async function joinKeyHolder(clock = systemClock): Promise<HeldKeys | undefined> {
  const shared = joinSharedWorker(address, 'keys');
  if (!shared) return undefined;
  const failed = failureOf(shared);
  const holder = wrap<KeyHolder>(shared.port);
  await loaded('What holds the keys for all tabs', holder.list(), { clock, withinMs: loadMs, failed });
  return holder;
}
