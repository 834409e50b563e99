import { describe, expect, it } from 'vitest';
import { candidateWith } from '#core/demonstrations.ts';
import type { Optimizer } from '#core/optimizer.ts';
import { isShownBy } from '#core/prompt.ts';
import { capo } from '#optimizers/capo.ts';
import { raceBlocks } from '#optimizers/capo/block-race.ts';
import { crossedDemonstrations, mutatedDemonstrations } from '#optimizers/capo/offspring.ts';
import { betterByChance } from '#optimizers/capo/paired-test.ts';
import { Workbench } from '#optimizers/parts/workbench.ts';
import { createRandom } from '#lib/random.ts';
import { driveByHand, exampleOf, makeWorld, resultOf, startOf, writePrompt } from './by-hand.ts';
import { always, factsOf, right, told, wrong, written } from './trails.ts';

const exampleRows = makeWorld(capo).context.train;
const optimizer = capo as unknown as Optimizer;
const values = { rounds: 3, block: 4, rows: 16 };

describe('the test of a race', () => {
  it('takes the same small difference on every row for certain in the paper’s test only', () => {
    const same = Array.from({ length: 30 }, () => 0.01);
    expect(betterByChance(same, false)).toBeLessThan(1e-9);
    expect(betterByChance(same, true)).toBeGreaterThan(0.2);
    expect(betterByChance([], true)).toBe(1);
    expect(betterByChance([0, 0, 0], false)).toBe(1);
  });
});

