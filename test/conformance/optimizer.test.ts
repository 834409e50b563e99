import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import { candidateWith, demonstrationsIn } from '#core/demonstrations.ts';
import { checkValues, defaultsOf, type FieldValue } from '#core/fields.ts';
import type { GeneratedText, Optimizer } from '#core/optimizer.ts';
import { optimizerOf, optimizers } from '#optimizers/index.ts';
import { instructionOf, type Candidate } from '#core/prompt.ts';
import {
  driveByHand,
  failedResult,
  makeWorld,
  resultOf,
  startOf,
  writePrompt,
  type World,
} from '../optimizers/by-hand.ts';

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

/** Thinks first: with few tokens it does not come to an answer. */
const thinking =
  (thoughts: number): World['write'] =>
  (job, count) =>
    job.maxTokens < thoughts ? { text: '', finish: 'length' } : writePrompt(job, count);

/** Put together from the task, or from sentences that were there, without a generator. */
const isPutTogether = ({ origin }: Candidate): boolean =>
  origin.type === 'proposal' && ['template', 'edit'].includes(origin.operator ?? '');

/** These search the worked examples themselves, or write nothing: what a child shows is their own choice. */
const choosesExamples: ReadonlySet<string> = new Set(['capo', 'miprov2', 'simba', 'random-demos', 'compare']);
const examplesChosen: ReadonlySet<string> = new Set(['demos', 'hard examples']);

