import type { Dataset, Example } from '#core/example.ts';
import type { ExampleId } from '#core/id.ts';

/** The rows of a run by their id, in the order of the data set. It may have been deleted since: then the run is read without them. */
export type Rows =
  { readonly type: 'loading' | 'missing' } | { readonly type: 'there'; readonly byId: ReadonlyMap<ExampleId, Example> };

export const rowsOf = (dataset: Dataset | undefined): Rows =>
  dataset
    ? { type: 'there', byId: new Map(dataset.examples.map((example) => [example.id, example])) }
    : { type: 'missing' };
