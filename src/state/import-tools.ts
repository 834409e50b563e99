import { systemClock } from '#lib/clock.ts';
import type { Dataset } from '#core/example.ts';
import type { ImportTools } from './import-wizard.svelte.ts';

/** The importers and their worker, loaded with the first file that is opened. */
export async function importTools(save: (dataset: Dataset) => Promise<void>): Promise<ImportTools> {
  const [{ createImportWorker }, { guessMapping, applyMapping, columnFacts }, { guessTargetIs }] = await Promise.all([
    import('#importers/client.ts'),
    import('#importers/mapping.ts'),
    import('#importers/options.ts'),
  ]);
  return {
    worker: createImportWorker(),
    guessMapping,
    guessTargetIs,
    applyMapping,
    columnFacts,
    now: () => systemClock.now(),
    save,
  };
}
