import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import { checkValues, defaultsOf } from '#core/fields.ts';
import type { GeneratedText, Optimizer } from '#core/optimizer.ts';
import { optimizerOf, optimizers } from '#optimizers/index.ts';
import { driveByHand, failedResult, makeWorld, resultOf, writePrompt } from '../optimizers/by-hand.ts';

/** What every optimizer has to keep to, so that the engine can drive it, refuse it, and replay it. */

const text =
  (content: string, finish: GeneratedText['finish'] = 'stop') =>
  (): GeneratedText => ({ text: content, finish });
const generators: Readonly<Record<string, () => GeneratedText>> = {
  'says nothing': text(''),
  'is cut off': text('<prompt>Decide whether', 'length'),
  'M14 repeats itself': text('<prompt>Say which of the three it is.</prompt>'),
  'M14 repeats a starting prompt': text('<prompt>What is this message about?</prompt>'),
  'copies an example': text('<prompt>I am very happy with the red parcel from order 1000 means praise.</prompt>'),
  'breaks placeholders': text('<prompt>Sort {{message}} and {{>prompt}}.</prompt>'),
  refuses: text('I’m sorry, but I cannot help with that.'),
  'is withheld': text('Content policy.', 'filter'),
  fails: text('', 'failed'),
  'writes a novel': text(`<prompt>${'very '.repeat(9000)}</prompt>`),
  'thinks without end': text('<think>Should I write <prompt>this</prompt>? Let me', 'length'),
};

