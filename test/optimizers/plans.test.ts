import { describe, expect, it } from 'vitest';
import { defaultsOf } from '#core/fields.ts';
import type { Optimizer, Procedure, SearchOutcome } from '#core/optimizer.ts';
import { optimizers } from '#optimizers/index.ts';
import { play } from '../bench/simulated/play.ts';
import { World, worlds } from '../bench/simulated/world.ts';

/** The same optimizer, and what it tells of its new prompts and rounds. */
function counted(optimizer: Optimizer) {
  const told = { prompts: 0, rounds: 0 };
  const counting: Optimizer = {
    ...optimizer,
    *run(context, values): Procedure<SearchOutcome> {
      const procedure = optimizer.run(context, values);
      let turn = procedure.next();
      while (!turn.done) {
        const ask = turn.value;
        if (ask.kind === 'announce' && ask.fact.type === 'candidate-proposed') told.prompts += 1;
        if (ask.kind === 'announce' && ask.fact.type === 'round-started') told.rounds += 1;
        turn = procedure.next(yield ask);
      }
      return turn.value;
    },
  };
  return { counting, told };
}

const rows = { train: 60, validation: 60, test: 10 };
const calls = 800;

describe.each(Object.entries(optimizers) as [string, Optimizer][])('the plan of %s', (_, optimizer) => {
  const values = defaultsOf(optimizer.fields);

  it('says about how many new prompts and texts of the generator there will be', () => {
    for (const world of worlds.slice(0, 2)) {
      const { counting, told } = counted(optimizer);
      const played = play({ optimizer: counting, values: {}, world, seed: 1, calls, textCost: 1, rows });
      const plan = optimizer.plan(values, { ...rows, seeds: new World(world, 1, 10).seeds.length }, calls);
      const { prompts, generatorCalls } = { ...plan, ...plan.most };
      expect(plan.prompts > 0).toBe(told.prompts > 0);
      expect(told.prompts).toBeGreaterThanOrEqual(0.7 * plan.prompts);
      expect(told.prompts).toBeLessThanOrEqual(1.4 * prompts);
      expect(played.generatorCalls).toBeLessThanOrEqual(1.4 * generatorCalls);
    }
  });

  it('never has more rounds than new prompts, and no less of anything where prompts drop out early', () => {
    for (const train of [12, 60, 300])
      for (let budget = 60; budget < 6000; budget *= 2) {
        const plan = optimizer.plan(values, { train, validation: 60, seeds: 3 }, budget);
        if (plan.problems.length > 0) continue;
        expect(plan.rounds).toBeLessThanOrEqual(
          Math.max(plan.prompts, Number(optimizer.id === 'miprov2') * plan.rounds),
        );
        const most = plan.most ?? plan;
        for (const name of ['rounds', 'prompts', 'generatorCalls'] as const)
          expect(most[name]).toBeGreaterThanOrEqual(plan[name]);
        expect(plan.evaluationCalls + plan.generatorCalls).toBeLessThanOrEqual(budget);
      }
  });
});
