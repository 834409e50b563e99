import type { CandidateId } from '#core/id.ts';
import type { SearchFact } from '#core/optimizer.ts';
import { isListening } from '#core/progress.ts';
import type { RunReport } from '#core/report.ts';
import { wilson, type Interval } from '#core/statistics/intervals.ts';
import { onlyCompares } from '#state/run-models.ts';

/** What a search that compares prompts on shared rows tells of it, as the page shows it. Pure: facts in, tables out. */

/** What one prompt scored on one rung, and how many of the shared rows it answered. */
type Lap = { readonly score: number; readonly rows: number; readonly isOut: boolean };
export type Runner = {
  readonly id: CandidateId;
  /** One for each rung of the race; a gap where it did not take part. */
  readonly laps: readonly (Lap | undefined)[];
  /** The best prompt before the race, against which the others ran. */
  readonly leads: boolean;
  /** The rung, from 1, after which the race went on without it. */
  readonly outAfter?: number;
};
export type Race = {
  /** 0: the starting prompts among themselves. */
  readonly round: number;
  /** A race may go on over rounds, a rung in each. */
  readonly lastRound: number;
  /** Several races may be run in one round: from 1. */
  readonly heat: number;
  /** Shared rows of each rung. */
  readonly rungs: readonly number[];
  /** Those that came farthest first, then by their last score. */
  readonly runners: readonly Runner[];
};

type Rung = Extract<SearchFact, { type: 'race-rung' }>;
type Heat = { readonly round: number; readonly heat: number; readonly leader: CandidateId | undefined; rungs: Rung[] };

/** All races so far, the newest first. */
export function racesOf(facts: readonly SearchFact[]): readonly Race[] {
  const heats: Heat[] = [];
  let leader: CandidateId | undefined;
  for (const fact of facts) {
    if (fact.type === 'archive-changed') leader = fact.residents[0];
    if (fact.type !== 'race-rung') continue;
    const last = heats.at(-1);
    const { round } = fact;
    const before = last?.rungs.at(-1);
    const goesOn = before?.round === round ? fact.rung > before.rung : fact.rung > 1 && fact.rung - 1 === before?.rung;
    if (last && goesOn) last.rungs.push(fact);
    else heats.push({ round, heat: last?.round === round ? last.heat + 1 : 1, leader, rungs: [fact] });
  }
  return heats.map(raceOf).reverse();
}

function raceOf({ round, heat, leader, rungs }: Heat): Race {
  const ids = [...new Set(rungs.flatMap(({ standings }) => standings.map(({ candidate }) => candidate)))];
  const runners = ids.map((id): Runner => {
    const laps = rungs.map(({ standings, out }): Lap | undefined => {
      const found = standings.find(({ candidate }) => candidate === id);
      return found && { score: found.score, rows: found.rows, isOut: out.includes(id) };
    });
    const outAt = laps.findIndex((lap) => lap?.isOut);
    return { id, laps, leads: id === leader, ...(outAt < 0 ? {} : { outAfter: outAt + 1 }) };
  });
  return {
    round,
    lastRound: rungs.at(-1)?.round ?? round,
    heat,
    rungs: rungs.map(({ rows }) => rows),
    runners: runners.sort(
      (a, b) => lastLap(b) - lastLap(a) || Number(isOut(a)) - Number(isOut(b)) || final(b) - final(a),
    ),
  };
}

const lastLap = ({ laps }: Runner): number => laps.findLastIndex((lap) => lap !== undefined);
const isOut = ({ outAfter }: Runner): boolean => outAfter !== undefined;
const final = (runner: Runner): number => runner.laps[lastLap(runner)]?.score ?? 0;

/** Whether nothing more will come of a race. */
export function isRaceOver(race: Race, report: RunReport): boolean {
  const { facts, end } = report;
  if (end) return true;
  if (race.round === 0 && facts.some((fact) => endsRound(fact, 0))) return true;
  const isDone = facts.some((fact) => fact.type === 'round-finished' && fact.round >= race.lastRound);
  return isDone && !hasNextRung(race, report);
}

/** A comparison of prompts has a rung in each round: the next one comes until one prompt is left or all train rows are known. */
function hasNextRung({ runners, rungs }: Race, report: RunReport): boolean {
  const left = runners.filter((runner) => !isOut(runner)).length;
  const known = rungs.at(-1) ?? 0;
  return onlyCompares(report.spec) && isListening(report) && left > 1 && known < report.spec.split.train.length;
}

/** Nothing is said at the end of what comes before the first round: it is over with the first archive, or when a round begins. */
export const endsRound = (fact: SearchFact, round: number): boolean =>
  round > 0
    ? fact.type === 'round-finished' && fact.round === round
    : fact.type === 'round-started' || (fact.type === 'archive-changed' && fact.round === 0);

/** Where a prompt stands in the races so far: out after so many rows, or still in one that goes on. */
export type RacePlace = { readonly outAfter: number } | 'running';

/** Of every prompt that is out or runs; who came through a race that is over is not in it. */
export function racePlacesOf(facts: readonly SearchFact[]): ReadonlyMap<CandidateId, RacePlace> {
  const places = new Map<CandidateId, RacePlace>();
  let running: readonly CandidateId[] = [];
  let round = 0;
  const settle = (): void => running.forEach((id) => places.delete(id));
  for (const fact of facts) {
    if (endsRound(fact, round)) {
      settle();
      running = [];
    }
    if (fact.type !== 'race-rung') continue;
    ({ round } = fact);
    settle();
    const ids = fact.standings.map(({ candidate }) => candidate);
    running = ids.filter((id) => !fact.out.includes(id));
    running.forEach((id) => places.set(id, 'running'));
    fact.out.forEach((id) => places.set(id, { outAfter: fact.rows }));
  }
  return places;
}

export type Resident = {
  readonly id: CandidateId;
  /** The round in which it came, the last time that it did. */
  readonly since: number;
};

/** The prompts that the search keeps to build on, the best first. */
export function archiveOf(facts: readonly SearchFact[]): readonly Resident[] {
  let archive: readonly Resident[] = [];
  for (const fact of facts)
    if (fact.type === 'archive-changed') {
      const before = archive;
      archive = fact.residents.map((id) => before.find((one) => one.id === id) ?? { id, since: fact.round });
    }
  return archive;
}

export type OperatorRecord = {
  readonly operator: string;
  readonly tried: number;
  readonly kept: number;
  /** Share that was kept, with Wilson's 95 % interval; absent before the first try. */
  readonly share?: Interval;
};

/** How often each way of writing prompts led to something that was kept, the most successful first. */
export function operatorsOf(facts: readonly SearchFact[]): readonly OperatorRecord[] {
  const tallies = facts.findLast((fact) => fact.type === 'operators-tallied')?.tallies ?? [];
  return tallies
    .map((tally): OperatorRecord => ({
      ...tally,
      ...(tally.tried > 0 ? { share: wilson(tally.kept, tally.tried) } : {}),
    }))
    .sort((a, b) => b.kept - a.kept || a.tried - b.tried || (a.operator < b.operator ? -1 : 1));
}

/** Whether there is anything of a race to show: runs of other searches have none of it. */
export const hasRace = (facts: readonly SearchFact[]): boolean =>
  facts.some(({ type }) => type === 'race-rung' || type === 'archive-changed' || type === 'operators-tallied');