describe.each(Object.entries(optimizers) as [string, Optimizer][])('optimizer %s', (id, optimizer) => {
  it('describes itself, and its defaults are valid', () => {
    expect(optimizer.id).toBe(id);
    expect(optimizerOf(id)).toBe(optimizer);
    expect(optimizer.label).not.toBe('');
    expect(optimizer.description).toMatch(/\.$/);
    expect(Number.isInteger(optimizer.version)).toBe(true);
    expect(checkValues(optimizer.fields, defaultsOf(optimizer.fields)).problems).toEqual([]);
  });

  it('asks the same when it is answered the same, and something else with another seed', () => {
    const first = driveByHand(makeWorld(optimizer));
    expect(driveByHand(makeWorld(optimizer))).toEqual(first);
    expect(driveByHand(makeWorld(optimizer, { seed: 2 })).asks).not.toEqual(first.asks);
  });

  it('asks for what survives a journal and a worker', () => {
    for (const ask of driveByHand(makeWorld(optimizer)).asks) expect(JSON.parse(JSON.stringify(ask))).toEqual(ask);
  });

  it('asks about train rows as train and about validation rows as validation, and about no others', () => {
    const world = makeWorld(optimizer);
    const { train, validation } = world.context;
    const ids = { train: new Set(train.map((row) => row.id)), validation: new Set(validation.map((row) => row.id)) };
    let asked = 0;
    for (const ask of driveByHand(world).asks) {
      if (ask.kind !== 'evaluate') continue;
      asked += 1;
      expect(ask.candidates.length * ask.examples.length).toBeGreaterThan(0);
      for (const example of ask.examples) expect(ids[ask.split].has(example)).toBe(true);
    }
    expect(asked).toBeGreaterThan(0);
  });

  it('never shows the generator a validation row', () => {
    const world = makeWorld(optimizer);
    const shown = driveByHand(world).asks.flatMap((ask) =>
      ask.kind === 'generate' ? ask.jobs.flatMap((job) => job.messages.map(({ content }) => content)) : [],
    );
    const texts = world.context.validation.map(({ inputs }) => inputs['text'] ?? '');
    expect(shown.length).toBeGreaterThan(0);
    for (const content of shown) for (const secret of texts) expect(content).not.toContain(secret);
  });

  it('announces each prompt before it asks about it', () => {
    const world = makeWorld(optimizer);
    const known = new Set(world.context.seeds.map((seed) => seed.id));
    for (const ask of driveByHand(world).asks) {
      if (ask.kind === 'announce' && ask.fact.type === 'candidate-proposed') known.add(ask.fact.candidate.id);
      if (ask.kind === 'evaluate') for (const { id: asked } of ask.candidates) expect(known.has(asked)).toBe(true);
    }
  });

  it('comes to an end wherever the budget ends, with a reason and a prompt that it knows', () => {
    const values = Object.hasOwn(optimizer.fields, 'rounds') ? { rounds: 3 } : {};
    const steps = driveByHand(makeWorld(optimizer, { values })).asks.length;
    for (let refuseFrom = 0; refuseFrom <= steps; refuseFrom++) {
      const world = makeWorld(optimizer, { values, refuseFrom });
      const { outcome, facts, asks } = driveByHand(world);
      const known = [
        ...world.context.seeds.map((seed) => seed.id),
        ...facts.flatMap((fact) => (fact.type === 'candidate-proposed' ? [fact.candidate.id] : [])),
      ];
      expect(known).toContain(outcome.best);
      expect(world.context.seeds.map((seed) => seed.id)).toContain(outcome.baseline);
      expect(outcome.reason).toMatch(/\.$/);
      const refused = asks.slice(refuseFrom).some(({ kind }) => kind !== 'announce');
      expect(outcome.ended === 'budget-spent' || !refused || asks.at(-1)?.kind !== 'generate').toBe(true);
      expect(asks.length, 'goes on asking after a refusal').toBeLessThan(refuseFrom + 20);
    }
  });

  it.each(Object.entries(generators))('survives a generator (%s), and gives a reason each time', (_, write) => {
    const { outcome, facts, generatorCalls } = driveByHand(makeWorld(optimizer, { write }));
    const proposed = facts.filter(({ type }) => type === 'candidate-proposed').length;
    const rejected = facts.flatMap((fact) => (fact.type === 'proposal-rejected' ? [fact] : []));
    expect(proposed).toBeLessThanOrEqual(1);
    expect(proposed + rejected.length).toBe(generatorCalls);
    for (const { reason, detail } of rejected) {
      expect(reason).not.toBe('');
      expect(detail).not.toBe('');
    }
    expect(outcome.reason).toMatch(/\.$/);
    expect(generatorCalls, 'gives up').toBeLessThanOrEqual(20);
  });

  it('survives failed rows, a prompt without any answer, and rows without a result', () => {
    const random = createRandom('failures');
    for (const share of [0.2, 1])
      for (const missing of [failedResult, undefined]) {
        const world = makeWorld(optimizer, {
          result: (candidate, example) => (random.next() < share ? missing : resultOf(candidate, example)),
        });
        expect(driveByHand(world).outcome.reason).toMatch(/\.$/);
      }
  });

  it('D08 works without validation rows, with one row and with one starting prompt', () => {
    const { context } = makeWorld(optimizer);
    for (const less of [{ validation: [] }, { train: context.train.slice(0, 1) }, { seeds: context.seeds.slice(0, 1) }])
      expect(driveByHand(makeWorld(optimizer, { context: less })).outcome.ended).toBe('finished');
  });

  it('hands the starting prompts on with their placeholders', () => {
    const [first] = makeWorld(optimizer).context.seeds;
    if (!first) throw new Error('a starting prompt is there');
    const seeds = [{ ...first, prompt: 'Sort {{text}} into a class.' }];
    const write = text('<prompt>Sort the message into a class, please.</prompt>');
    const { facts } = driveByHand(makeWorld(optimizer, { context: { seeds }, write }));
    expect(facts.find(({ type }) => type === 'proposal-rejected')).toMatchObject({ reason: 'placeholders' });
  });

  it('plans what then happens when nothing is refused or turned down', () => {
    for (const values of [{}, { rounds: 3, proposals: 4 }, { rounds: 1, proposals: 1, finalists: 1 }]) {
      const world = makeWorld(optimizer, { values });
      const sizes = { train: 16, validation: 14, seeds: world.context.seeds.length };
      const plan = optimizer.plan(world.values, sizes, 1e6);
      const { evaluationCalls, generatorCalls, facts } = driveByHand(world);
      expect(facts.some(({ type }) => type === 'proposal-rejected')).toBe(false);
      expect(plan.problems).toEqual([]);
      expect(generatorCalls).toBe(plan.generatorCalls);
      expect(evaluationCalls).toBeLessThanOrEqual(plan.evaluationCalls);
      // the best starting prompt may be among the finalists already
      expect(evaluationCalls).toBeGreaterThanOrEqual(plan.evaluationCalls - sizes.validation);
    }
  });

  it('plans within the budget, and names the problem where it holds nothing', () => {
    const { values } = makeWorld(optimizer);
    const sizes = { train: 16, validation: 14, seeds: 4 };
    for (let calls = 0; calls < 1500; calls += 37) {
      const plan = optimizer.plan(values, sizes, calls);
      if (plan.problems.length > 0) expect(plan.problems.join(' ')).toMatch(/budget/i);
      else expect(plan.evaluationCalls + plan.generatorCalls).toBeLessThanOrEqual(calls);
    }
    expect(optimizer.plan(values, sizes, -5).problems).not.toEqual([]);
  });

  it('says why it ended when the generator never helps', () => {
    const { outcome } = driveByHand(makeWorld(optimizer, { write: text('', 'failed') }));
    expect(outcome).toMatchObject({ ended: 'finished', best: outcome.baseline });
    expect(outcome.reason).toMatch(/generator/i);
  });

  it('changes nothing that it was given', () => {
    const world = makeWorld(optimizer);
    const before = structuredClone({ ...world.context, random: 0 });
    driveByHand({ ...world, write: writePrompt });
    expect({ ...world.context, random: 0 }).toEqual(before);
  });
});
