import { createRandom, type Random } from '#lib/random.ts';
import { splits, type Example, type Split, type SplitIds } from './example.ts';
import { exampleId, type ExampleId } from './id.ts';
import { mostLabels } from './task.ts';

export type SplitSizes = Readonly<Record<Split, number>>;
export const noRows: SplitSizes = { train: 0, validation: 0, test: 0 };
export const sizesOf = ({ train, validation, test }: SplitIds): SplitSizes => ({
  train: train.length,
  validation: validation.length,
  test: test.length,
});
export const sameSizes = (a: SplitSizes, b: SplitSizes): boolean =>
  a.train === b.train && a.validation === b.validation && a.test === b.test;

/**
 * Sizes for a data set of n rows: three tenths each to train and to choose on, at most 60; the rest, at most 200, for the one test at
 * the end. 30 rows give 9, 9 and 12; from 320 rows on it is 60, 60 and 200.
 */
export function defaultSizes(n: number): SplitSizes {
  const train = Math.min(60, Math.max(Math.min(1, n), Math.round(n * 0.3)));
  const validation = Math.min(60, n - train, Math.round(n * 0.3));
  return { train, validation, test: Math.min(200, n - train - validation) };
}

/** So few rows that a sealed part takes more from the search than it tells. */
export const fewRows = 40;

/** The sizes without a sealed part: half to train on, half to choose on. */
export const unsealedSizes = (n: number): SplitSizes => ({
  train: Math.ceil(n / 2),
  validation: Math.floor(n / 2),
  test: 0,
});

/** Where a row may go: a split, or nowhere. */
const bins = [...splits, 'unused'] as const;
type Bin = (typeof bins)[number];
type Counts = Record<Bin, number>;
/** Rows with the same input, which never part, whatever their answers: the model would have seen the question. */
type Group = { readonly ids: readonly ExampleId[]; readonly label: string };

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * The rows that a run may use. Of rows that are equal word for word only one: the same question gets the same answer, so a copy is no
 * further evidence, and counted as such it would make chance look certain.
 */
export function distinctExamples(examples: readonly Example[]): readonly Example[] {
  const seen = new Map<string, Example>();
  for (const example of examples) {
    const key = JSON.stringify([example.inputs, example.targets, example.choices]);
    const known = seen.get(key);
    // the smallest id, so that the order of the rows does not matter
    if (!known || example.id < known.id) seen.set(key, example);
  }
  return [...seen.values()];
}

function groupsOf(examples: readonly Example[]): readonly Group[] {
  const groups = new Map<string, { ids: ExampleId[]; label: string }>();
  for (const { id, inputs, targets, choices } of [...examples].sort((a, b) => byText(a.id, b.id))) {
    const key = exampleId({ inputs, targets: [], ...(choices ? { choices } : {}) });
    const group = groups.get(key);
    if (group) group.ids.push(id);
    else groups.set(key, { ids: [id], label: targets[0] ?? '' });
  }
  return [...groups.values()];
}

const rowsIn = (groups: readonly Group[]): number => groups.reduce((sum, { ids }) => sum + ids.length, 0);

/** One stratum per label where labels come back often enough to be balanced; else one for all. */
function strataOf(groups: readonly Group[]): readonly (readonly Group[])[] {
  const strata = new Map<string, Group[]>();
  for (const group of groups) {
    const stratum = strata.get(group.label);
    if (stratum) stratum.push(group);
    else strata.set(group.label, [group]);
  }
  const few = strata.size <= mostLabels && strata.size <= groups.length / 3;
  return few ? [...strata].sort(([a], [b]) => byText(a, b)).map(([, stratum]) => stratum) : [groups];
}

/** Asked sizes, cut in proportion where there are not enough rows; what nobody asked for stays unused. */
function fittingSizes(wanted: SplitSizes, n: number): Counts {
  const asked = splits.map((split) => Math.max(0, Math.floor(wanted[split])));
  const total = asked.reduce((sum, size) => sum + size, 0);
  if (total <= n) return { ...toRecord(asked), unused: n - total };
  // Cutting at the running totals makes the parts add up to n exactly.
  const cuts = asked.map((_, i) => Math.round((asked.slice(0, i + 1).reduce((a, b) => a + b, 0) * n) / total));
  return { ...toRecord(cuts.map((cut, i) => cut - (cuts[i - 1] ?? 0))), unused: 0 };
}

