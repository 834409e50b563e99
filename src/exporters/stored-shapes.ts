import * as v from 'valibot';
import type { Dataset } from '#core/example.ts';

/** What files of our own making are held to before anything of them is kept: one bad entry in a list would keep all others from being shown. */

/** Milliseconds since 1970, as far as a date can say them (ECMA-262, 21.4.1.1). */
export const Time = v.pipe(v.number(), v.minValue(-8.64e15), v.maxValue(8.64e15));
export const Texts = v.array(v.string());

/** A data set. Where it came from, what was said of it and when it came may be missing: a file made by hand need not know. */
export const StoredDataset = v.object({
  id: v.string(),
  name: v.string(),
  source: v.optional(v.string(), 'a file'),
  fields: Texts,
  notes: v.optional(v.array(v.looseObject({ code: v.string(), message: v.string() })), []),
  examples: v.array(
    v.object({
      id: v.string(),
      inputs: v.record(v.string(), v.string()),
      targets: Texts,
      choices: v.optional(Texts),
    }),
  ),
  importedAt: v.optional(Time, 0),
});

/** The data set as it is used here, with what it may lack; everything else stays as it was. */
export const completed = (dataset: unknown, { source, notes, importedAt }: v.InferOutput<typeof StoredDataset>) =>
  ({ ...(dataset as Dataset), source, notes: notes as Dataset['notes'], importedAt }) satisfies Dataset;

/** What a backup writes as it stands; its runs are read like files of one run each. */
const Stored = v.object({
  datasets: v.array(StoredDataset),
  answers: v.array(v.object({ call: v.string(), completion: v.looseObject({}) })),
});

/** What is missing, or of another kind. */
export const misfit = (issues: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): string =>
  `parts of it are missing or of another kind: ${v.getDotPath(issues[0]) ?? 'the whole'}.`;

/** The data sets of a backup, completed; what is wrong with them or with the answers, as a sentence, where something is. */
export function readStored(backup: { readonly datasets: readonly unknown[] }): readonly Dataset[] | string {
  const parsed = v.safeParse(Stored, backup);
  if (!parsed.success) return misfit(parsed.issues);
  return parsed.output.datasets.map((checked, index) => completed(backup.datasets[index], checked));
}
