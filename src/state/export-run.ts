import { AppError } from '#core/error.ts';
import type { Storage } from '#storage/index.ts';
import type { LiveRun } from './live-run.svelte.ts';

/** A file to be saved. */
export type ExportedFile = { readonly name: string; readonly text: string; readonly type: string };

/**
 * Text of one export of a run, and the name of its file.
 * @throws AppError `run-invalid` where a whole run is wanted and its data set was deleted
 */
export async function exportRun(storage: Storage, live: LiveRun, exporterId: string): Promise<ExportedFile> {
  const [{ exporters }, { providerOf }] = await Promise.all([
    import('#exporters/index.ts'),
    import('#providers/index.ts'),
  ]);
  const exporter = exporters[exporterId as keyof typeof exporters];
  const { report } = live;
  if (!report) throw new Error('Bug: an export before the run was loaded');
  const { id, name: datasetName } = report.spec.dataset;
  const kept = await storage.library.dataset(id);
  if (!kept && exporterId === 'run')
    throw new AppError('run-invalid', {
      problems: [`The data set “${datasetName}” was deleted; a whole run needs it.`],
      deed: 'rows',
    });
  // the other exports are made of the run alone; without the rows, their inputs stay empty
  const dataset = kept ?? { id, name: datasetName, source: '', examples: [], fields: [], notes: [], importedAt: 0 };
  const entries = await storage.journal.read(live.id);
  const text = exporter.print({ report, dataset, entries, simulated: (id) => providerOf(id)?.simulated ?? false });
  return { name: `${fileNameOf(report.spec.name)}${exporter.ending}`, text, type: exporter.mediaType };
}

const fileNameOf = (run: string): string =>
  run
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase() || 'run';
