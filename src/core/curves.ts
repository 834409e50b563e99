import type { Estimate, Summary } from './evaluation.ts';

/** What a training curve is made of: one entry for each candidate, in any order. */
export type CurveCandidate = {
  readonly id: string;
  readonly label: string;
  /** Place in the order of proposal, from 0. */
  readonly order: number;
  /** 0 for the starting prompts. */
  readonly round: number;
  /** Calls that the run had used when the last result of this candidate came in. */
  readonly callsAfter: number;
  /** Absent while nothing of it has been evaluated. */
  readonly summary?: Summary | undefined;
  /** Examples that it shows as demonstrations: it is never asked about them, and is whole without them. */
  readonly shown?: number;
};
export type CurveAxis = 'rounds' | 'calls';
export type CurveOptions = {
  /** Candidate that the others are compared with; without it, the best of the starting prompts. */
  readonly baseline?: string | undefined;
  /** Examples of the whole split; without it, the most that any candidate was asked. */
  readonly fullSize?: number | undefined;
  /**
   * Who led, from when on, in the order of time: for a search that says so. It compares prompts on a part of the examples, and whom it
   * builds on is its own decision. Without them, and before the first of them, the best is found among the candidates that
   * saw all examples.
   */
  readonly leaders?: readonly CurveLeader[] | undefined;
};
export type CurveLeader = { readonly id: string; readonly round: number; readonly calls: number };

export type CurvePoint = {
  readonly id: string;
  readonly label: string;
  readonly round: number;
  readonly calls: number;
  readonly x: number;
  readonly y: number;
  readonly lo: number;
  readonly hi: number;
  readonly n: number;
  /** Asked about a part of the examples only: shown, but never compared with whole ones. */
  readonly partial: boolean;
  /** The value is at least this much: some of its parts are lower bounds. */
  readonly bounded: boolean;
};
/** A corner of a step line; no `y`: not known from here on. */
type CurveStep = { readonly x: number; readonly y: number | undefined; readonly id: string };
export type CurveSeries = {
  /** By x. */
  readonly points: readonly CurvePoint[];
  /** The best so far, with all that is known of it by now; level until the next corner, and the last corner closes the line. */
  readonly best: readonly CurveStep[];
  readonly baseline?: number;
};
export type Curves = {
  readonly axis: CurveAxis;
  readonly accuracy: CurveSeries;
  readonly crossEntropy: CurveSeries & {
    /** All values were estimated by sampling. Where there are measured ones, estimated ones are left out: never both on one axis. */
    readonly estimated: boolean;
  };
  readonly best?: string;
  readonly baseline?: string;
};

type EstimateOf = (candidate: CurveCandidate | undefined) => (Estimate & { readonly bounded?: number }) | undefined;

const isWhole = ({ summary, shown = 0 }: CurveCandidate, fullSize: number): boolean =>
  (summary?.asked ?? 0) + shown >= fullSize;
const sizeOf = (candidates: readonly CurveCandidate[], { fullSize }: CurveOptions): number =>
  fullSize ?? Math.max(1, ...candidates.map(({ summary, shown = 0 }) => (summary ? summary.asked + shown : 0)));

/** More accurate wins; with equal accuracy the lower measured cross entropy does; else the earlier one stays. */
function beats(challenger: Summary, holder: Summary | undefined): boolean {
  if (!challenger.accuracy) return false;
  if (!holder?.accuracy) return true;
  if (challenger.accuracy.value !== holder.accuracy.value) return challenger.accuracy.value > holder.accuracy.value;
  const [mine, theirs] = [challenger.crossEntropy, holder.crossEntropy];
  return mine !== undefined && theirs !== undefined && mine.estimated === theirs.estimated && mine.value < theirs.value;
}

/** Who is the best after each candidate, in the order given. Candidates that saw only a part of the examples do not take part. */
function bestSoFar(candidates: readonly CurveCandidate[], fullSize: number): readonly (CurveCandidate | undefined)[] {
  let best: CurveCandidate | undefined;
  return candidates.map((candidate) => {
    const { summary } = candidate;
    if (summary && isWhole(candidate, fullSize) && beats(summary, best?.summary)) best = candidate;
    return best;
  });
}

