import type { JournalEntry, RunHead } from '#core/run.ts';

/** What a list shows of a run, from the first entry of its journal; undefined for any other entry. */
export function headFromStart({ event, at }: JournalEntry): RunHead | undefined {
  if (event.type !== 'run-started') return undefined;
  const { id, name, dataset, simulated } = event.spec;
  return { id, name, dataset: dataset.id, startedAt: at, simulated };
}
