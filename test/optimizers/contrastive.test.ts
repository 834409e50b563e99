import { describe, expect, it } from 'vitest';
import type { ExampleResult } from '#core/evaluation.ts';
import type { FieldValue } from '#core/fields.ts';
import type { Optimizer } from '#core/optimizer.ts';
import { contrastive } from '#optimizers/contrastive.ts';
import { finalRows } from '#optimizers/parts/plan.ts';
import { driveByHand, failedResult, makeWorld, resultOf, type Trail } from './by-hand.ts';

const optimizer = contrastive as unknown as Optimizer;
const shownBy = (trail: Trail): readonly (readonly string[])[] =>
  trail.facts.flatMap((fact) => (fact.type === 'round-started' ? [fact.examples] : []));
const metaPrompts = (trail: Trail): readonly string[] =>
  trail.asks.flatMap((ask) =>
    ask.kind === 'generate' ? ask.jobs.flatMap((job) => job.messages.map((m) => m.content)) : [],
  );
const run = (values: Readonly<Record<string, FieldValue>>, over: Parameters<typeof makeWorld>[1] = {}): Trail =>
  driveByHand(makeWorld(optimizer, { ...over, values: { rounds: 1, proposals: 1, ...values } }));

/** Equal for every prompt, so that the examples of the best prompt are those of any. */
const entropies = new Map<string, number>();
const fixedResult = (...[candidate, example]: Parameters<typeof resultOf>): ExampleResult => {
  if (!entropies.has(example.id)) entropies.set(example.id, entropies.size / 4);
  return {
    ...resultOf(candidate, example),
    crossEntropy: { type: 'scored', value: entropies.get(example.id) ?? 0 },
  } as ExampleResult;
};

describe('the chosen strategy', () => {
  const strategies = {
    random: { strategy: 'random' },
    'best and worst': { strategy: 'best_worst' },
    balance: { strategy: 'balance', share: 0.5 },
    'balance of nothing': { strategy: 'balance', share: 0 },
    'balance of all': { strategy: 'balance', share: 1 },
  } as const;
  const seen = Object.fromEntries(
    Object.entries(strategies).map(([name, values]) => [name, metaPrompts(run(values, { result: fixedResult }))[0]]),
  );

  it('changes what the generator sees', () => {
    expect(new Set([seen['random'], seen['best and worst'], seen['balance']]).size).toBe(3);
  });

  it('at the ends of the balance is the one or the other', () => {
    expect(seen['balance of nothing']).toBe(seen['random']);
    expect(seen['balance of all']).toBe(seen['best and worst']);
  });

  it.each([2, 4, 6, 10])(
    'shows the half with the highest and the half with the lowest cross entropies of %i',
    (count) => {
      const [shown = []] = shownBy(
        run({ strategy: 'best_worst', shownExamples: count, tail: true }, { result: fixedResult }),
      );
      const places = shown.map((id) => (entropies.get(id) ?? -1) * 4).sort((a, b) => a - b);
      const half = count / 2;
      const low = Array.from({ length: half }, (_, i) => i);
      expect(places).toEqual([...low, ...low.map((i) => 16 - half + i)]);
    },
  );

  it('draws the hard ones from the worst third, so that a wrong label is not shown in every round', () => {
    const rounds = shownBy(run({ strategy: 'best_worst', shownExamples: 4, rounds: 8 }, { result: fixedResult }));
    const hard = rounds.map((shown) => shown.map((id) => (entropies.get(id) ?? -1) * 4).filter((place) => place > 1));
    for (const places of hard) for (const place of places) expect(place).toBeGreaterThanOrEqual(10);
    expect(hard.filter((places) => places.includes(15)).length).toBeLessThan(hard.length);
  });

  it('shares the examples out under balance', () => {
    const [shown = []] = shownBy(
      run({ strategy: 'balance', share: 0.5, shownExamples: 8, tail: true }, { result: fixedResult }),
    );
    const places = shown.map((id) => (entropies.get(id) ?? -1) * 4);
    expect(new Set(places).size).toBe(8);
    for (const extreme of [0, 1, 14, 15]) expect(places).toContain(extreme);
  });

  it('draws other rows each round at random', () => {
    const shown = shownBy(run({ strategy: 'random', rounds: 5 }, { result: fixedResult }));
    expect(new Set(shown.map((ids) => [...ids].sort().join())).size).toBeGreaterThan(2);
  });
});