/** Candidates of one round stand beside each other around the number of the round, so that their intervals stay readable. */
function placesByRound(candidates: readonly CurveCandidate[]): ReadonlyMap<string, number> {
  const rounds = new Map<number, CurveCandidate[]>();
  for (const candidate of candidates) rounds.set(candidate.round, [...(rounds.get(candidate.round) ?? []), candidate]);
  return new Map(
    [...rounds].flatMap(([round, members]) => {
      const gap = Math.min(0.16, 0.7 / Math.max(1, members.length - 1));
      return members.map(({ id }, place) => [id, round + (place - (members.length - 1) / 2) * gap] as const);
    }),
  );
}

const inOrder = (candidates: readonly CurveCandidate[]): readonly CurveCandidate[] =>
  [...candidates].sort((a, b) => a.order - b.order);

function baselineOf(
  candidates: readonly CurveCandidate[],
  fullSize: number,
  { baseline }: CurveOptions,
): CurveCandidate | undefined {
  if (baseline !== undefined) return candidates.find(({ id }) => id === baseline);
  return bestSoFar(
    candidates.filter(({ round }) => round === 0),
    fullSize,
  ).at(-1);
}

/** The training curves of a run. Pure: the same candidates give the same curves, whatever order they come in. */
export function curves(given: readonly CurveCandidate[], axis: CurveAxis, options: CurveOptions = {}): Curves {
  const ordered = inOrder(given);
  const fullSize = sizeOf(ordered, options);
  const places = placesByRound(ordered);
  const xOf = (candidate: CurveCandidate): number =>
    axis === 'calls' ? candidate.callsAfter : (places.get(candidate.id) ?? candidate.round);
  const byX = [...ordered].sort((a, b) => xOf(a) - xOf(b) || a.order - b.order);
  const named = namedLeaders(ordered, options);
  const found = bestSoFar(byX, fullSize);
  const byScore = byX.map((candidate, i): Reign => ({ leader: found[i], x: xOf(candidate) }));
  const bySearch = named?.map((reign): Reign => ({ leader: reign.leader, x: startOf(reign, axis, xOf) })) ?? [];
  // until the search names a leader for the first time, the best is the one with the best score
  const reigns = [...byScore.filter(({ x }) => x < (bySearch[0]?.x ?? Infinity)), ...bySearch];
  const end = byX.reduce((last, candidate) => Math.max(last, xOf(candidate)), -Infinity);
  const baseline = baselineOf(ordered, fullSize, options);
  const entropies = ordered.flatMap(({ summary }) => summary?.crossEntropy ?? []);
  const estimated = entropies.length > 0 && entropies.every((entropy) => entropy.estimated);

  const entropyOf: EstimateOf = (candidate) => {
    const found = candidate?.summary?.crossEntropy;
    return found?.estimated === estimated ? found : undefined;
  };
  const accuracyOf: EstimateOf = (candidate) => candidate?.summary?.accuracy;

  function series(estimateOf: EstimateOf): CurveSeries {
    const points = byX.flatMap((candidate): CurvePoint[] => {
      const { id, label, round, callsAfter: calls, summary } = candidate;
      const estimate = estimateOf(candidate);
      if (!estimate || !summary) return [];
      const { value: y, lo, hi, n } = estimate;
      const bounded = (estimate.bounded ?? 0) > 0;
      return [
        { id, label, round, calls, x: xOf(candidate), y, lo, hi, n, partial: !isWhole(candidate, fullSize), bounded },
      ];
    });
    const level = estimateOf(baseline)?.value;
    return {
      points,
      best: corners(reigns, end, estimateOf),
      ...(level === undefined ? {} : { baseline: level }),
    };
  }
  const best = reigns.at(-1)?.leader?.id;
  return {
    axis,
    accuracy: series(accuracyOf),
    crossEntropy: { ...series(entropyOf), estimated },
    ...(best === undefined ? {} : { best }),
    ...(baseline === undefined ? {} : { baseline: baseline.id }),
  };
}

type Reign = { readonly x: number; readonly leader: CurveCandidate | undefined };
type NamedReign = Omit<CurveLeader, 'id'> & { readonly leader: CurveCandidate };

/** The leaders that the search named, as far as something of them is known; undefined where it names none. */
function namedLeaders(
  candidates: readonly CurveCandidate[],
  { leaders = [] }: CurveOptions,
): readonly NamedReign[] | undefined {
  const known = new Map(candidates.map((candidate) => [candidate.id, candidate]));
  const reigns = leaders.flatMap(({ id, ...when }) => {
    const leader = known.get(id);
    return leader ? [{ leader, ...when }] : [];
  });
  return reigns.length > 0 ? reigns : undefined;
}