describe.each(Object.entries(optimizers) as [string, Optimizer][])('optimizer %s', (id, optimizer) => {
  /** Each flag the other way round, and each choice. */
  const options = Object.entries(optimizer.fields).flatMap(([name, field]): readonly [string, FieldValue][] => {
    if (field.type === 'flag') return [[name, !field.default]];
    return field.type === 'choice' ? field.choices.map(({ value }) => [name, value]) : [];
  });

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

  it('says of each text that was asked for as a prompt what came of it, once and in its round, and of notes nothing', () => {
    for (const seed of [1, 2, 3]) {
      const { asks, facts } = driveByHand(makeWorld(optimizer, { seed }));
      const asked = asks.flatMap((ask, step) =>
        ask.kind === 'generate'
          ? ask.jobs.map((_, job) => ({ step, job, round: ask.round, purpose: ask.purpose }))
          : [],
      );
      const ends = facts.flatMap((fact) =>
        (fact.type === 'candidate-proposed' || fact.type === 'proposal-rejected') && fact.from
          ? [{ ...fact.from, round: fact.round, purpose: 'prompt' }]
          : [],
      );
      const sorted = (list: readonly { step: number; job: number }[]) =>
        [...list].sort((a, b) => a.step - b.step || a.job - b.job);
      expect(sorted(ends)).toEqual(sorted(asked.filter(({ purpose }) => purpose === 'prompt')));
    }
  });

  it('names the same prompt the best when a round ends as it puts in front of those that it keeps', () => {
    for (const seed of [1, 2, 3]) {
      const { facts } = driveByHand(makeWorld(optimizer, { seed, context: { calls: 1500 } }));
      for (const fact of facts) {
        if (fact.type !== 'round-finished') continue;
        const kept = facts.findLast((other) => other.type === 'archive-changed' && other.round === fact.round);
        if (kept?.type === 'archive-changed') expect(kept.residents[0], `round ${fact.round}`).toBe(fact.best);
      }
    }
  });

  it('proposes no prompt twice, with whatever examples', () => {
    for (const write of [writePrompt, text('<prompt>Say which of the three it is.</prompt>')]) {
      const { facts } = driveByHand(makeWorld(optimizer, { write, context: { calls: 1500 } }));
      const proposed = facts.flatMap((fact) => (fact.type === 'candidate-proposed' ? [fact.candidate.id] : []));
      expect(new Set(proposed).size).toBe(proposed.length);
    }
  });

  it('proposes no starting prompt that shows rows once more, where the generator copies its instruction', () => {
    const { context } = makeWorld(optimizer);
    const seeds = context.seeds.map(({ prompt, origin }, index) =>
      candidateWith(
        prompt,
        context.train.slice(index, index + 2).map((example) => ({ example, answer: example.targets[0] ?? '' })),
        context.task.template,
        origin,
      ),
    );
    const write: World['write'] = (_, count) => text(`<prompt>${context.seeds[count % 4]?.prompt ?? ''}</prompt>`)();
    const { facts } = driveByHand(makeWorld(optimizer, { write, context: { seeds } }));
    const all = [
      ...seeds.map((seed) => seed.id),
      ...facts.flatMap((fact) => (fact.type === 'candidate-proposed' ? [fact.candidate.id] : [])),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it('comes to an end wherever the budget ends, with a reason and a prompt that it knows', () => {
    const values = Object.hasOwn(optimizer.fields, 'rounds') ? { rounds: 3 } : {};
    const steps = driveByHand(makeWorld(optimizer, { values })).asks.length;
    const places = Array.from({ length: Math.min(steps, 40) + 1 }, (_, index, all = Math.min(steps, 40)) =>
      Math.round((index * steps) / Math.max(1, all)),
    );
    for (const refuseFrom of places) {
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
      expect(asks.length, 'goes on asking after a refusal').toBeLessThan(refuseFrom + 40);
    }
  });

  it.each([0, 7, 40, 90, 170, 330, 900])('lives within a budget of %i calls', (calls) => {
    const { outcome, evaluationCalls, generatorCalls } = driveByHand(makeWorld(optimizer, { context: { calls } }));
    expect(evaluationCalls + generatorCalls).toBeLessThanOrEqual(calls);
    expect(outcome.reason).toMatch(/\.$/);
  });

  it('never asks about more than the budget that it was told of', () => {
    const world = makeWorld(optimizer);
    let asked = 0;
    for (const ask of driveByHand(world).asks) if (ask.kind === 'generate') asked += ask.jobs.length;
    expect(asked).toBeLessThanOrEqual(world.context.calls);
  });

  it.each(Object.entries(generators))('survives a generator (%s), and gives a reason each time', (_, write) => {
    const world = makeWorld(optimizer, { write });
    const { outcome, facts, generatorCalls } = driveByHand(world);
    // a piece that is added to a starting prompt is one text of the generator, whichever prompt it is added to
    const ownWords = (prompt: string): string =>
      world.context.seeds.reduce((rest, seed) => rest.replaceAll(seed.prompt, ''), prompt).trim();
    const made = facts.flatMap((fact) => (fact.type === 'candidate-proposed' ? [fact.candidate] : []));
    const putTogether = new Set(made.filter(isPutTogether).map(instructionOf));
    const written = made.map(instructionOf).filter((prompt) => !putTogether.has(prompt));
    expect(new Set(written.map(ownWords).filter((words) => words !== '')).size).toBeLessThanOrEqual(1);
    const rejected = facts.flatMap((fact) => (fact.type === 'proposal-rejected' ? [fact] : []));
    for (const { reason, detail } of rejected) {
      expect(reason).not.toBe('');
      expect(detail).not.toBe('');
    }
    expect(outcome.reason).toMatch(/\.$/);
    expect(generatorCalls, 'gives up').toBeLessThanOrEqual(60);
  });

  it('comes to prompts with a generator that thinks first, and asks it twice but once', () => {
    const plain = driveByHand(makeWorld(optimizer));
    const world = makeWorld(optimizer, { write: thinking(1100) });
    const { asks, facts } = driveByHand(world);
    const isWritten = (all: typeof facts): boolean =>
      all.some((fact) => fact.type === 'candidate-proposed' && fact.from !== undefined);
    expect(isWritten(facts)).toBe(isWritten(plain.facts));
    const batches = asks.flatMap((ask) => (ask.kind === 'generate' ? [ask.jobs] : []));
    const short = batches.filter((jobs) => jobs.some(({ maxTokens }) => maxTokens < 1100));
    expect(short.length).toBeLessThanOrEqual(1);
    const never = driveByHand({ ...world, write: thinking(Infinity) });
    for (const fact of never.facts) if (fact.type === 'proposal-rejected') expect(fact.reason).toBe('cut-off');
  });

  it('tells the generator what the person hints, and tries the prompt that the person adds', () => {
    const added = startOf('Say whether the writer praises, complains or asks. One word.');
    const person = { ...added, origin: { type: 'person' as const } };
    const trail = driveByHand(
      makeWorld(optimizer, {
        say: (round) => (round === 1 ? { candidates: [person], hints: ['Mind the irony.'] } : {}),
      }),
    );
    if (trail.asks.some(({ kind }) => kind === 'listen')) {
      const evaluated = trail.asks.flatMap((ask) => (ask.kind === 'evaluate' ? ask.candidates : []));
      expect(evaluated.map(({ id: tried }) => tried)).toContain(person.id);
    }
    if (trail.generatorCalls > 0) {
      const told = trail.asks.flatMap((ask) => (ask.kind === 'generate' ? ask.jobs : []));
      expect(told.some(({ messages }) => messages.some(({ content }) => content.includes('Mind the irony.')))).toBe(
        true,
      );
    }
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
      expect(driveByHand(makeWorld(optimizer, { context: less })).outcome.reason).toMatch(/\.$/);
  });

  it('tells the generator nothing in braces but the marks of the prompts, with each of its options', () => {
    const plain = makeWorld(optimizer);
    const marked = { ...plain.context, seeds: plain.context.seeds.map(({ prompt }) => startOf(`${prompt} {{text}}`)) };
    const write: World['write'] = (job, count) => {
      const { text: said, finish } = writePrompt(job, count);
      return { text: said.replace('</prompt>', ' {{text}}</prompt>'), finish };
    };
    const worlds = [
      { world: plain, marks: [] },
      ...options.map(([name, value]) => ({ world: makeWorld(optimizer, { values: { [name]: value } }), marks: [] })),
      { world: makeWorld(optimizer, { context: marked, write }), marks: ['{{text}}'] },
    ];
    for (const { world, marks } of worlds)
      for (const ask of driveByHand(world).asks)
        for (const { messages } of ask.kind === 'generate' ? ask.jobs : [])
          for (const { content } of messages)
            expect(content.match(/\{\{[^{}]*\}\}/g)?.filter((mark) => !marks.includes(mark)) ?? []).toEqual([]);
  });

  it('hands the starting prompts on with their placeholders', () => {
    const [first] = makeWorld(optimizer).context.seeds;
    if (!first) throw new Error('a starting prompt is there');
    const seeds = [{ ...first, prompt: 'Sort {{text}} into a class.' }];
    const write = text('<prompt>Sort the message into a class, please.</prompt>');
    const { facts } = driveByHand(makeWorld(optimizer, { context: { seeds }, write }));
    for (const fact of facts)
      if (fact.type === 'proposal-rejected' && !fact.text.includes('{{text}}'))
        expect(fact.reason).toBe('placeholders');
    for (const fact of facts)
      if (fact.type === 'candidate-proposed') expect(instructionOf(fact.candidate)).toContain('{{text}}');
  });

  it.skipIf(choosesExamples.has(id))('shows below a rewritten prompt what stood below the old one', () => {
    const { context } = makeWorld(optimizer);
    // in words of its own, as they stand there, and not as the data have them
    const worked = context.train
      .slice(0, 2)
      .map((example) => ({ example, answer: `Surely ${example.targets[0] ?? ''}` }));
    const seeds = context.seeds.map(({ prompt, origin }) =>
      candidateWith(prompt, worked, context.task.template, origin),
    );
    // PACER's templates show nothing and would be the parents of all that follows, and it ends where nothing is left to be gained
    const byInstruction: World['result'] = (candidate, row) =>
      resultOf({ ...candidate, prompt: instructionOf(candidate) }, row);
    const over = id === 'pacer' ? { values: { templates: false }, result: byInstruction } : {};
    const { facts } = driveByHand(makeWorld(optimizer, { context: { seeds }, ...over }));
    const known = new Map(seeds.map((seed) => [seed.id, seed]));
    let children = 0;
    for (const fact of facts) {
      if (fact.type !== 'candidate-proposed') continue;
      const { candidate } = fact;
      known.set(candidate.id, candidate);
      if (candidate.origin.type !== 'proposal' || examplesChosen.has(candidate.origin.operator ?? '')) continue;
      const [first] = candidate.origin.parents;
      const parent = first && known.get(first);
      if (!parent) continue;
      children += Number(parent.demos !== undefined);
      const shownIn = (one: Candidate) => demonstrationsIn(one, context.train, context.task.template);
      expect(shownIn(candidate)).toEqual(shownIn(parent));
    }
    expect(children).toBeGreaterThan(0);
  });

  it('takes no more than it planned, with a generator that has to be asked again too', () => {
    const limits = Object.hasOwn(optimizer.fields, 'rounds') ? [{}, { rounds: 2 }] : [{}];
    for (const calls of [200, 600, 1500])
      for (const values of limits)
        for (const write of [
          writePrompt,
          text(''),
          text('<prompt>Say which of the three it is.</prompt>'),
          text('', 'length'),
          thinking(1100),
        ]) {
          const world = makeWorld(optimizer, { context: { calls }, values, write });
          const plan = optimizer.plan(world.values, { train: 16, validation: 14, seeds: 4 }, calls);
          if (plan.problems.length > 0) continue;
          const { evaluationCalls, generatorCalls } = driveByHand(world);
          expect(evaluationCalls + generatorCalls).toBeLessThanOrEqual(plan.evaluationCalls + plan.generatorCalls);
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

  it.each(options)('keeps to its plan and its budget with %s = %s', (name, value) => {
    const world = makeWorld(optimizer, { values: { [name]: value } });
    const plan = optimizer.plan(world.values, { train: 16, validation: 14, seeds: 4 }, world.context.calls);
    const { outcome, evaluationCalls, generatorCalls } = driveByHand(world);
    expect(outcome.reason).toMatch(/\.$/);
    expect(plan.problems).toEqual([]);
    expect(plan.evaluationCalls + plan.generatorCalls).toBeLessThanOrEqual(world.context.calls);
    expect(evaluationCalls + generatorCalls).toBeLessThanOrEqual(plan.evaluationCalls + plan.generatorCalls);
  });

  it('says why it ended when the generator never helps', () => {
    const { outcome, facts, generatorCalls } = driveByHand(makeWorld(optimizer, { write: text('', 'failed') }));
    const made = facts.some(({ type }) => type === 'candidate-proposed');
    if (!made) expect(outcome.best).toBe(outcome.baseline);
    if (generatorCalls > 0 && !made) expect(outcome.reason).toMatch(/generator/i);
  });

  it('changes nothing that it was given', () => {
    const world = makeWorld(optimizer);
    const before = structuredClone({ ...world.context, random: 0 });
    driveByHand({ ...world, write: writePrompt });
    expect({ ...world.context, random: 0 }).toEqual(before);
  });
});
