import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import type { ExampleId } from '#core/id.ts';
import { defineOptimizer, type Procedure } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import { contest, contestCells } from '#optimizers/parts/contest.ts';
import { drawParents } from '#optimizers/parts/parents.ts';
import { affordable, rowsPerPrompt } from '#optimizers/parts/row-sample.ts';
import { raceToAllRows } from '#optimizers/parts/race.ts';
import { standings } from '#optimizers/parts/standings.ts';
import { Workbench } from '#optimizers/parts/workbench.ts';
import { driveByHand, makeWorld, startOf, type Trail } from './by-hand.ts';
import { factsOf, right, wrong } from './trails.ts';

const seeds = Array.from({ length: 11 }, (_, place) => startOf(`Sort the text, way ${place}.`));

/** Drives what is done at a workbench, as if it were an optimizer of its own. */
function atBench(
  work: (bench: Workbench, rows: readonly ExampleId[]) => Procedure<unknown>,
  over: Parameters<typeof makeWorld>[1] = {},
): Trail {
  const optimizer = defineOptimizer({
    id: 'work',
    version: 1,
    label: '',
    description: '',
    fields: {},
    plan: () => ({ evaluationCalls: 0, generatorCalls: 0, rounds: 0, prompts: 0, problems: [] }),
    *run(context) {
      const bench = new Workbench(context, { finalists: 0, temperature: 0, maxPromptLength: 500 });
      yield* work(
        bench,
        context.train.map(({ id }) => id),
      );
      return yield* bench.choose('finished', 'Done.');
    },
  });
  return driveByHand(makeWorld(optimizer, { ...over, context: { seeds, ...over.context } }));
}

describe.each(['race', 'ucb', 'all'])('a contest (%s)', (selection) => {
  const how = { selection, pulls: 6 };
  it.each([1, 2, 3, 5, 11])('among %i takes no more cells than it says', (count) => {
    const trail = atBench((bench, rows) =>
      contest(bench, seeds.slice(0, count), { round: 1, rows }, how, createRandom(1)),
    );
    const most = contestCells(count, 16, how);
    expect(trail.evaluationCalls).toBeLessThanOrEqual(most);
    if (selection !== 'ucb') expect(trail.evaluationCalls).toBe(most);
  });

  it('puts the one that is right first, and keeps everybody in its order', () => {
    let order: readonly Candidate[] = [];
    atBench(
      function* (bench, rows) {
        order = (yield* contest(bench, seeds, { round: 1, rows }, how, createRandom(1))).order;
      },
      { result: ({ id }) => (id === seeds[6]?.id ? right : wrong) },
    );
    expect(order[0]).toBe(seeds[6]);
    expect(new Set(order)).toEqual(new Set(seeds));
  });

  it('says when the budget did not hold it, and goes by what it knows', () => {
    let told: unknown;
    atBench(
      function* (bench, rows) {
        told = yield* contest(bench, seeds, { round: 1, rows }, how, createRandom(1));
      },
      { context: { calls: 70 } },
    );
    expect(told).toMatchObject({ complete: false });
  });
});

describe('a race', () => {
  it('brings its winner to all rows', () => {
    const trail = atBench((bench, rows) =>
      contest(bench, seeds, { round: 3, rows }, { selection: 'race', pulls: 1 }, createRandom(1)),
    );
    const rungs = factsOf(trail, 'race-rung');
    expect(rungs.map(({ rows }) => rows)).toEqual([5, 10, 16]);
    expect(rungs.map(({ out }) => out.length)).toEqual([5, 3, 0]);
    expect(rungs.every(({ round }) => round === 3)).toBe(true);
  });
});

describe('the standings', () => {
  it('put nobody who left a race above those who went through it', () => {
    let order: ReturnType<typeof standings> = [];
    const trail = atBench(function* (bench, rows) {
      yield* contest(bench, seeds, { round: 1, rows }, { selection: 'race', pulls: 1 }, createRandom(1));
      order = standings(bench);
    });
    expect(order).toHaveLength(seeds.length);
    const ids = order.map(({ candidate }) => candidate.id);
    const through = factsOf(trail, 'race-rung').at(-1)?.standings ?? [];
    expect(ids[0]).toBe(through[0]?.candidate);
    const scores = order.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(order[0]?.score).toBe(through[0]?.score);
  });

  it('put nobody who left early above one who stayed longer and lost less', () => {
    const [best, longer, ...early] = seeds;
    let order: readonly string[] = [];
    let place = new Map<string, number>();
    atBench(
      function* (bench, rows) {
        place = new Map(rows.map((row, index) => [row, index]));
        yield* bench.evaluate(seeds.slice(0, 1), rows);
        yield* bench.evaluate(seeds.slice(1, 2), rows.slice(0, 12));
        yield* bench.evaluate(early, rows.slice(0, 4));
        order = standings(bench).map(({ candidate }) => candidate.id);
      },
      {
        result: ({ id }, example) => {
          const index = place.get(example.id) ?? 0;
          const isRight = id === best?.id || (id === longer?.id ? index % 3 < 2 : index % 2 === 0);
          return isRight ? right : wrong;
        },
      },
    );
    expect(order.slice(0, 2)).toEqual([best?.id, longer?.id]);
  });
});

