import type { RunId } from '#core/id.ts';
import { runLock } from '#engine/api.ts';
import type { EngineClient } from './engine-client.ts';

/** Who takes a run further: the engine of this page, that of another tab, or nobody. */
export type Driver = 'here' | 'elsewhere' | 'nobody';

export type DriverOf = (run: RunId) => Promise<Driver>;

/** An engine holds a lock alone while it drives a run, which every tab can see; one that only writes something down shares it. */
export const findDriver =
  (engine: Pick<EngineClient, 'driving'>): DriverOf =>
  async (run) => {
    if ((await engine.driving()).includes(run)) return 'here';
    const { held = [] } = await navigator.locks.query();
    return held.some(({ name, mode }) => mode === 'exclusive' && name === runLock(run)) ? 'elsewhere' : 'nobody';
  };

/** Runs that engines of other tabs drive. */
export async function drivenElsewhere(engine: Pick<EngineClient, 'driving'>): Promise<readonly RunId[]> {
  const here = await engine.driving(); // first: it waits until engines of this page that were ended hold nothing any more
  const { held = [] } = await navigator.locks.query();
  const prefix = runLock('' as RunId);
  return held
    .flatMap(({ name, mode }) =>
      mode === 'exclusive' && name?.startsWith(prefix) ? [name.slice(prefix.length) as RunId] : [],
    )
    .filter((run) => !here.includes(run));
}

/** Settles when no engine holds the run any more. Timers of a hidden page sleep; those who wait for a lock are woken. */
export async function untilUndriven(run: RunId, signal: AbortSignal): Promise<void> {
  try {
    await navigator.locks.request(runLock(run), { mode: 'shared', signal }, () => undefined);
  } catch {
    // given up, or an engine took the lock by force: whoever asked looks for himself
  }
}
