import { systemClock } from '#lib/clock.ts';
import type { Dataset } from '#core/example.ts';
import type { ImportTools } from './import-wizard.svelte.ts';

/** The importers and their worker, loaded with the first file that is opened. */
export async function importTools(save: (dataset: Dataset) => Promise<void>): Promise<ImportTools> {
  const [{ createImportWorker }, { guessMapping, applyMapping }] = await Promise.all([
    import('#importers/client.ts'),
    import('#importers/mapping.ts'),
  ]);
  return { worker: createImportWorker(), guessMapping, applyMapping, now: () => systemClock.now(), save };
}
