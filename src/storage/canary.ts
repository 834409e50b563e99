import { systemClock } from '#lib/clock.ts';
import { freshSeed } from '#lib/seed.ts';
import type { Database } from './database.ts';
import { blocksOf } from './journal-keys.ts';
import { appName } from './origin.ts';

const installKey = 'storage/install';

/**
 * A few numbers in localStorage, which does not fall with the database: they tell a database that lost everything (browsers then hand
 * out an empty one without a word) from a first visit. No secret, nothing of what a person entered.
 */
export type Canary = {
  /** The same in the database, once it was written there. */
  readonly installId: string;
  readonly runs: number;
  /** At least so many entries stood in the journals. */
  readonly entries: number;
};

const keyOf = (name: string): string => (name === appName ? `${appName}.canary` : `${appName}.canary.${name}`);

/** Undefined also where there is no localStorage: in workers, in Node, with blocked cookies. */
function readCanary(name: string): Canary | undefined {
  try {
    const found = JSON.parse(localStorage.getItem(keyOf(name)) ?? 'null') as Partial<Canary> | null;
    const { installId, runs, entries } = found ?? {};
    if (typeof installId !== 'string' || typeof runs !== 'number' || typeof entries !== 'number') return undefined;
    return { installId, runs, entries };
  } catch {
    return undefined;
  }
}

export function writeCanary(name: string, canary: Canary | undefined): void {
  try {
    if (canary) localStorage.setItem(keyOf(name), JSON.stringify(canary));
    else localStorage.removeItem(keyOf(name));
  } catch {
    // not there or refused: then a loss is only told by the logs of the runs
  }
}

/** Runs that the canary knows and a database without its mark cannot have. */
export async function runsGone(name: string, database: Database): Promise<number> {
  const installed = await database.read(['settings'], ({ store }) => store.get(installKey));
  return installed === undefined ? (readCanary(name)?.runs ?? 0) : 0;
}

/** The page tells the canary what there is; kept current by `find`, and after runs come and go. Where nothing is kept, nothing is told. */
export async function updateCanary(name: string, database: Database): Promise<void> {
  if (typeof localStorage === 'undefined') return;
  const known = readCanary(name);
  const runs = await database.read(['runs'], ({ store }) => store.getAllKeys());
  if (runs.length === 0 && !known) return;
  const installId = known?.installId ?? `${systemClock.now()}-${freshSeed()}`;
  const kept = await database.write(['settings'], async ({ store }) => {
    const id = await store.get(installKey);
    if (id === undefined) await store.put(installId, installKey);
    return id ?? installId;
  });
  const ends = await database.read(['journal'], ({ store }) =>
    Promise.all(runs.map((run) => store.openKeyCursor(blocksOf(run), 'prev'))),
  );
  const entries = ends.reduce((sum, end) => sum + (end ? end.key[1] + 1 : 0), 0);
  if (typeof kept === 'string') writeCanary(name, { installId: kept, runs: runs.length, entries });
}