const toRecord = ([train = 0, validation = 0, test = 0]: readonly number[]): Record<Split, number> => ({
  train,
  validation,
  test,
});

/**
 * How many rows of each stratum go into each bin: the exact share rounded down or up, so that strata and bins both add up. Each
 * stratum gets its whole numbers; what is left over is handed out one by one, and where a bin is full already, one that was handed
 * out earlier moves on (augmenting paths, as in bipartite matching). Such a rounding always exists.
 */
function apportion(strata: readonly number[], sizes: Counts, random: Random): readonly Counts[] {
  const n = strata.reduce((sum, size) => sum + size, 0);
  // In n-ths of a row, so that whole numbers are told from fractions without rounding errors.
  const share = (stratum: number, bin: Bin): number => (strata[stratum] ?? 0) * sizes[bin];
  const counts = strata.map((_, s) => recordOf((bin) => Math.floor(share(s, bin) / n)));
  const extra = strata.map(() => new Set<Bin>());
  const room = recordOf((bin) => sizes[bin] - counts.reduce((sum, count) => sum + count[bin], 0));
  const place = (stratum: number, tried: Set<Bin>): boolean => {
    const held = extra[stratum];
    if (!held) return false;
    for (const bin of bins) {
      const whole = share(stratum, bin) % n === 0;
      if (whole || held.has(bin) || tried.has(bin)) continue;
      tried.add(bin);
      const holder =
        room[bin] > 0
          ? undefined
          : extra.findIndex((other, s) => other.has(bin) && s !== stratum && move(s, bin, tried));
      if (holder === -1) continue;
      if (holder === undefined) room[bin] -= 1;
      held.add(bin);
      return true;
    }
    return false;
  };
  const move = (stratum: number, from: Bin, tried: Set<Bin>): boolean => {
    if (!place(stratum, tried)) return false;
    extra[stratum]?.delete(from);
    return true;
  };
  for (const s of random.shuffle([...strata.keys()])) {
    const count = counts[s] as Counts;
    const left = (strata[s] ?? 0) - bins.reduce((sum, bin) => sum + count[bin], 0);
    for (let i = 0; i < left; i++) place(s, new Set());
  }
  return counts.map((count, s) => recordOf((bin) => count[bin] + (extra[s]?.has(bin) ? 1 : 0)));
}

const recordOf = (value: (bin: Bin) => number): Counts => ({
  train: value('train'),
  validation: value('validation'),
  test: value('test'),
  unused: value('unused'),
});

/**
 * Divides examples into train, validation and test. The same for the same seed and rows, in whatever order they come; labels keep
 * their shares within one row; rows with equal inputs stay together, so sizes can miss what was asked by the size of such a group. Of
 * rows that are equal word for word only one is used.
 */
export function splitExamples(all: readonly Example[], options: SplitSizes & { readonly seed: number }): SplitIds {
  const examples = distinctExamples(all);
  const random = createRandom(options.seed).fork('split');
  const strata = strataOf(groupsOf(examples));
  const quotas = apportion(strata.map(rowsIn), fittingSizes(options, examples.length), random.fork('quotas'));
  const out: Record<Bin, ExampleId[]> = { train: [], validation: [], test: [], unused: [] };
  for (const [s, stratum] of strata.entries()) {
    const open = quotas[s] as Counts;
    // Large groups first, while there is room for them.
    const order = random
      .fork(`stratum ${s}`)
      .shuffle(stratum)
      .sort((a, b) => b.ids.length - a.ids.length);
    for (const { ids } of order) {
      const bin = bins.reduce((best, next) => (open[next] > open[best] ? next : best));
      open[bin] -= ids.length;
      out[bin].push(...ids);
    }
  }
  const mixed = (split: Split): readonly ExampleId[] => random.fork(`order ${split}`).shuffle(out[split]);
  return { train: mixed('train'), validation: mixed('validation'), test: mixed('test') };
}
