import type { RunId } from '#core/id.ts';
import { runLock } from '#engine/api.ts';
import type { EngineClient } from './engine-client.ts';

/** Who takes a run further: the engine of this page, that of another tab, or nobody. */
export type Driver = 'here' | 'elsewhere' | 'nobody';

export type DriverOf = (run: RunId) => Promise<Driver>;

/** An engine holds a lock while it drives a run, which every tab can see. */
export const findDriver =
  (engine: Pick<EngineClient, 'driving'>): DriverOf =>
  async (run) => {
    if ((await engine.driving()).includes(run)) return 'here';
    const { held = [] } = await navigator.locks.query();
    return held.some(({ name }) => name === runLock(run)) ? 'elsewhere' : 'nobody';
  };
