import { describe, expect, it } from 'vitest';
import type { CandidateId } from '#core/id.ts';
import type { SearchFact } from '#core/optimizer.ts';
import { archiveOf, hasRace, isRaceOver, operatorsOf, racesOf } from '#ui/run/race.ts';
import { finishedRun, HandMadeRun, start } from '../support/hand-made-run.ts';
import { raceRun } from '../support/race-run.ts';

const [a, b, c] = ['a', 'b', 'c'] as CandidateId[] as [CandidateId, CandidateId, CandidateId];
const rung = (
  round: number,
  number: number,
  rows: number,
  scores: readonly (readonly [CandidateId, number])[],
  out: readonly CandidateId[] = [],
): SearchFact => ({
  type: 'race-rung',
  round,
  rung: number,
  rows,
  standings: scores.map(([candidate, score]) => ({ candidate, score, rows })),
  out,
});
const keeps = (round: number, ...residents: readonly CandidateId[]): SearchFact => ({
  type: 'archive-changed',
  round,
  residents,
});

describe('races', () => {
  it('are laid out by prompt and rung: who was compared on how many rows, and after which rung it went out', () => {
    const [race] = racesOf([
      keeps(0, a),
      rung(
        1,
        1,
        5,
        [
          [b, 0.8],
          [a, 0.6],
          [c, 0.2],
        ],
        [c],
      ),
      rung(
        1,
        2,
        10,
        [
          [a, 0.7],
          [b, 0.6],
        ],
        [b],
      ),
    ]);
    expect(race).toMatchObject({ round: 1, heat: 1, rungs: [5, 10] });
    expect(race?.runners.map(({ id, leads, outAfter }) => [id, leads, outAfter])).toEqual([
      [a, true, undefined],
      [b, false, 2],
      [c, false, 1],
    ]);
    expect(race?.runners[2]?.laps).toEqual([{ score: 0.2, rows: 5, isOut: true }, undefined]);
  });

  it('go on over rounds where each round is one rung of them', () => {
    const races = racesOf([
      rung(1, 1, 8, [[a, 0.6]], [b]),
      keeps(1, a),
      rung(2, 2, 16, [[a, 0.7]]),
      rung(3, 1, 8, [[c, 1]]),
    ]);
    expect(races.map(({ round, lastRound, rungs }) => [round, lastRound, rungs])).toEqual([
      [3, 3, [8]],
      [1, 2, [8, 16]],
    ]);
  });

  it('come the newest first, and several of one round are told apart', () => {
    const races = racesOf([
      rung(1, 1, 5, [[a, 0.6]]),
      rung(1, 2, 10, [[a, 0.6]]),
      rung(1, 1, 5, [[b, 0.4]]),
      rung(2, 1, 5, [[c, 0.4]]),
    ]);
    expect(races.map(({ round, heat, rungs }) => [round, heat, rungs.length])).toEqual([
      [2, 1, 1],
      [1, 2, 1],
      [1, 1, 2],
    ]);
  });

  it('know who led when they were run, not who leads now', () => {
    const races = racesOf([
      keeps(0, a),
      rung(1, 1, 5, [
        [a, 0.2],
        [b, 0.6],
      ]),
      keeps(1, b, a),
      rung(2, 1, 5, [[b, 0.6]]),
    ]);
    expect(races.map(({ runners }) => runners.find(({ leads }) => leads)?.id)).toEqual([b, a]);
  });

  it('of the made-up run lose nobody: each prompt of a rung stands in its race', () => {
    const { facts } = raceRun().report;
    const races = racesOf(facts);
    for (const fact of facts)
      if (fact.type === 'race-rung') {
        const race = races.find(({ round }) => round === fact.round);
        const there = race?.runners.filter(({ laps }) => laps[fact.rung - 1]).length;
        expect(there).toBe(fact.standings.length);
      }
  });
});