/** Where a reign begins: by rounds at the candidate's own place, if it was proposed in that round, so that the line meets its point. */
const startOf = (
  { leader, round, calls }: NamedReign,
  axis: CurveAxis,
  xOf: (candidate: CurveCandidate) => number,
): number => (axis === 'calls' ? calls : leader.round === round ? xOf(leader) : round);

function corners(reigns: readonly Reign[], end: number, estimateOf: EstimateOf): readonly CurveStep[] {
  const steps: CurveStep[] = [];
  let known: CurveCandidate | undefined;
  for (const { x, leader } of reigns) {
    if (!leader || leader === known) continue;
    // two changes in one round may stand in another order than their points: time does not go back
    steps.push({ x: Math.max(x, steps.at(-1)?.x ?? x), y: estimateOf(leader)?.value, id: leader.id });
    known = leader;
  }
  const last = steps.at(-1);
  if (last && end > last.x) steps.push({ ...last, x: end });
  return steps.some(({ y }) => y !== undefined) ? steps : [];
}

/** A candidate's numbers as they are read in the table beside the curve and in its export. */
export type CurveRow = {
  readonly id: string;
  readonly label: string;
  readonly order: number;
  readonly round: number;
  readonly calls: number;
  readonly asked: number;
  readonly n: number;
  readonly right: number;
  readonly partial: boolean;
  readonly accuracy?: Summary['accuracy'];
  readonly crossEntropy?: Summary['crossEntropy'];
  /** Took the lead: when it was proposed, or later where the search names its leaders. */
  readonly improved: boolean;
  /** Accuracy of the best so far (where the search names its leaders: at the end of the round), and the cross entropy of that same candidate. */
  readonly bestAccuracy?: number | undefined;
  readonly bestCrossEntropy?: number | undefined;
};

/** The table twin of the curves, in the order of proposal. */
export function curveTable(given: readonly CurveCandidate[], options: CurveOptions = {}): readonly CurveRow[] {
  const ordered = inOrder(given);
  const fullSize = sizeOf(ordered, options);
  const named = namedLeaders(ordered, options);
  const found = bestSoFar(ordered, fullSize);
  return ordered.map((candidate, i) => {
    const { id, label, order, round, callsAfter: calls, summary } = candidate;
    // a race decides at the end of a round, not prompt by prompt
    const ruling = named?.findLast((reign) => reign.round <= round)?.leader;
    const leader = ruling ?? found[i];
    return {
      ...{ id, label, order, round, calls },
      asked: summary?.asked ?? 0,
      n: summary?.n ?? 0,
      right: summary?.right ?? 0,
      partial: !isWhole(candidate, fullSize),
      accuracy: summary?.accuracy,
      crossEntropy: summary?.crossEntropy,
      improved: (!ruling && leader === candidate) || (named?.some((reign) => reign.leader === candidate) ?? false),
      bestAccuracy: leader?.summary?.accuracy?.value,
      bestCrossEntropy: leader?.summary?.crossEntropy?.value,
    };
  });
}

/** Columns of the curves as a file: shares 0…1, nats, an empty cell for what is not known. */
export const curveCsv: readonly {
  readonly name: string;
  readonly value: (row: CurveRow) => string | number | boolean | undefined;
}[] = [
  { name: 'order', value: (row) => row.order },
  { name: 'round', value: (row) => row.round },
  { name: 'calls_after', value: (row) => row.calls },
  { name: 'candidate', value: (row) => row.id },
  { name: 'label', value: (row) => row.label },
  { name: 'asked', value: (row) => row.asked },
  { name: 'answered', value: (row) => row.n },
  { name: 'right', value: (row) => row.right },
  { name: 'partial', value: (row) => row.partial },
  { name: 'accuracy', value: (row) => row.accuracy?.value },
  { name: 'accuracy_lo', value: (row) => row.accuracy?.lo },
  { name: 'accuracy_hi', value: (row) => row.accuracy?.hi },
  { name: 'cross_entropy_nats', value: (row) => row.crossEntropy?.value },
  { name: 'cross_entropy_lo', value: (row) => row.crossEntropy?.lo },
  { name: 'cross_entropy_hi', value: (row) => row.crossEntropy?.hi },
  { name: 'cross_entropy_n', value: (row) => row.crossEntropy?.n },
  { name: 'cross_entropy_bounded', value: (row) => row.crossEntropy?.bounded },
  { name: 'cross_entropy_estimated', value: (row) => row.crossEntropy?.estimated },
  { name: 'best_accuracy', value: (row) => row.bestAccuracy },
  { name: 'best_cross_entropy', value: (row) => row.bestCrossEntropy },
];
