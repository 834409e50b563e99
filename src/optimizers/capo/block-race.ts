import type { ExampleId } from '#core/id.ts';
import type { Procedure } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import { rungFact } from '../parts/race.ts';
import { bestFirst } from '../parts/ranking.ts';
import type { Workbench } from '../parts/workbench.ts';
import { betterByChance } from './paired-test.ts';

export type BlockRace = {
  readonly round: number;
  /** All rows of the race in their order; blocks are cut from it. */
  readonly rows: readonly ExampleId[];
  readonly block: number;
  readonly survivors: number;
  readonly alpha: number;
  /** `best`: who is beaten by the best one leaves. `all`: who is beaten by as many as may survive (the paper). */
  readonly rivals: 'best' | 'all';
  /** The deviation has a floor, and length does not enter the test. */
  readonly carefulTest: boolean;
  /** Taken off the score of a prompt as long as the longest starting prompt; the paper: 0.05. */
  readonly penalty: number;
  /** Length that the penalty is for, in characters. */
  readonly fullLength: number;
  /** The order at the end is by the rows that survivors share, of all races; else by all rows that each ever had. */
  readonly equalRows: boolean;
};

/**
 * CAPO's race: after each block, whoever is beaten significantly on the rows so far leaves, until few enough are left or the rows end.
 * Best first, at most `survivors`. `complete`: the budget held the race.
 */
export function* raceBlocks(
  bench: Workbench,
  candidates: readonly Candidate[],
  race: BlockRace,
): Procedure<{ readonly order: readonly Candidate[]; readonly complete: boolean }> {
  let alive = candidates;
  let seen: readonly ExampleId[] = [];
  for (let rung = 1; seen.length < race.rows.length; rung++) {
    const next = race.rows.slice(0, rung * race.block);
    if (!(yield* bench.evaluate(alive, next))) {
      // where nothing was asked they stay in the order in which they came: those that have survived before stand first
      const order = seen.length === 0 ? alive.slice(0, race.survivors) : ordered(bench, alive, race);
      return { order, complete: false };
    }
    seen = next;
    const order = byRace(bench, alive, seen, race);
    const out = leaving(bench, order, seen, race);
    alive = order.filter((candidate) => !out.includes(candidate));
    yield* bench.announce(rungFact(bench, race.round, rung, seen, order, out));
    if (alive.length <= race.survivors) break;
  }
  return { order: ordered(bench, alive, race), complete: true };
}

/** Those that leave now, the worst first to go; never so many that fewer than the survivors stay. `order`: best first. */
function leaving(
  bench: Workbench,
  order: readonly Candidate[],
  rows: readonly ExampleId[],
  race: BlockRace,
): readonly Candidate[] {
  const beats = (a: Candidate, b: Candidate): boolean => {
    const handicap = race.carefulTest ? 0 : penaltyOf(a, race) - penaltyOf(b, race);
    const differences = rows.flatMap((id) => {
      const [mine, theirs] = [bench.book.grade(a.id, id), bench.book.grade(b.id, id)];
      return mine === undefined || theirs === undefined ? [] : mine - theirs - handicap;
    });
    return betterByChance(differences, race.carefulTest) < race.alpha;
  };
  const isBeaten = (candidate: Candidate): boolean => {
    const rivals = race.rivals === 'best' ? order.slice(0, 1) : order;
    const wins = rivals.filter((rival) => rival !== candidate && beats(rival, candidate)).length;
    return wins >= (race.rivals === 'best' ? 1 : race.survivors);
  };
  return [...order]
    .reverse()
    .filter(isBeaten)
    .slice(0, Math.max(0, order.length - race.survivors));
}

const penaltyOf = ({ prompt }: Candidate, { penalty, fullLength }: BlockRace): number =>
  (penalty * prompt.length) / Math.max(1, fullLength);

/** The survivors in the order in which they are kept: what earlier races told of them counts as well. */
function ordered(bench: Workbench, alive: readonly Candidate[], race: BlockRace): readonly Candidate[] {
  const { book, context } = bench;
  const rows = context.train.map(({ id }) => id);
  const score = race.equalRows ? book.leads(alive, rows) : ({ id }: Candidate) => book.mean(id)?.value ?? -1;
  return sorted(alive, race, score).slice(0, race.survivors);
}

/** By the rows of the race. A demonstration is a row less, so candidates are compared with the best one on the rows that both have. */
function byRace(
  bench: Workbench,
  candidates: readonly Candidate[],
  rows: readonly ExampleId[],
  race: BlockRace,
): readonly Candidate[] {
  const meanOf = ({ id }: Candidate): number => bench.book.mean(id, rows)?.value ?? -1;
  const [reference] = [...candidates].sort((a, b) => meanOf(b) - meanOf(a));
  if (!reference) return [];
  const level = meanOf(reference);
  return sorted(candidates, race, (candidate) => {
    if (candidate === reference) return level;
    const difference = bench.book.difference(candidate.id, reference.id, rows);
    return difference ? level + difference.value : -1;
  });
}

/** Highest score first; ties by length. The paper takes the length off the score instead. */
const sorted = (
  candidates: readonly Candidate[],
  race: BlockRace,
  scoreOf: (candidate: Candidate) => number,
): readonly Candidate[] => bestFirst(candidates, (one) => scoreOf(one) - (race.carefulTest ? 0 : penaltyOf(one, race)));
