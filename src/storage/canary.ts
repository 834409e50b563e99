import { appName } from './origin.ts';

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
export function readCanary(name: string): Canary | undefined {
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