describe('CAPO', () => {
  it('sends nobody out while all answer alike; the paper’s test sends the longer ones out', () => {
    const careful = driveByHand(makeWorld(optimizer, { values, result: always(right) }));
    expect(factsOf(careful, 'race-rung').flatMap(({ out }) => out)).toEqual([]);
    const paper = driveByHand(
      makeWorld(optimizer, { values: { ...values, carefulTest: false }, result: always(right) }),
    );
    expect(factsOf(paper, 'race-rung').flatMap(({ out }) => out).length).toBeGreaterThan(0);
  });

  it('sends those out that the best one clearly beats, and never more than leave the survivors', () => {
    const world = makeWorld(optimizer, { values: { ...values, population: 2 } });
    const [good] = world.context.seeds;
    const trail = driveByHand({ ...world, result: ({ id }) => (id === good?.id ? right : wrong) });
    const [first] = factsOf(trail, 'race-rung');
    expect(first?.standings[0]?.candidate).toBe(good?.id);
    expect(first?.out.length).toBe((first?.standings.length ?? 0) - 2);
    expect(first?.out).not.toContain(good?.id);
  });

  it('needs as many winners as may survive before a prompt leaves, the way of the paper', () => {
    const paper = { ...values, population: 3, rivals: 'all', carefulTest: false, penalty: 0 };
    const world = makeWorld(optimizer, { values: paper });
    const [first, second] = world.context.seeds;
    const isGood = (id: string): boolean => id === first?.id || id === second?.id;
    const trail = driveByHand({
      ...world,
      result: ({ id }) => (isGood(id) ? right : wrong),
    });
    // two winners are not three
    expect(factsOf(trail, 'race-rung')[0]?.out).toEqual([]);
  });

  it('gives a merge as many tokens as the longest prompt may take', () => {
    const { context } = makeWorld(optimizer);
    const seeds = context.seeds.map(({ prompt }) => startOf(`${prompt} ${'Mind the tone of it. '.repeat(150)}`));
    const { asks } = driveByHand(makeWorld(optimizer, { values, context: { seeds } }));
    const merges = asks.flatMap((ask) => (ask.kind === 'generate' && ask.purpose === 'note' ? ask.jobs : []));
    expect(merges.length).toBeGreaterThan(0);
    for (const { maxTokens } of merges) expect(maxTokens).toBeGreaterThan(1000);
  });

  it('reckons with the rows that there are where a block would hold more', () => {
    const { asks } = driveByHand(
      makeWorld(optimizer, { values: { rounds: 50 }, context: { train: exampleRows.slice(0, 4), calls: 100 } }),
    );
    expect(asks.filter(({ kind }) => kind === 'generate').length).toBeGreaterThan(4);
  });

  it('begins with other rows in each race, the paper with the same', () => {
    const firsts = (rotate: boolean): number => {
      const { asks } = driveByHand(makeWorld(optimizer, { values: { ...values, rotate } }));
      const blocks = asks.flatMap((ask) =>
        ask.kind === 'evaluate' && ask.examples.length === 4 ? [ask.examples] : [],
      );
      return new Set(blocks.map((rows) => rows.join())).size;
    };
    expect(firsts(true)).toBeGreaterThan(2);
    expect(firsts(false)).toBe(1);
  });

  it('shows examples in prompts, from the train rows, and takes no shown row for a measure', () => {
    const world = makeWorld(optimizer, { values });
    const trail = driveByHand({
      ...world,
      result: (candidate, example) => {
        if (isShownBy(candidate, example.id)) throw new Error('a row that the prompt shows was asked');
        return resultOf(candidate, example);
      },
    });
    const shown = written(trail).flatMap(({ demos }) => (demos ? [demos.examples] : []));
    expect(shown.length).toBeGreaterThan(3);
    const train = new Set(world.context.train.map(({ id }) => id));
    for (const ids of shown) {
      expect(ids.length).toBeLessThanOrEqual(5);
      expect(ids.every((id) => train.has(id))).toBe(true);
    }
  });

  it('hands the examples of a person’s prompt on to its children', () => {
    const { context } = makeWorld(optimizer);
    const worked = context.train
      .slice(0, 4)
      .map((example) => ({ example, answer: `Surely ${example.targets[0] ?? ''}` }));
    const own = candidateWith('Name the kind of message.', worked, context.task.template, { type: 'person' });
    const trail = driveByHand(
      makeWorld(optimizer, {
        values,
        say: (round) => (round === 1 ? { candidates: [own] } : {}),
        result: ({ id }) => (id === own.id ? right : wrong),
      }),
    );
    const children = written(trail).filter(
      ({ origin }) => origin.type === 'proposal' && origin.parents.includes(own.id),
    );
    expect(children.length).toBeGreaterThan(0);
    expect(children.some(({ prompt }) => prompt.includes('Answer: Surely '))).toBe(true);
  });

  it('shows none where none are allowed', () => {
    const trail = driveByHand(makeWorld(optimizer, { values: { ...values, maxDemos: 0 } }));
    expect(written(trail).length).toBeGreaterThan(3);
    expect(written(trail).every(({ demos }) => demos === undefined)).toBe(true);
  });

  it.each([0, 5])(
    'tries nothing twice, with up to %i examples, and gives up where nothing new is written',
    (maxDemos) => {
      const write = () => ({ text: '<prompt>Say which of the three it is.</prompt>', finish: 'stop' as const });
      const world = makeWorld(optimizer, {
        values: { ...values, rounds: 200, maxDemos },
        write,
        context: { calls: 3000 },
      });
      const trail = driveByHand(world);
      const ids = written(trail).map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(trail.outcome.reason).toMatch(/generator/);
    },
  );

  it('orders its survivors by all rows that they share, not by those of the last race alone', () => {
    const [steady, lucky] = [startOf('Steady.'), startOf('Lucky.')];
    const { context } = makeWorld(optimizer, { context: { seeds: [steady, lucky], train: exampleRows } });
    const bench = new Workbench(context, { maxPromptLength: 1000, temperature: 1, finalists: 1 });
    const ids = exampleRows.map(({ id }) => id);
    const isRight = (id: string, row: string): boolean => (id === steady.id) === ids.indexOf(row as never) < 12;
    const order = () => {
      function* both() {
        yield* bench.evaluate([steady, lucky], ids.slice(0, 12));
        const race = { round: 1, rows: ids.slice(12), block: 4, survivors: 2, alpha: 0.2, rivals: 'best' } as const;
        return yield* raceBlocks(bench, [steady, lucky], {
          ...race,
          ...{ carefulTest: true, penalty: 0, fullLength: 10, equalRows: true },
        });
      }
      const procedure = both();
      let turn = procedure.next();
      while (!turn.done)
        turn = procedure.next(
          turn.value.kind === 'evaluate'
            ? { kind: 'evaluate', status: 'done', result: (id, row) => (isRight(id, row) ? right : wrong) }
            : { kind: 'announce' },
        );
      return turn.value.order;
    };
    expect(order()).toEqual([steady, lucky]);
  });

  it('breeds from no refusal: where the merge is one, a parent is rephrased', () => {
    const trail = driveByHand(
      makeWorld(optimizer, {
        values,
        write: (job, count) =>
          job.messages[0]?.content.includes('Merge the two')
            ? { text: 'I’m sorry, but I cannot help with that.', finish: 'stop' }
            : writePrompt(job, count),
      }),
    );
    const mutations = told(trail)
      .flat()
      .filter((text) => text.includes('Rephrase this instruction'));
    expect(mutations.length).toBeGreaterThan(0);
    for (const text of mutations) expect(text).not.toContain('sorry');
  });

  it('hands the examples of both parents on, as many as they have on average', () => {
    const shown = ['a', 'b', 'c', 'd'].map((text) => ({ example: exampleOf(text), answer: 'praise' }));
    const random = createRandom('offspring');
    for (let i = 0; i < 50; i++) {
      const child = crossedDemonstrations(shown.slice(0, 3), shown.slice(2), random);
      expect(child).toHaveLength(3);
      expect(new Set(child).size).toBe(3);
    }
    const pool = ['e', 'f'].map((text) => exampleOf(text));
    const sizes = Array.from({ length: 200 }, () => {
      const mutated = mutatedDemonstrations(shown, pool, 5, (example) => ({ example, answer: '' }), random);
      expect(new Set(mutated.map(({ example }) => example.id)).size).toBe(mutated.length);
      return mutated.length;
    });
    expect(new Set(sizes)).toEqual(new Set([3, 4, 5]));
    expect(mutatedDemonstrations([], [], 5, (example) => ({ example, answer: '' }), random)).toEqual([]);
  });
});
