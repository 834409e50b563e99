import { describe, expect, it } from 'vitest';
import { candidateWith, demonstrationsIn } from '#core/demonstrations.ts';
import type { ExampleResult } from '#core/evaluation.ts';
import type { Example } from '#core/example.ts';
import { candidateId } from '#core/id.ts';
import type { Optimizer } from '#core/optimizer.ts';
import { instructionOf, type Candidate } from '#core/prompt.ts';
import { createRandom } from '#lib/random.ts';
import { ape } from '#optimizers/ape.ts';
import { capo } from '#optimizers/capo.ts';
import { copro } from '#optimizers/copro.ts';
import { optimizers } from '#optimizers/index.ts';
import { miprov2 } from '#optimizers/miprov2.ts';
import { opro } from '#optimizers/opro.ts';
import { pacer } from '#optimizers/pacer.ts';
import { promptwizard } from '#optimizers/promptwizard.ts';
import { protegi } from '#optimizers/protegi.ts';
import { simba } from '#optimizers/simba.ts';
import { Batches } from '#optimizers/parts/batches.ts';
import { recordsBlock } from '#optimizers/parts/records.ts';
import { checkProposal } from '#optimizers/parts/check-proposal.ts';
import { ScoreBook } from '#optimizers/parts/score-book.ts';
import { standings } from '#optimizers/parts/standings.ts';
import { Workbench } from '#optimizers/parts/workbench.ts';
import { makeDataset, task } from '../support/builders.ts';
import { answered, driveByHand, exampleOf, failedResult, makeWorld, startOf, type World } from './by-hand.ts';
import { factsOf, told, written } from './trails.ts';

const { examples: rows } = makeDataset(30);
const place = (id: string): number => rows.findIndex((row) => row.id === id);

// OPRO announces those that it shows the best one first, COPRO the best one last
it.each([
  { optimizer: opro, best: 0 },
  { optimizer: copro, best: -1 },
])(
  '$optimizer.label writes from the best of those it shows above all, whatever the order in which they stand',
  ({ optimizer, best }) => {
    const { facts } = driveByHand(makeWorld(optimizer, { context: { calls: 1200 } }));
    let shown: readonly string[] = [];
    let children = 0;
    for (const fact of facts) {
      if (fact.type === 'round-started') shown = fact.good;
      if (fact.type !== 'candidate-proposed' || fact.candidate.origin.type !== 'proposal' || shown.length < 2) continue;
      children += 1;
      expect(fact.candidate.origin.parents[0]).toBe(shown.at(best));
    }
    expect(children).toBeGreaterThan(0);
  },
);

const options = { maxPromptLength: 1000, temperature: 1, finalists: 1 };
/** A workbench that asked all of these about all rows; shown rows are none. */
function benchOf(
  seeds: readonly Candidate[],
  others: readonly Candidate[],
  result: (candidate: Candidate, row: Example) => ExampleResult,
): Workbench {
  const { context } = makeWorld(pacer, { context: { seeds, train: rows, calls: 1000 } });
  const bench = new Workbench(context, options);
  const all = [...seeds, ...others];
  function* ask() {
    for (const other of others) yield* bench.introduce(1, other);
    yield* bench.evaluate(
      all,
      rows.map(({ id }) => id),
    );
  }
  const procedure = ask();
  for (let turn = procedure.next(); !turn.done;)
    turn = procedure.next(
      turn.value.kind === 'evaluate'
        ? {
            kind: 'evaluate',
            status: 'done',
            result: (id, example) => {
              const candidate = all.find((one) => one.id === id);
              const row = rows.find((one) => one.id === example);
              const isShown = candidate?.demos?.examples.includes(example) ?? false;
              return candidate && row && !isShown ? result(candidate, row) : undefined;
            },
          }
        : { kind: 'announce' },
    );
  return bench;
}

