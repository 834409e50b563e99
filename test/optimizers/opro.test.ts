import { describe, expect, it } from 'vitest';
import type { Optimizer } from '#core/optimizer.ts';
import { opro } from '#optimizers/opro.ts';
import { driveByHand, makeWorld } from './by-hand.ts';
import { factsOf, right, told, wrong } from './trails.ts';

const optimizer = opro as unknown as Optimizer;
const scoresIn = (text: string): readonly number[] =>
  [...text.matchAll(/^Score: (\d+) of 100$/gm)].map(([, score]) => Number(score));

describe('OPRO', () => {
  it.each([true, false])('shows the prompts in ascending order of their scores (race: %s)', (race) => {
    const trail = driveByHand(makeWorld(optimizer, { values: { race, rounds: 6, floor: 0 } }));
    const histories = told(trail).flatMap((jobs) => scoresIn(jobs[0] ?? ''));
    expect(histories.length).toBeGreaterThan(20);
    for (const jobs of told(trail)) {
      const scores = scoresIn(jobs[0] ?? '');
      expect(scores).toEqual([...scores].sort((a, b) => a - b));
    }
  });

  it('shows at most so many prompts, the best ones, and none below the floor', () => {
    const trail = driveByHand(makeWorld(optimizer, { values: { rounds: 6, shown: 3, floor: 0.3 } }));
    const scores = told(trail).map((jobs) => scoresIn(jobs[0] ?? ''));
    for (const shown of scores) expect(shown.length).toBeLessThanOrEqual(3);
    expect(Math.min(...(scores.at(-1) ?? []))).toBeGreaterThanOrEqual(30);
  });

  it('shows prompts all the same where all are below the floor', () => {
    const trail = driveByHand(makeWorld(optimizer, { values: { rounds: 1, floor: 1 } }));
    expect(scoresIn(told(trail)[0]?.[0] ?? '').length).toBeGreaterThan(0);
  });

  it('shows rows that the best prompt gets wrong, and marks the place of the instruction', () => {
    const world = makeWorld(optimizer, { values: { rounds: 1 } });
    const bad = new Set(world.context.train.slice(0, 3).map(({ id }) => id));
    const trail = driveByHand({ ...world, result: (_, { id }) => (bad.has(id) ? wrong : right) });
    const [start] = factsOf(trail, 'round-started');
    expect(new Set(start?.examples)).toEqual(bad);
    expect(told(trail)[0]?.[0]).toContain('Input: <INSTRUCTION>');
    const random = driveByHand({
      ...world,
      values: { ...world.values, exemplars: 'random' },
      result: (_, { id }) => (bad.has(id) ? wrong : right),
    });
    expect(new Set(factsOf(random, 'round-started')[0]?.examples)).not.toEqual(bad);
  });

  it('takes fewer rows for the same prompts where it races them', () => {
    const cells = (race: boolean): number =>
      driveByHand(makeWorld(optimizer, { values: { race, rounds: 3, rows: 16 } })).evaluationCalls;
    expect(cells(true)).toBeLessThan(0.8 * cells(false));
  });
});