describe('a race is over', () => {
  const prompts = ['One.', 'Two.', 'Three.'].map(start);
  const [one, two, three] = prompts.map(({ id }) => id) as [CandidateId, CandidateId, CandidateId];
  const compared = (id = 'compare') =>
    new HandMadeRun(
      prompts.map(({ prompt }) => prompt),
      { optimizer: { id, version: 6, values: {} } },
    );
  const firstRung = (run: HandMadeRun) =>
    run
      .fact(
        rung(
          1,
          1,
          4,
          [
            [one, 1],
            [two, 0.5],
            [three, 0],
          ],
          [three],
        ),
      )
      .fact({ type: 'round-finished', round: 1, best: one, note: '2 of 3 prompts go on after 4 rows.' });
  const isOver = ({ report }: HandMadeRun): boolean | undefined => {
    const [race] = racesOf(report.facts);
    return race && isRaceOver(race, report);
  };

  it('when its round is, where each round has races of its own', () => {
    expect(isOver(compared('pacer').fact(rung(1, 1, 4, [[one, 1]])))).toBe(false);
    expect(isOver(firstRung(compared('pacer')))).toBe(true);
  });

  it('of a comparison, whose rungs are rounds, only when one is left', () => {
    const run = firstRung(compared());
    expect(isOver(run)).toBe(false);
    run
      .fact({ type: 'round-started', round: 2, good: [one, two], bad: [], examples: [] })
      .fact(
        rung(
          2,
          2,
          8,
          [
            [one, 1],
            [two, 0.5],
          ],
          [two],
        ),
      )
      .fact({ type: 'round-finished', round: 2, best: one, note: '1 of 2 prompts goes on after 8 rows.' });
    expect(isOver(run)).toBe(true);
  });

  it('of a comparison when all train rows are known, when the finalists meet, or when the run has ended', () => {
    const all = compared()
      .fact(
        rung(1, 1, 10, [
          [one, 1],
          [two, 0.5],
        ]),
      )
      .fact({ type: 'round-finished', round: 1, best: one, note: '' });
    expect(isOver(all)).toBe(true);
    expect(isOver(firstRung(compared()).answers(prompts[0] ?? start(''), 'validation', 1, 1))).toBe(true);
    expect(isOver(firstRung(compared()).add({ type: 'run-ended', outcome: 'stopped', reason: '' }))).toBe(true);
  });
});

describe('the archive', () => {
  it('is the newest one, with the round since which each prompt is in it without a gap', () => {
    expect(archiveOf([keeps(0, a, b), keeps(2, c, a), keeps(3, b, c)])).toEqual([
      { id: b, since: 3 },
      { id: c, since: 2 },
    ]);
    expect(archiveOf([])).toEqual([]);
  });
});

describe('operators', () => {
  const tallied = (...tallies: readonly (readonly [string, number, number])[]): SearchFact => ({
    type: 'operators-tallied',
    round: 1,
    tallies: tallies.map(([operator, tried, kept]) => ({ operator, tried, kept })),
  });
  it('are counted by the newest tally, with an interval where there was a try', () => {
    const found = operatorsOf([
      tallied(['merge', 1, 1]),
      tallied(['merge', 4, 1], ['reflect', 10, 3], ['restart', 0, 0]),
    ]);
    expect(found.map(({ operator, tried, kept }) => [operator, tried, kept])).toEqual([
      ['reflect', 10, 3],
      ['merge', 4, 1],
      ['restart', 0, 0],
    ]);
    expect(found[0]?.share?.value).toBe(0.3);
    expect(found[0]?.share?.lo).toBeCloseTo(0.1078, 4);
    expect(found[2]?.share).toBeUndefined();
  });
});

it('a run of a search without races has nothing of it to show', () => {
  expect(hasRace(finishedRun().report.facts)).toBe(false);
  expect(hasRace(raceRun({ going: true }).report.facts)).toBe(true);
});