describe('prompts that show worked examples', () => {
  const plain = startOf('Say what it is.');
  const origin = { type: 'proposal', round: 1, parents: [plain.id], operator: 'examples' } as const;
  const showing = (from: number, count: number): Candidate =>
    candidateWith(
      plain.prompt,
      rows.slice(from, from + count).map((example) => ({ example, answer: example.targets[0] ?? '' })),
      task.template,
      origin,
    );

  it('are ranked on the rows that they share with the others: to show hard rows is no merit, to show easy ones no fault', () => {
    const isRight = ({ id }: Example): boolean => place(id) >= 12;
    const [hard, easy] = [showing(0, 3), showing(20, 3)];
    const bench = benchOf([plain], [hard, easy], (_, row) => answered(isRight(row) ? 'right' : 'wrong', 1));
    expect(bench.fullyAsked()[0]).toBe(plain);
    const helpful = showing(15, 3);
    const better = benchOf([plain], [hard, helpful], (candidate, row) =>
      answered(isRight(row) || (candidate.id === helpful.id && place(row.id) === 0) ? 'right' : 'wrong', 1),
    );
    expect(better.fullyAsked()[0]).toBe(helpful);
  });
});

it.each(Object.values(optimizers))(
  '$label hands no row of another part of the data on from a starting prompt that shows some',
  (optimizer) => {
    const { context } = makeWorld(optimizer);
    const [first, second] = context.train as [Example, Example];
    const [secret, other] = context.validation as [Example, Example];
    const seeds = context.seeds.map(({ prompt, origin }) => {
      const all = [first, secret, second, other].map((example) => ({ example, answer: example.targets[0] ?? '' }));
      const whole = candidateWith(prompt, all, task.template, origin);
      const demos = {
        instruction: prompt,
        examples: [first.id, second.id],
        elsewhere: [secret.id, other.id],
      };
      return { ...whole, demos };
    });
    const { facts } = driveByHand(makeWorld(optimizer, { context: { seeds } }));
    for (const fact of facts)
      if (fact.type === 'candidate-proposed')
        for (const { inputs } of [secret, other]) expect(fact.candidate.prompt).not.toContain(inputs['text']);
  },
);

it('one failed row does not cost a starting prompt its place', () => {
  const [good, poor] = [startOf('Good.'), startOf('Poor.')];
  const bench = benchOf([good, poor], [], ({ id }, row) => {
    if (id === good.id && place(row.id) === 3) return failedResult;
    return answered(id === good.id || place(row.id) < 10 ? 'right' : 'wrong', 1);
  });
  expect(bench.bestSeed()).toBe(good);
});

it('CAPO keeps those that have survived where the budget does not hold the next race', () => {
  const world = makeWorld(capo, { context: { calls: 400 } });
  const { asks } = driveByHand(world);
  const races = asks.flatMap((ask, index) => (ask.kind === 'evaluate' && ask.split === 'train' ? [index] : []));
  for (const refuseFrom of races.slice(3)) {
    const { asks: seen, outcome, facts } = driveByHand({ ...world, refuseFrom: refuseFrom - 1 });
    const evaluated = new Set(
      seen
        .slice(0, refuseFrom - 1)
        .flatMap((ask) => (ask.kind === 'evaluate' ? ask.candidates.map(({ id }) => id) : [])),
    );
    expect(evaluated.has(outcome.best)).toBe(true);
    expect(facts.length).toBeGreaterThan(0);
  }
});

it('MIPROv2 tries no set of examples twice that differs in case alone', () => {
  for (let seed = 1; seed <= 12; seed++) {
    const world = makeWorld(miprov2, {
      seed,
      values: { mostDemonstrations: 1 },
      context: { train: rows.slice(0, 9), calls: 900 },
      result: () => ({ ...answered('right', 0.2), answer: 'Praise' }),
    });
    expect(driveByHand(world).outcome.best).toBeDefined();
  }
});

it('a prompt of a person is tried, however much it looks like one that was there', () => {
  const own: Candidate = { id: candidateId('NAME the label!'), prompt: 'NAME the label!', origin: { type: 'person' } };
  const world = makeWorld(pacer, {
    context: { seeds: [startOf('Name the label.')] },
    say: (round) => (round === 2 ? { candidates: [own] } : {}),
  });
  const asked = driveByHand(world).asks.flatMap((ask) => (ask.kind === 'evaluate' ? ask.candidates : []));
  expect(asked.some(({ id }) => id === own.id)).toBe(true);
});

