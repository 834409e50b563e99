import { describe, expect, it } from 'vitest';
import type { Optimizer } from '#core/optimizer.ts';
import { compare } from '#optimizers/compare.ts';
import { answered, driveByHand, makeWorld, startOf, type World } from './by-hand.ts';
import { factsOf, right, wrong } from './trails.ts';

const optimizer = compare as unknown as Optimizer;
const seeds = Array.from({ length: 8 }, (_, place) => startOf(`Prompt number ${place}, sort the text.`));
const fourth = seeds[3];
if (!fourth) throw new Error('a fourth prompt is there');

describe('comparing prompts', () => {
  it('asks no generator', () => {
    expect(driveByHand(makeWorld(optimizer)).generatorCalls).toBe(0);
  });

  it('doubles the rows and halves the prompts, and all in a rung answer the same rows', () => {
    const trail = driveByHand(makeWorld(optimizer, { context: { seeds }, values: { first: 2 } }));
    const rungs = factsOf(trail, 'race-rung');
    expect(rungs.map(({ rows, standings, out }) => [rows, standings.length, out.length])).toEqual([
      [2, 8, 4],
      [4, 4, 2],
      [8, 2, 1],
    ]);
    const asked = trail.asks.flatMap((ask) => (ask.kind === 'evaluate' && ask.split === 'train' ? [ask.examples] : []));
    for (const [index, rows] of asked.entries()) expect(asked[index + 1]?.slice(0, rows.length) ?? rows).toEqual(rows);
  });

  it('finds the prompt that is right where the others are wrong', () => {
    const result = ({ id }: { readonly id: string }) => (id === fourth.id ? right : wrong);
    const { outcome } = driveByHand(makeWorld(optimizer, { context: { seeds }, result }));
    expect(outcome).toMatchObject({ best: fourth.id, baseline: fourth.id, ended: 'finished' });
  });

  it('lets a prompt of the person join in the middle, on the rows of the others', () => {
    const late = { ...startOf('Label the text, please, with one word.'), origin: { type: 'person' as const } };
    const result = ({ id }: { readonly id: string }) => (id === late.id ? right : wrong);
    const world = makeWorld(optimizer, {
      context: { seeds },
      values: { first: 2 },
      result,
      say: (round) => (round === 2 ? { candidates: [late] } : {}),
    });
    const trail = driveByHand(world);
    expect(trail.outcome.best).toBe(late.id);
    const [, second] = factsOf(trail, 'race-rung');
    expect(second?.standings[0]).toMatchObject({ candidate: late.id, rows: 4 });
  });

  it('spends what the race left on more rows of the choice, but not for a person who stopped it', () => {
    const finalRows = (stop: boolean): number => {
      const say: World['say'] = (round) =>
        stop && round === 2 ? { stop: { reason: 'Stopped after round 1.', ended: 'finished' } } : {};
      const { asks } = driveByHand(makeWorld(optimizer, { context: { calls: 110 }, say }));
      const final = asks.find((ask) => ask.kind === 'evaluate' && ask.split === 'validation');
      return final?.kind === 'evaluate' ? final.examples.length : 0;
    };
    expect(finalRows(false)).toBe(14);
    expect(finalRows(true)).toBe(10);
  });

  it('plans the whole race, and refuses a budget that does not hold its first rung', () => {
    const sizes = { train: 16, validation: 10, seeds: 8 };
    const values = { first: 4, finalists: 2 };
    // two finalists, and the best starting prompt where it is a third
    expect(compare.plan(values, sizes, 1000)).toMatchObject({ evaluationCalls: 30 + 32 + 16 + 16, generatorCalls: 0 });
    expect(compare.plan(values, sizes, 62).problems).toEqual([]);
    expect(compare.plan(values, sizes, 61).problems).toHaveLength(1);
  });

  it('takes no more than its plan where the best by accuracy is not the best by grade', () => {
    const [often] = seeds;
    // one row more is right for the first, but none of them for sure
    const result: World['result'] = ({ id }, { id: row }) => {
      const place = rowsOf.findIndex((one) => one.id === row);
      if (id === often?.id) return answered(place < 9 ? 'right' : 'wrong', place < 9 ? 0.6 : 3);
      return answered(place < 8 ? 'right' : 'wrong', place < 8 ? 0.01 : 0.7);
    };
    const context = { seeds: seeds.slice(0, 2), calls: 300 };
    const world = makeWorld(optimizer, { context, values: { first: 16, finalists: 1 }, result });
    const rowsOf = world.context.train;
    const { evaluationCalls } = driveByHand(world);
    const sizes = { train: rowsOf.length, validation: world.context.validation.length, seeds: 2 };
    const plan = compare.plan(world.values as never, sizes, world.context.calls);
    expect(evaluationCalls).toBe(2 * sizes.train + 2 * sizes.validation);
    expect(evaluationCalls).toBeLessThanOrEqual(plan.evaluationCalls);
  });
});