describe('what is shown', () => {
  it('is each example with its own answer, also where others are missing', () => {
    const world = makeWorld(optimizer, {
      values: { rounds: 1, proposals: 1, shownExamples: 16, shownBad: 0, strategy: 'random' },
    });
    const missing = new Set(world.context.train.slice(0, 5).map(({ id }) => id));
    const { facts, asks } = driveByHand({
      ...world,
      result: (candidate, example) =>
        missing.has(example.id)
          ? undefined
          : ({ ...resultOf(candidate, example), answer: `about ${example.inputs['text'] ?? ''}` } as ExampleResult),
    });
    const [shown = []] = facts.flatMap((fact) => (fact.type === 'round-started' ? [fact.examples] : []));
    expect(shown).toHaveLength(11);
    const content = asks
      .flatMap((ask) => (ask.kind === 'generate' ? (ask.jobs[0]?.messages[0]?.content ?? '') : []))
      .join();
    for (const { id, inputs } of world.context.train) {
      const text = inputs['text'] ?? '';
      expect(content.split(text).length - 1, text).toBe(missing.has(id) ? 0 : 2);
    }
  });

  it('are no failed rows', () => {
    const world = makeWorld(optimizer, { values: { rounds: 1, shownExamples: 16 } });
    const [bad] = world.context.train;
    const { facts } = driveByHand({
      ...world,
      result: (candidate, example) => (example === bad ? failedResult : resultOf(candidate, example)),
    });
    const [shown = []] = shownBy({ facts } as unknown as Trail);
    expect(shown).toHaveLength(15);
    expect(shown).not.toContain(bad?.id);
  });

  it('are good and bad prompts that do not overlap, the best first', () => {
    for (const seeds of [1, 2, 3, 4]) {
      const { context } = makeWorld(optimizer);
      const trail = run(
        { rounds: 4, shownGood: 5, shownBad: 5 },
        { context: { seeds: context.seeds.slice(0, seeds) } },
      );
      for (const fact of trail.facts) {
        if (fact.type !== 'round-started') continue;
        expect(fact.good.length).toBeGreaterThan(0);
        expect(fact.good.filter((id) => fact.bad.includes(id))).toEqual([]);
      }
    }
  });

  it('follows the numbers that were chosen, down to none', () => {
    const trail = run({ shownExamples: 0, shownBad: 0, shownGood: 1 });
    expect(trail.facts[0]).toMatchObject({ type: 'round-started', examples: [], bad: [], good: [expect.any(String)] });
  });

  it('fills every mark of the meta prompt, and leaves unknown ones', () => {
    const metaPrompt = '{{task}}|{{good prompts}}|{{bad prompts}}|{{examples}}|{{rules}}|{{idea}}|{{mine}}';
    const [content = ''] = metaPrompts(run({ metaPrompt }));
    expect(content).toMatch(/\|\{\{mine\}\}$/);
    expect(content.match(/\{\{/g)).toHaveLength(1);
    for (const [text] of metaPrompts(run({}))) expect(text).not.toContain('{{');
  });

  it('shows prompts and rows as they are, marks and all', () => {
    const { context } = makeWorld(optimizer);
    const [seed] = context.seeds;
    if (!seed) throw new Error('a starting prompt is there');
    const prompt = 'Sort $& {{text}} $1.';
    const trail = run({}, { context: { seeds: [{ ...seed, prompt }] } });
    expect(metaPrompts(trail)[0]).toContain(prompt);
  });
});

describe('a budget that ends within a round', () => {
  it('still pays for the proposals that fit', () => {
    const world = makeWorld(optimizer, { values: { rounds: 3, proposals: 3 } });
    // refuse any request for more than one new prompt, as a driver does that has calls left for one
    let evaluated = 0;
    const procedure = optimizer.run(world.context, world.values);
    let turn = procedure.next();
    while (!turn.done) {
      const ask = turn.value;
      if (ask.kind === 'announce') turn = procedure.next({ kind: 'announce' });
      else if (ask.kind === 'listen') turn = procedure.next({ kind: 'listen', candidates: [], hints: [], calls: 600 });
      else if (ask.kind === 'generate')
        turn = procedure.next({
          kind: 'generate',
          step: 0,
          status: 'done',
          outputs: ask.jobs.map((job, i) => world.write(job, i)),
        });
      else {
        const isNew = ask.split === 'train' && ask.candidates.some(({ origin }) => origin.type === 'proposal');
        const refused = isNew && (ask.candidates.length > 1 || evaluated >= 1);
        if (isNew && !refused) evaluated += 1;
        const rows = new Map([...world.context.train, ...world.context.validation].map((row) => [row.id, row]));
        const byId = new Map(ask.candidates.map((candidate) => [candidate.id, candidate]));
        turn = procedure.next({
          kind: 'evaluate',
          status: refused ? 'exhausted' : 'done',
          result: (candidate, example) => {
            const [one, row] = [byId.get(candidate), rows.get(example)];
            return one && row ? resultOf(one, row) : undefined;
          },
        });
      }
    }
    expect(evaluated).toBe(1);
    expect(turn.value.ended).toBe('budget-spent');
  });
});

describe('the winner', () => {
  it('is the best on the validation rows, not the one that was lucky on the train rows', () => {
    const world = makeWorld(optimizer, { values: { rounds: 2 } });
    const train = new Set(world.context.train.map(({ id }) => id));
    const { outcome, facts } = driveByHand({
      ...world,
      result: (candidate, example) => {
        const isNew = candidate.origin.type === 'proposal';
        const base = resultOf(candidate, example);
        return { ...base, outcome: isNew === train.has(example.id) ? 'right' : 'wrong' } as ExampleResult;
      },
    });
    expect(facts.filter(({ type }) => type === 'candidate-proposed').length).toBeGreaterThan(2);
    expect(outcome.best).toBe(outcome.baseline);
  });
});

describe('its plan', () => {
  it('is what then happens when nothing is refused or turned down', () => {
    for (const values of [{}, { rounds: 3, proposals: 4 }, { rounds: 1, proposals: 1, finalists: 1 }]) {
      const world = makeWorld(contrastive, { values, context: { calls: 1e6 } });
      const sizes = { train: 16, validation: 14, seeds: world.context.seeds.length };
      const plan = contrastive.plan(world.values as never, sizes, 1e6);
      const { evaluationCalls, generatorCalls, facts } = driveByHand(world);
      expect(facts.some(({ type }) => type === 'proposal-rejected')).toBe(false);
      expect(plan.problems).toEqual([]);
      // a generator that thinks would be asked for the texts of its first round once more
      expect(generatorCalls).toBe(plan.generatorCalls - Number(world.values['proposals']));
      expect(evaluationCalls).toBeLessThanOrEqual(plan.evaluationCalls);
      // the best starting prompt may be among the finalists already
      expect(evaluationCalls).toBeGreaterThanOrEqual(plan.evaluationCalls - sizes.validation);
    }
  });

  it('counts a last round that does not try all of its new prompts', () => {
    let last = 0;
    for (let calls = 154; calls <= 420; calls += 7) {
      const world = makeWorld(contrastive, { context: { calls } });
      const sizes = { train: 16, validation: 14, seeds: world.context.seeds.length };
      const plan = contrastive.plan(world.values as never, sizes, calls);
      const { evaluationCalls, generatorCalls, facts } = driveByHand(world);
      expect(facts.some(({ type }) => type === 'proposal-rejected')).toBe(false);
      const thought = plan.generatorCalls - generatorCalls;
      expect(thought).toBe(
        Math.min(Number(world.values['proposals']), calls - (plan.evaluationCalls + generatorCalls)),
      );
      expect([0, finalRows(3, sizes.validation, calls)]).toContain(plan.evaluationCalls - evaluationCalls);
      const all = plan.evaluationCalls + plan.generatorCalls;
      expect(all).toBeGreaterThanOrEqual(last);
      last = all;
    }
  });
});