describe('drawing parents', () => {
  const population = [0.5, 0.25, 0.25].map((score, item) => ({ item, score }));
  const counts = (draw: 'ranks' | 'roulette' | 'uniform', isDistinct: boolean, of = population) => {
    const random = createRandom(draw);
    const found = [0, 0, 0];
    let twins = 0;
    for (let i = 0; i < 6000; i++) {
      const [a, b] = drawParents(of, draw, isDistinct, random);
      found[a] = (found[a] ?? 0) + 1 / 6000;
      if (a === b) twins += 1;
    }
    return { found, twins };
  };
  it('goes by score, by rank or by neither', () => {
    const near = (found: readonly number[], wanted: readonly number[]) => {
      for (const [i, share] of found.entries()) expect(share).toBeCloseTo(wanted[i] ?? 0, 1);
    };
    near(counts('roulette', false).found, [0.5, 0.25, 0.25]);
    near(counts('ranks', false).found, [1 / 2, 1 / 3, 1 / 6]);
    near(counts('uniform', false).found, [1 / 3, 1 / 3, 1 / 3]);
  });
  it('may draw the same one twice where that is allowed, and never where it is not', () => {
    expect(counts('roulette', false).twins).toBeGreaterThan(1000);
    expect(counts('ranks', true).twins).toBe(0);
    expect(counts('ranks', true, population.slice(0, 1)).twins).toBe(6000);
  });
  it('draws anyone where all scores are zero', () => {
    const zeros = population.map(({ item }) => ({ item, score: 0 }));
    for (const share of counts('roulette', true, zeros).found) expect(share).toBeGreaterThan(0.25);
  });
});

describe('rows per prompt', () => {
  const search = {
    rows: 0,
    finalists: 2,
    rounds: 200,
    generatorCalls: 5,
    start: (rows: number) => 4 * rows,
    round: (rows: number) => 5 * rows,
  };
  const sizes = { train: 100, validation: 20 };
  it('are as many as leave room for four rounds, never more than there are nor fewer than ten', () => {
    expect(rowsPerPrompt(search, sizes, 60 + 20 + 24 * 30)).toBe(30);
    expect(rowsPerPrompt(search, sizes, 60 + 20 + 24 * 30 - 1)).toBe(29);
    expect(rowsPerPrompt(search, sizes, 1e6)).toBe(100);
    expect(rowsPerPrompt(search, sizes, 0)).toBe(10);
    expect(rowsPerPrompt(search, { ...sizes, train: 7 }, 0)).toBe(7);
  });
  it('are those that were asked for, where they were', () => {
    expect(rowsPerPrompt({ ...search, rows: 50 }, sizes, 0)).toBe(50);
    expect(rowsPerPrompt({ ...search, rows: 500 }, sizes, 0)).toBe(100);
  });
});

it('counts what the calls hold', () => {
  expect(affordable(8, 30, (count) => 7 * count)).toBe(4);
  expect(affordable(3, 30, (count) => 7 * count)).toBe(3);
  expect(affordable(3, 6, (count) => 7 * count)).toBe(0);
});

it('a race against a prompt that is known on more rows tells no score above 100 % or below 0 %', () => {
  const [reference, better] = seeds as [Candidate, Candidate];
  // its only mistakes are on the first rows of the race
  let firstRows: readonly ExampleId[] = [];
  const trail = atBench(
    function* (bench, rows) {
      firstRows = rows.slice(0, 2);
      yield* bench.evaluate([reference], rows);
      yield* raceToAllRows(bench, 1, seeds.slice(1, 6), rows, { last: 1, reference });
    },
    {
      result: ({ id }, row) =>
        id === better.id || (id === reference.id && !firstRows.includes(row.id)) ? right : wrong,
    },
  );
  const scores = factsOf(trail, 'race-rung').flatMap(({ standings: told }) => told.map(({ score }) => score));
  expect(scores.length).toBeGreaterThan(5);
  for (const score of scores) expect([score >= 0, score <= 1]).toEqual([true, true]);
});
