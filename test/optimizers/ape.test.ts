import { describe, expect, it } from 'vitest';
import type { Optimizer } from '#core/optimizer.ts';
import { ape } from '#optimizers/ape.ts';
import { driveByHand, makeWorld } from './by-hand.ts';
import { operatorOf, told, written } from './trails.ts';

const optimizer = ape as unknown as Optimizer;

describe('APE', () => {
  it('shows pairs of input and right answer, from the train rows alone, other ones in each request', () => {
    const world = makeWorld(optimizer, { values: { rounds: 1, pairs: 3 } });
    const [jobs = []] = told(driveByHand(world));
    expect(jobs).toHaveLength(6);
    expect(new Set(jobs).size).toBe(6);
    const known = new Map(world.context.train.map(({ inputs, targets }) => [inputs['text'], targets[0]]));
    for (const text of jobs) {
      const pairs = [...text.matchAll(/^Input: (.*)\nOutput: (.*)$/gm)];
      expect(pairs).toHaveLength(3);
      for (const [, input, output] of pairs) expect(known.get(input)).toBe(output);
    }
  });

  it('shows no prompt when it guesses', () => {
    const world = makeWorld(optimizer, { values: { rounds: 5, resample: false } });
    for (const text of told(driveByHand(world)).flat())
      for (const { prompt } of world.context.seeds) expect(text).not.toContain(prompt);
  });

  it('writes the best prompts in other words every other round, unless it is told not to', () => {
    const operators = (resample: boolean) =>
      new Set(written(driveByHand(makeWorld(optimizer, { values: { rounds: 4, resample } }))).map(operatorOf));
    expect(operators(true)).toEqual(new Set(['induction', 'paraphrase']));
    expect(operators(false)).toEqual(new Set(['induction']));
  });

  it('asks each prompt about rows of its own under the paper’s bandit, and about shared ones in a race', () => {
    // the starting prompts and the new ones of the one round
    const rowsOf = (selection: string): number => {
      const { asks } = driveByHand(makeWorld(optimizer, { values: { rounds: 1, selection } }));
      const train = asks.flatMap((ask) => (ask.kind === 'evaluate' && ask.split === 'train' ? [ask] : []));
      return new Set(train.filter(({ examples }) => examples.length === 5).map(({ examples }) => examples.join())).size;
    };
    expect(rowsOf('race')).toBe(2);
    expect(rowsOf('ucb')).toBeGreaterThan(3);
  });
});
