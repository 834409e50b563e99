import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import { instructionOf } from '#core/prompt.ts';
import { miprov2 } from '#optimizers/miprov2.ts';
import { suggest, type Observation } from '#optimizers/parts/tpe.ts';
import { driveByHand, makeWorld, resultOf, startOf } from './by-hand.ts';
import { factsOf } from './trails.ts';

describe('MIPROv2', () => {
  const world = makeWorld(miprov2, { context: { calls: 900 } });
  const trail = driveByHand(world);
  const proposed = trail.facts.flatMap((fact) => (fact.type === 'candidate-proposed' ? [fact.candidate] : []));
  const batches = (of: typeof trail) =>
    of.asks.flatMap((ask) =>
      ask.kind === 'evaluate' && ask.split === 'train' && ask.examples.length < world.context.train.length ? [ask] : [],
    );

  it('writes instructions once, before the search, from notes on the data', () => {
    const first = trail.asks.findIndex((ask) => ask.kind === 'evaluate' && ask.examples.length < 16);
    expect(trail.asks.slice(first).some(({ kind }) => kind === 'generate')).toBe(false);
    const jobs = trail.asks.flatMap((ask) => (ask.kind === 'generate' ? ask.jobs : []));
    expect(jobs).toHaveLength(2 + 4);
    expect(jobs[1]?.messages[0]?.content).toContain('Notes on the data so far:\n<prompt>');
  });

  it('writes one more when the person says something later', () => {
    const told = driveByHand({ ...world, say: (round) => (round === 2 ? { hints: ['Mind the irony.'] } : {}) });
    const late = told.asks.slice(told.asks.findIndex((ask) => ask.kind === 'listen' && ask.round === 2));
    const jobs = late.flatMap((ask) => (ask.kind === 'generate' ? ask.jobs : []));
    expect(jobs).toHaveLength(1);
    expect(jobs[0]?.messages[0]?.content).toContain('Mind the irony.');
  });

  it('combines each instruction with sets of examples, and the best starting prompt with them too', () => {
    const combined = proposed.filter(({ demos }) => demos);
    const instructions = new Set(combined.map(instructionOf));
    expect(instructions.size).toBeGreaterThan(2);
    expect(new Set(combined.map(({ demos }) => demos?.examples.join())).size).toBeGreaterThan(2);
    expect(combined.length).toBeLessThanOrEqual(5 * 6);
  });

  it('gives the trials of a round the same rows, or each its own where the paper is followed', () => {
    const rowsOf = (of: typeof trail) => {
      const [first, second] = batches(of).map(({ examples }) => examples.join());
      return first === second;
    };
    expect(rowsOf(trail)).toBe(true);
    expect(rowsOf(driveByHand(makeWorld(miprov2, { values: { shared: false } })))).toBe(false);
  });

  it('never asks about a row that the combination shows', () => {
    const wrong: string[] = [];
    driveByHand({
      ...world,
      result: (candidate, example) => {
        if (candidate.demos?.examples.includes(example.id)) wrong.push(example.id);
        return resultOf(candidate, example);
      },
    });
    expect(wrong).toEqual([]);
  });

  it('tries combinations on, round after round, where the rows are so few that each trial asks about all of them', () => {
    const few = driveByHand(makeWorld(miprov2, { context: { calls: 900, train: world.context.train.slice(0, 8) } }));
    const rounds = factsOf(few, 'round-finished').length;
    expect(rounds).toBeGreaterThan(2);
    const tried = new Set(
      few.asks.flatMap((ask) =>
        ask.kind === 'evaluate' && ask.split === 'train' ? ask.candidates.map(({ id }) => id) : [],
      ),
    );
    // four instructions and six sets of examples, or none
    expect(tried.size).toBeGreaterThan(20);
    expect(few.outcome.reason).toMatch(/Every combination|does not hold another round/);
  });

  it('ends when every combination is known on all rows', () => {
    const { outcome } = driveByHand(
      makeWorld(miprov2, {
        values: { instructions: 1, demoSets: 1 },
        context: { calls: 5000, seeds: [startOf('What is this message about?')] },
      }),
    );
    expect(outcome).toMatchObject({ ended: 'finished' });
    expect(outcome.reason).toMatch(/Every combination/);
  });
});

describe('the Parzen estimator', () => {
  const sizes = [4, 3];
  const seen = (score: (values: readonly number[]) => number, weight = 1): readonly Observation[] =>
    [0, 1, 2, 3].flatMap((a) => [0, 1, 2].map((b) => ({ values: [a, b], score: score([a, b]), weight })));
  const counts = (observations: readonly Observation[], of: (values: readonly number[]) => boolean) => {
    let count = 0;
    for (let seed = 0; seed < 400; seed++) {
      const values = suggest(observations, sizes, createRandom(seed));
      if (values && of(values)) count += 1;
    }
    return count / 400;
  };

  it('chooses the better value more often than the others', () => {
    const better = seen(([a]) => (a === 2 ? 1 : 0));
    expect(counts(better, ([a]) => a === 2)).toBeGreaterThan(0.9);
    expect(counts(better, ([a]) => a === 1)).toBeLessThan(0.1);
  });

  it('knows pairs that are good only together', () => {
    const isGood = (values: readonly number[]): boolean => ['0,0', '1,1', '3,2'].includes(values.join());
    expect(
      counts(
        seen((values) => Number(isGood(values))),
        isGood,
      ),
    ).toBeGreaterThan(0.9);
  });

  it('believes an observation by the rows behind it', () => {
    const light = [
      ...seen(() => 0),
      { values: [1, 1], score: 1, weight: 0.1 },
      { values: [2, 2], score: 1, weight: 20 },
    ];
    expect(counts(light, ([a, b]) => a === 2 && b === 2)).toBeGreaterThan(
      counts(light, ([a, b]) => a === 1 && b === 1),
    );
  });

  it('begins at random, keeps to what is allowed, and says when nothing is left', () => {
    const early = new Set(Array.from({ length: 300 }, (_, seed) => suggest([], sizes, createRandom(seed))?.join()));
    expect(early.size).toBe(12);
    const allowed = ([a = 0]: readonly number[]): boolean => a === 1;
    for (let seed = 0; seed < 50; seed++)
      expect(
        suggest(
          seen(([a]) => (a === 2 ? 1 : 0)),
          sizes,
          createRandom(seed),
          { allowed },
        )?.[0],
      ).toBe(1);
    expect(suggest([], sizes, createRandom(1), { allowed: () => false })).toBeUndefined();
  });
});
