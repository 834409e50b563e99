import { wrap, type Remote } from '#lib/rpc.ts';
import { joinSharedWorker } from '#lib/worker.ts';
import type { KeyHolder } from './key-holder.ts';
import address from './key-holder.ts?worker&url';

/** The keys that the tabs of this app share; undefined where the browser knows no shared threads. */
export function joinKeyHolder(): Remote<KeyHolder> | undefined {
  const shared = joinSharedWorker(address, 'keys');
  return shared && wrap<KeyHolder>(shared.port);
}
