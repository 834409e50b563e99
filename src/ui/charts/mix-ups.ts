import type { Confusion } from '#core/confusion.ts';

/** One answer taken for another: in how many of the rows where it was right. */
export type MixUp = { readonly right: string; readonly read: string; readonly times: number; readonly of: number };

/** The largest mix-ups of a confusion matrix, the most frequent first; equally frequent ones stay in the order of the classes. */
export const largestMixUps = ({ classes, rows }: Confusion, most: number): readonly MixUp[] =>
  rows
    .flatMap(({ label, counts, n }, place) =>
      counts.flatMap((times, column): MixUp[] =>
        column === place || times === 0 ? [] : [{ right: label, read: classes[column] ?? '', times, of: n }],
      ),
    )
    .sort((a, b) => b.times - a.times)
    .slice(0, most);