describe('a copied training text', () => {
  const rules = { known: new Set<string>(), placeholders: [], maxLength: 1000, common: [] };
  const reasonOf = (prompt: string, text: string) =>
    checkProposal(prompt, false, { ...rules, examples: [exampleOf(text)] })?.reason;

  it('is none where it belongs to the form of the rows, or was said by a starting prompt', () => {
    const form = 'In the following sentence, say which thing the pronoun refers to:';
    const examples = Array.from({ length: 20 }, (_, index) =>
      exampleOf(`${form} the ${index} saw that it was ${index}.`),
    );
    const prompt = `${form} answer with one letter.`;
    const found = (rows: typeof examples, common: readonly string[] = []) =>
      checkProposal(prompt, false, { ...rules, examples: rows, common })?.reason;
    expect(found(examples)).toBeUndefined();
    expect(found(examples.slice(0, 2))).toBe('copied-example');
    expect(found(examples.slice(0, 2), [`Please: ${form} be brief.`])).toBeUndefined();
  });

  it('is found in scripts without spaces, wherever it begins', () => {
    const text = '这家餐厅的服务非常好我们下次还会再来的谢谢大家';
    expect(reasonOf(`请注意:${text.slice(1)}`, text)).toBe('copied-example');
    expect(reasonOf('请从以下选项中选择正确的答案', text)).toBeUndefined();
    expect(reasonOf('这家餐厅的服务好不好', text)).toBeUndefined();
  });

  it('takes vowel signs for parts of a word', () => {
    const text = 'यह फिल्म बहुत अच्छी है और मुझे इसकी कहानी सबसे ज्यादा पसंद आई';
    expect(reasonOf('बताइए कि फिल्म बहुत अच्छी है या नहीं', text)).toBeUndefined();
    expect(reasonOf(`उदाहरण: ${text}`, text)).toBe('copied-example');
  });
});

it.each(Object.values(optimizers))('$label speaks of “these” answers only where it has listed them', (optimizer) => {
  for (const content of told(driveByHand(makeWorld(optimizer, { context: { calls: 1200 } }))).flat())
    if (content.includes('exactly one of these')) expect(content).toContain('The only allowed answers are: praise');
});

describe('a prompt that gets every row right', () => {
  // Contrastive goes on as the origin does, and a comparison writes nothing
  const ending = Object.values(optimizers).filter(({ id }) => !['contrastive', 'compare'].includes(id));
  const sure = answered('right', 0.001);
  const drive = (optimizer: Optimizer, result: World['result'], train = rows.slice(0, 16)) =>
    driveByHand(makeWorld(optimizer, { context: { calls: 1500, train, validation: rows.slice(16) }, result }));

  it.each(ending as unknown as readonly Optimizer[])('ends $label: nothing is to be gained', (optimizer) => {
    const trail = drive(optimizer, () => sure);
    expect(trail.outcome.reason).toMatch(/^Nothing to gain: /);
    expect(trail.generatorCalls).toBe(0);
    const unscored = { ...sure, crossEntropy: { type: 'unscored', reason: 'no-logprobs' } } as const;
    expect(drive(optimizer, () => unscored).outcome.reason).toMatch(/^Nothing to gain: /);
  });

  it.each(ending as unknown as readonly Optimizer[])(
    'does not end $label while it is unsure, or while a row is missing',
    (optimizer) => {
      expect(drive(optimizer, () => answered('right', 1)).outcome.reason).not.toMatch(/Nothing to gain/);
      const [first] = rows;
      const missing: World['result'] = (_, { id }) => (id === first?.id ? failedResult : sure);
      // PACER takes a row that failed for missing, and says that it was not answered
      const { reason } = drive(optimizer, missing).outcome;
      if (optimizer.id === 'pacer') expect(reason).toMatch(/^Nothing to gain: .* right that was answered\.$/);
      else expect(reason).not.toMatch(/Nothing to gain/);
    },
  );

  it.each(ending as unknown as readonly Optimizer[])(
    'ends $label also where the probabilities are estimated from a few draws, which never look sure',
    (optimizer) => {
      // four of four draws: (4 + 0.5) / (4 + 1)
      const estimated = {
        ...sure,
        crossEntropy: { type: 'scored', value: -Math.log(0.9), bound: 'estimated' },
      } as const;
      expect(drive(optimizer, () => estimated).outcome.reason).toMatch(/^Nothing to gain: /);
      const wrong = { ...estimated, outcome: 'wrong' } as const;
      expect(drive(optimizer, (_, { id }) => (id === rows[0]?.id ? wrong : estimated)).outcome.reason).not.toMatch(
        /Nothing to gain/,
      );
    },
  );

  it('does not end a search that goes by few of many rows', () => {
    const train = makeDataset(60).examples;
    const world = (rowsEach: number) =>
      driveByHand(
        makeWorld(opro, {
          values: { rows: rowsEach, rounds: 3 },
          context: { calls: 1500, train, validation: [] },
          result: () => sure,
        }),
      );
    expect(world(12).outcome.reason).toBe('All 3 rounds are done.');
    expect(world(24).outcome.reason).toBe(
      'Nothing to gain: the best prompt gets all 24 training rows right that this search goes by.',
    );
    expect(world(60).outcome.reason).toBe('Nothing to gain: the best prompt gets every training row right.');
  });
});

