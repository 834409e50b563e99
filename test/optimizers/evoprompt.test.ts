import { describe, expect, it } from 'vitest';
import type { Optimizer } from '#core/optimizer.ts';
import { evopromptDe } from '#optimizers/evoprompt-de.ts';
import { evopromptGa } from '#optimizers/evoprompt-ga.ts';
import { gradeOf } from '#optimizers/parts/score-book.ts';
import type { Candidate } from '#core/prompt.ts';
import { driveByHand, makeWorld, resultOf } from './by-hand.ts';
import { always, factsOf, operatorOf, right, told, written } from './trails.ts';

const genetic = evopromptGa as unknown as Optimizer;
const differential = evopromptDe as unknown as Optimizer;

describe.each([
  ['GA', genetic],
  ['DE', differential],
])('EvoPrompt %s', (_, optimizer) => {
  it('tells the generator prompts, and neither rows nor scores', () => {
    const world = makeWorld(optimizer, { values: { rounds: 4 } });
    const trail = driveByHand(world);
    for (const text of told(trail).flat()) {
      for (const { inputs } of world.context.train) expect(text).not.toContain(inputs['text'] ?? '');
      expect(text).not.toMatch(/score|\d %/i);
      expect(text).toContain(world.context.task.description);
    }
  });

  it('tells nothing of the task where the paper’s way is chosen', () => {
    const world = makeWorld(optimizer, { values: { rounds: 3, tellTask: false } });
    for (const text of told(driveByHand(world)).flat()) {
      expect(text).not.toContain(world.context.task.description);
      expect(text).not.toContain('allowed answers');
    }
  });

  it('fills its population with its members in other words first', () => {
    const trail = driveByHand(makeWorld(optimizer, { values: { rounds: 3, population: 7 } }));
    const operators = written(trail).map(operatorOf);
    const filled = operators.filter((operator) => operator === 'paraphrase').length;
    expect(filled).toBe(3);
    expect(operators.slice(0, filled)).toEqual(Array.from({ length: filled }, () => 'paraphrase'));
  });
});

describe('EvoPrompt GA', () => {
  it('keeps the best of old and new', () => {
    const world = makeWorld(genetic, { values: { rounds: 4 } });
    const trail = driveByHand(world);
    const first = trail.asks.find(({ kind }) => kind === 'evaluate');
    const rows = world.context.train.filter(({ id }) => first?.kind === 'evaluate' && first.examples.includes(id));
    const meanOf = (one: Candidate): number =>
      rows.reduce((sum, row) => sum + (gradeOf(resultOf(one, row)) ?? 0), 0) / rows.length;
    const best = [...world.context.seeds, ...written(trail)].sort((a, b) => meanOf(b) - meanOf(a)).slice(0, 5);
    expect(factsOf(trail, 'archive-changed').at(-1)?.residents).toEqual(best.map(({ id }) => id));
  });

  it('crosses two different prompts', () => {
    const trail = driveByHand(makeWorld(genetic, { values: { rounds: 5 } }));
    const crossed = written(trail).filter((one) => operatorOf(one) === 'crossover and mutation');
    expect(crossed.length).toBeGreaterThan(5);
    for (const { origin } of crossed) if (origin.type === 'proposal') expect(new Set(origin.parents).size).toBe(2);
  });

  it('draws by score as in the paper even where all scores are zero', () => {
    const world = makeWorld(genetic, { values: { rounds: 3, parents: 'roulette' }, result: () => undefined });
    expect(driveByHand(world).outcome.reason).toMatch(/\.$/);
  });
});

describe('EvoPrompt DE', () => {
  it('gives a slot to a strictly better prompt only', () => {
    const trail = driveByHand(makeWorld(differential, { values: { rounds: 5, population: 4 }, result: always(right) }));
    const judged = factsOf(trail, 'proposal-judged');
    expect(judged.length).toBeGreaterThan(5);
    expect(judged.every(({ accepted }) => !accepted)).toBe(true);
    const residents = factsOf(trail, 'archive-changed').map((fact) => [...fact.residents].sort());
    expect(new Set(residents.map((ids) => ids.join())).size).toBe(1);
  });

  it('replaces the prompt that the child was made from, and keeps the others', () => {
    const trail = driveByHand(makeWorld(differential, { values: { rounds: 6, population: 4 } }));
    const accepted = factsOf(trail, 'proposal-judged').filter((fact) => fact.accepted);
    expect(accepted.length).toBeGreaterThan(0);
    const byId = new Map(written(trail).map((one) => [one.id, one]));
    const archives = factsOf(trail, 'archive-changed');
    for (const { round, candidate } of accepted) {
      const origin = byId.get(candidate)?.origin;
      const residents = archives.find((fact) => fact.round === round)?.residents;
      expect(residents).toContain(candidate);
      if (origin?.type === 'proposal') expect(residents).not.toContain(origin.parents[0]);
    }
    for (const { residents } of archives) expect(residents).toHaveLength(4);
  });
});
