import type { RunId } from '#core/id.ts';
import type { App } from './app.svelte.ts';

/** What a list of exports says of each. */
export type ExportFormat = { readonly id: string; readonly label: string; readonly description: string };

export async function exportFormats(): Promise<readonly ExportFormat[]> {
  // the providers too: whatever an export needs is here before the network can go
  const [{ exporters }] = await Promise.all([import('#exporters/index.ts'), import('#providers/index.ts')]);
  return Object.values(exporters);
}

/**
 * Keeps a whole run that was exported to a file and answers with its id.
 * @throws AppError `import-…` when it is no whole run.
 */
export async function openRunFile(app: Pick<App, 'addBundle'>, file: File): Promise<RunId> {
  const { readRunBundle } = await import('#exporters/index.ts');
  return app.addBundle(readRunBundle(await file.text(), file.name));
}
