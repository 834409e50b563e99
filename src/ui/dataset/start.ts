import type { Dataset } from '#core/example.ts';
import type { DatasetHead } from '#core/library.ts';
import type { DatasetId } from '#core/id.ts';
import type { App } from '#state/app.svelte.ts';
import type { DraftStart } from '#state/draft-start.ts';
import { samples, type Sample } from '#state/samples.ts';

/** A file of the person's own may have the name of the sample's: its data set is not called what the sample is called. */
const isFrom = ({ file, name }: Sample, head: Pick<DatasetHead, 'source' | 'name'>): boolean =>
  head.source === file && head.name === name;

/** What was imported from this sample, if anything was. */
export const headOfSample = (app: App, sample: Sample): DatasetHead | undefined =>
  app.datasets.find((head) => isFrom(sample, head));

/** A sample brings prompts to start from, and says in better words than a guess what its rows ask for. */
export function startOf(head: Pick<DatasetHead, 'source' | 'name'>): DraftStart {
  const sample = samples.find((one) => isFrom(one, head));
  return sample ? { prompts: sample.prompts, task: { description: sample.task } } : {};
}

/** A data set from a list on screen; says so where another tab has deleted it meanwhile. */
export async function listedDataset(app: App, id: DatasetId): Promise<Dataset | undefined> {
  const dataset = await app.dataset(id);
  if (dataset) return dataset;
  const name = app.datasets.find((head) => head.id === id)?.name;
  await app.refresh();
  app.say(name === undefined ? 'This data set was deleted.' : `“${name}” was deleted in another tab.`, 'bad');
  return undefined;
}

/** Sets up a run on a data set of this browser and shows its page. */
export async function newRunOn(app: App, id: DatasetId): Promise<void> {
  const dataset = await listedDataset(app, id);
  if (dataset) await app.startDraft(dataset, startOf(dataset));
}