describe('a piece of a prompt', () => {
  const mark = '{{text}}';
  const seeds = ['Sort the message: {{text}}', 'Which kind is it? {{text}}'].map(startOf);
  const isPiece = (text: string): boolean => /Write only (?:the advice|these sentences)/.test(text);
  const drive = (optimizer: Optimizer, piece: string) =>
    driveByHand(
      makeWorld(optimizer, {
        context: { seeds, calls: 1200 },
        write: (job, count) =>
          isPiece(job.messages[0]?.content ?? '')
            ? { text: `<prompt>${piece.replace('#', String(count))}</prompt>`, finish: 'stop' }
            : { text: `<prompt>Another way, number ${count}: ${mark}</prompt>`, finish: 'stop' },
      }),
    );

  it.each([simba, promptwizard] as unknown as readonly Optimizer[])(
    '$label is not told to hold the marks, and refused where it does: the input would stand there twice',
    (optimizer) => {
      const trail = drive(optimizer, `You are number #, mind ${mark}.`);
      const asked = told(trail).flat();
      expect(asked.some(isPiece)).toBe(true);
      for (const content of asked.filter(isPiece)) expect(content).not.toContain('Keep these marks');
      for (const one of written(trail)) expect(instructionOf(one).split(mark)).toHaveLength(2);
      expect(factsOf(trail, 'proposal-rejected').map(({ reason }) => reason)).toContain('placeholders');
      const without = drive(optimizer, 'You are number #.');
      expect(written(without).some((one) => /You are number/.test(instructionOf(one)))).toBe(true);
    },
  );
});

describe('a right answer of any length', () => {
  it.each([pacer, capo] as unknown as readonly Optimizer[])(
    'is shown by $label only where it is short',
    (optimizer) => {
      const { context } = makeWorld(optimizer);
      const long = 'a long story '.repeat(60).trim();
      const train = context.train.map((row, index) => (index % 2 === 0 ? { ...row, targets: [long] } : row));
      let shown = 0;
      for (const seed of [1, 2, 3]) {
        const trail = driveByHand(makeWorld(optimizer, { seed, context: { train, calls: 1500 } }));
        for (const { demos, prompt } of written(trail)) {
          shown += demos?.examples.length ?? 0;
          expect(prompt).not.toContain(long);
        }
      }
      expect(shown).toBeGreaterThan(0);
    },
  );
});

it('compares the best prompt with itself where it is a starting prompt and nothing is compared on validation rows', () => {
  const [first, second] = [startOf('First.'), startOf('Second.')];
  // as many right answers, and the surer one does not stand first in every order
  const bench = benchOf([first, second], [], ({ id }) => answered('right', id === first.id ? 0.1 : 0.5));
  const choose = (told: 'exhausted' | 'none') => {
    const of = told === 'none' ? new Workbench(bench.context, { ...options, finalists: 0 }) : bench;
    if (of !== bench)
      of.book.record(
        bench.context.seeds,
        rows.map(({ id }) => id),
        (id, row) => bench.book.result(id, row),
      );
    const procedure = of.choose('finished', 'Done.', [second, first]);
    let turn = procedure.next();
    while (!turn.done) turn = procedure.next({ kind: 'evaluate', status: 'exhausted', result: () => undefined });
    return turn.value;
  };
  expect(choose('none')).toMatchObject({ best: second.id, baseline: second.id });
  expect(choose('exhausted')).toMatchObject({ best: second.id, baseline: second.id });
});

