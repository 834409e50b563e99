import type { DatasetHead } from '#core/library.ts';
import type { DatasetId } from '#core/id.ts';
import type { App } from '#state/app.svelte.ts';
import type { DraftStart } from '#state/draft-start.ts';
import { samples, type Sample } from '#state/samples.ts';

/** What was imported from this sample, if anything was. */
export const headOfSample = (app: App, sample: Sample): DatasetHead | undefined =>
  app.datasets.find(({ source }) => source === sample.file);

/** A sample brings prompts to start from, and says in better words than a guess what its rows ask for. */
export function startOf({ source }: Pick<DatasetHead, 'source'>): DraftStart {
  const sample = samples.find(({ file }) => file === source);
  return sample ? { prompts: sample.prompts, task: { description: sample.task } } : {};
}

/** Sets up a run on a data set of this browser and shows its page. */
export async function newRunOn(app: App, id: DatasetId): Promise<void> {
  const dataset = await app.dataset(id);
  if (dataset) await app.startDraft(dataset, startOf(dataset));
}
