import { wrap } from '#lib/rpc.ts';
import { joinSharedWorker } from '#lib/worker.ts';
import type { HeldKeys, KeyHolder } from './key-holder.ts';
import address from './key-holder.ts?worker&url';

/** The keys that the tabs of this app share; undefined where the browser knows no shared threads. */
export function joinKeyHolder(): HeldKeys | undefined {
  const shared = joinSharedWorker(address, 'keys');
  return shared && wrap<KeyHolder>(shared.port);
}