describe('a row that failed', () => {
  it('is missing, not wrong: the generator is not shown it, and no batch is chosen for it', () => {
    const seed = startOf('Say what it is.');
    const bench = benchOf([seed], [], (_, row) => (place(row.id) === 4 ? failedResult : answered('right', 0.1)));
    const ids = rows.map(({ id }) => id);
    expect(recordsBlock(bench, seed, ids.slice(4, 5))).toBe('(none)');
    expect(recordsBlock(bench, seed, ids.slice(3, 5))).not.toContain('(nothing)');
    const sure = new Batches(ids, createRandom(1)).nextWithErrors(bench, seed, 3);
    const other = new Batches(ids, createRandom(2)).nextWithErrors(bench, seed, 3);
    // all are right, so it is the rows of which the prompt is least sure, whatever was dealt
    expect(sure).toEqual(other);
  });
});

it.each([ape, protegi])(
  '$label leads with the best of those that it knows on all rows, whatever the first rows of a race say',
  (optimizer) => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const world = makeWorld(optimizer, { seed, context: { calls: 1500 } });
      const { facts, asks } = driveByHand(world);
      const book = new ScoreBook();
      for (const ask of asks)
        if (ask.kind === 'evaluate' && ask.split === 'train')
          for (const candidate of ask.candidates)
            book.record([candidate], ask.examples, (_, row) => {
              const example = world.context.train.find(({ id }) => id === row);
              return example && world.result(candidate, example);
            });
      const known = asks.flatMap((ask) => (ask.kind === 'evaluate' && ask.split === 'train' ? ask.candidates : []));
      const most = Math.max(...known.map(({ id }) => book.rows(id).length));
      const best = Math.max(
        ...known.filter(({ id }) => book.rows(id).length === most).map(({ id }) => book.mean(id)?.value ?? 0),
      );
      const kept = facts.findLast((fact) => fact.type === 'archive-changed');
      const first = kept?.type === 'archive-changed' ? kept.residents[0] : undefined;
      expect(first && book.mean(first)?.value).toBeCloseTo(best);
    }
  },
);

it('reads the worked examples of a prompt back as they were written', () => {
  const { context } = makeWorld(pacer);
  const { template } = context.task;
  const random = createRandom(3);
  const answers = ['praise', 'First, it says: good.\n\nSo: praise', 'Examples:', ''];
  for (let i = 0; i < 50; i++) {
    const shown = random
      .sample(context.train, 1 + random.integer(4))
      .map((example) => ({ example, answer: random.pick(answers) }));
    const candidate = candidateWith('Examples:\n\nSay it.', shown, template, { type: 'start' });
    expect(demonstrationsIn(candidate, context.train, template)).toEqual(shown);
  }
});

it('counts a shown row as done only where others are asked about it', () => {
  const plain = startOf('Plain.');
  const shows = candidateWith('Shows.', [{ example: rows[29] as Example, answer: 'praise' }], task.template, {
    type: 'start',
  });
  const isRight = (candidate: Candidate, row: Example): ExampleResult =>
    answered(candidate === plain || place(row.id) % 2 === 0 ? 'right' : 'wrong', candidate === plain ? 0.01 : 1);
  const { context } = makeWorld(pacer, { context: { seeds: [plain, shows], train: rows, calls: 1000 } });
  const bench = new Workbench(context, { maxPromptLength: 1000, temperature: 1, finalists: 1 });
  const few = rows.slice(0, 10).map(({ id }) => id);
  bench.book.record([plain, shows], few, (candidate, row) =>
    isRight(candidate === plain.id ? plain : shows, rows.find(({ id }) => id === row) as Example),
  );
  expect(standings(bench, [plain, shows])[0]?.candidate).toBe(plain);
});
