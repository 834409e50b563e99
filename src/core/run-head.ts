import type { JournalEntry, RunHead, RunSpec } from './run.ts';

/** What a list of runs keeps of one that begins. */
export const headOf = ({ id, name, dataset, simulated }: RunSpec, startedAt: number): RunHead => ({
  id,
  name,
  dataset: dataset.id,
  startedAt,
  simulated,
});

/** The same from its journal, by the name that it has at its end; undefined where that does not begin with the start of a run. */
export function headFrom(entries: readonly JournalEntry[]): RunHead | undefined {
  const [start] = entries;
  if (start?.event.type !== 'run-started') return undefined;
  const head = headOf(start.event.spec, start.at);
  const renamed = entries.findLast(({ event }) => event.type === 'run-renamed')?.event;
  return renamed?.type === 'run-renamed' ? { ...head, name: renamed.name } : head;
}
