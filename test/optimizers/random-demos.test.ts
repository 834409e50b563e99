import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import type { Demonstration } from '#core/demonstrations.ts';
import { randomDemos } from '#optimizers/random-demos.ts';
import { drawDemonstrations, drawFilled } from '#optimizers/parts/demonstrations.ts';
import { finalCells } from '#optimizers/parts/plan.ts';
import { raceCells } from '#optimizers/parts/race.ts';
import { driveByHand, exampleOf, makeWorld, resultOf } from './by-hand.ts';

const shown = (text: string, target: string): Demonstration => ({ example: exampleOf(text, target), answer: target });

describe('random search over demonstrations', () => {
  const world = makeWorld(randomDemos, { context: { calls: 900 } });
  const trail = driveByHand(world);
  const made = trail.facts.flatMap((fact) => (fact.type === 'candidate-proposed' ? [fact.candidate] : []));

  it('tries sets of examples below a starting prompt, and asks no generator', () => {
    expect(trail.generatorCalls).toBe(0);
    expect(made.length).toBeGreaterThan(10);
    const starts = world.context.seeds.map(({ prompt }) => prompt);
    for (const { demos } of made) {
      expect(starts).toContain(demos?.instruction);
      expect(demos?.examples.length).toBeLessThanOrEqual(4);
    }
  });

  it('shows the answers that the model gave itself where it was right', () => {
    const ownWords = driveByHand(
      makeWorld(randomDemos, {
        values: { fill: false },
        result: (candidate, example) => {
          const result = resultOf(candidate, example);
          return result.type === 'answered' ? { ...result, answer: 'Hm, it is praise.' } : result;
        },
      }),
    );
    const prompts = ownWords.facts.flatMap((fact) =>
      fact.type === 'candidate-proposed' ? [fact.candidate.prompt] : [],
    );
    expect(prompts.length).toBeGreaterThan(0);
    for (const prompt of prompts) expect(prompt).toContain('Answer: Hm, it is praise.');
  });

  it('gives a set that shows a row no point for it: the cell is never asked', () => {
    const asked = new Set<string>();
    driveByHand({
      ...world,
      result: (candidate, example) => {
        asked.add(`${candidate.id} ${example.id}`);
        return resultOf(candidate, example);
      },
    });
    for (const { id, demos } of made)
      for (const row of demos?.examples ?? []) expect(asked.has(`${id} ${row}`)).toBe(false);
  });

  it('says of a set nothing else than the note of its round does', () => {
    let judged = 0;
    for (const seed of [1, 2, 3, 4]) {
      const { facts } = driveByHand(makeWorld(randomDemos, { seed, context: { calls: 900 } }));
      for (const fact of facts) {
        if (fact.type !== 'round-finished') continue;
        const verdicts = facts.filter((one) => one.type === 'proposal-judged' && one.round === fact.round);
        judged += verdicts.length;
        const isNew = verdicts.some((one) => one.type === 'proposal-judged' && one.accepted);
        expect(isNew).toBe(fact.note === 'A new best prompt.');
      }
    }
    expect(judged).toBeGreaterThan(0);
  });

  it('races the sets of a round on the same rows in the same order, and drops the worse half each time', () => {
    const rungs = trail.facts.flatMap((fact) => (fact.type === 'race-rung' && fact.round === 1 ? [fact] : []));
    expect(rungs.length).toBeGreaterThan(1);
    for (const [index, { standings, out }] of rungs.entries()) {
      const staying = standings.length - out.length;
      expect(rungs[index + 1]?.standings.length ?? staying).toBe(staying);
      if (index < rungs.length - 1) expect(staying).toBe(Math.ceil(standings.length / 2));
      expect(standings.map(({ score }) => score)).toEqual(
        [...standings.map(({ score }) => score)].sort((a, b) => b - a),
      );
    }
    const orders = trail.asks.flatMap((ask) =>
      ask.kind === 'evaluate' && ask.candidates.every(({ demos }) => demos) && ask.split === 'train'
        ? [ask.examples.join()]
        : [],
    );
    const longest = orders.slice(0, rungs.length).at(-1) ?? '';
    for (const order of orders.slice(0, rungs.length)) expect(longest.startsWith(order)).toBe(true);
  });

  it('makes do with fewer sets where the budget holds no more, down to three', () => {
    const sizes = { train: 40, validation: 20, seeds: 2 };
    const values = world.values as Parameters<typeof randomDemos.plan>[0];
    const needed = (calls: number): number => 2 * 40 + finalCells(2, 20, calls) + raceCells(3, 40);
    const found = Array.from({ length: 300 }, (_, index) => 100 + index).map((calls) => ({
      fits: randomDemos.plan(values, sizes, calls).problems.length === 0,
      should: calls >= needed(calls),
    }));
    expect(found.map(({ fits }) => fits)).toEqual(found.map(({ should }) => should));
    expect(new Set(found.map(({ fits }) => fits)).size).toBe(2);
  });
});

describe('drawing demonstrations', () => {
  const pool = ['a', 'b', 'c', 'd', 'e', 'f']
    .map((name) => shown(`text ${name}`, 'praise'))
    .concat(shown('text g', 'complaint'));

  it('shows each right answer once before any of them twice', () => {
    for (let seed = 0; seed < 30; seed++) {
      const drawn = drawDemonstrations(pool, 2, createRandom(seed), true);
      expect(new Set(drawn.map(({ answer }) => answer)).size).toBe(2);
    }
  });

  it('never shows a row twice, and fills up only when told to', () => {
    const own = pool.slice(0, 2);
    for (let seed = 0; seed < 30; seed++) {
      const filled = drawFilled(own, pool, 5, createRandom(seed), { spread: true, fill: true });
      expect(new Set(filled.map(({ example }) => example.id)).size).toBe(5);
      expect(drawFilled(own, pool, 5, createRandom(seed), { spread: true, fill: false })).toHaveLength(2);
    }
  });
});
