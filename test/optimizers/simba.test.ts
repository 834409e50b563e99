import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import { instructionOf } from '#core/prompt.ts';
import { simba } from '#optimizers/simba.ts';
import { poisson, sampleWeighted } from '#optimizers/parts/weighted.ts';
import { answered, driveByHand, makeWorld, startOf, type World } from './by-hand.ts';

const [good, bad] = [startOf('The good one.'), startOf('The bad one.')];
/** One prompt is right on even rows, the other nowhere: only the even rows show a difference. */
const contrast =
  (rows: readonly string[]): World['result'] =>
  (candidate, example) =>
    answered(candidate.id === good.id && rows.indexOf(example.id) % 2 === 0 ? 'right' : 'wrong', 1);

it('brings the winners of its rounds into the choice, also where its minutes end it', () => {
  const { context } = makeWorld(simba);
  const world = (minutesFrom: number): World =>
    makeWorld(simba, { values: { rounds: 4, minibatch: 6 }, context: { calls: 2000 }, minutesFrom });
  const whole = driveByHand(world(Infinity));
  const ends = whole.asks.flatMap((ask, at) =>
    ask.kind === 'announce' && ask.fact.type === 'round-finished' ? [at] : [],
  );
  const { asks, outcome } = driveByHand(world(ends[1] ?? 0));
  const [final] = asks.flatMap((ask) => (ask.kind === 'evaluate' && ask.split === 'validation' ? [ask] : []));
  expect(final?.candidates.some(({ origin }) => origin.type === 'proposal')).toBe(true);
  expect(context.seeds.map(({ id }) => id)).toContain(outcome.baseline);
});

describe('SIMBA', () => {
  const rows = makeWorld(simba).context.train.map(({ id }) => id);
  const drive = (values: Record<string, number | boolean> = {}) =>
    driveByHand(
      makeWorld(simba, {
        values: { rounds: 2, minibatch: 6, ...values },
        context: { seeds: [good, bad], calls: 900 },
        result: contrast(rows),
      }),
    );
  const adviceOf = (trail: ReturnType<typeof drive>): readonly string[] =>
    trail.asks.flatMap((ask) =>
      ask.kind === 'generate'
        ? ask.jobs.flatMap(({ messages }) => messages.slice(0, 1).map(({ content }) => content))
        : [],
    );

  it('contrasts a good and a bad answer to the same row, and the prompts that they came from', () => {
    const told = adviceOf(drive({ teach: false, mostDemonstrations: 0 }));
    expect(told.length).toBeGreaterThan(0);
    const texts = new Map(makeWorld(simba).context.train.map(({ id, inputs }) => [id, inputs['text'] ?? '']));
    for (const content of told) {
      const row = rows.find((id) => content.includes(texts.get(id) ?? '?')) ?? rows[1];
      expect(rows.indexOf(row as never) % 2).toBe(0);
      expect(content).toContain(`It came with this instruction:\n${good.prompt}`);
      expect(content).toContain('The bad answer: something wrong');
    }
  });

  it('learns from rows that nobody gets right only where it may', () => {
    const none: World['result'] = () => answered('wrong', 1);
    const trail = (teach: boolean) =>
      driveByHand(makeWorld(simba, { values: { rounds: 2, teach }, context: { seeds: [good, bad] }, result: none }));
    expect(trail(false).generatorCalls).toBe(0);
    expect(trail(false).facts.filter(({ type }) => type === 'candidate-proposed')).toEqual([]);
    expect(trail(true).generatorCalls).toBeGreaterThan(0);
  });

  it('says of a row that prompts differed on it only where they did', () => {
    const { facts } = driveByHand(
      makeWorld(simba, { values: { rounds: 2 }, context: { seeds: [good, bad] }, result: () => answered('wrong', 1) }),
    );
    const whys = facts.flatMap((fact) =>
      fact.type === 'candidate-proposed' && fact.candidate.origin.type === 'proposal' && fact.candidate.demos
        ? [fact.candidate.origin.why ?? '']
        : [],
    );
    const first = whys.filter((why) => why.includes('one more worked example'));
    expect(first.length).toBeGreaterThan(0);
    for (const why of first) expect(why).toContain('did alike');
  });

  it('appends the advice to the instruction of a prompt of the pool', () => {
    const { facts } = drive({ mostDemonstrations: 0 });
    const made = facts.flatMap((fact) => (fact.type === 'candidate-proposed' ? [fact.candidate] : []));
    expect(made.length).toBeGreaterThan(0);
    const pool = [good.prompt, bad.prompt, ...made.map(({ prompt }) => prompt)];
    for (const { prompt } of made) expect(pool.some((one) => prompt.startsWith(`${one}\n\n`))).toBe(true);
  });

  it('makes worked examples out of good answers, and never more than allowed', () => {
    const { facts } = drive({ mostDemonstrations: 2, rounds: 8 });
    const shown = facts.flatMap((fact) =>
      fact.type === 'candidate-proposed' && fact.candidate.demos ? [fact.candidate] : [],
    );
    expect(shown.length).toBeGreaterThan(0);
    for (const candidate of shown) {
      expect(candidate.demos?.examples.length).toBeLessThanOrEqual(2);
      expect(instructionOf(candidate)).not.toContain('Examples:');
    }
  });

  it('judges new prompts on the rows of their round, and tries the winners on all rows at the end', () => {
    const trail = drive();
    const winners = trail.facts.flatMap((fact) =>
      fact.type === 'proposal-judged' && fact.accepted ? [fact.candidate] : [],
    );
    expect(winners.length).toBeGreaterThan(0);
    const whole = trail.asks.flatMap((ask) =>
      ask.kind === 'evaluate' && ask.split === 'train' && ask.examples.length === rows.length
        ? ask.candidates.map(({ id }) => id)
        : [],
    );
    expect(new Set(whole)).toEqual(new Set([good.id, bad.id, ...winners]));
  });
});

describe('drawing by weight', () => {
  it('never draws one twice, nor one without weight before the others', () => {
    for (let seed = 0; seed < 50; seed++) {
      const drawn = sampleWeighted(['a', 'b', 'c'], (item) => Number(item !== 'b'), 3, createRandom(seed));
      expect([...drawn].sort()).toEqual(['a', 'b', 'c']);
      expect(drawn[2]).toBe('b');
    }
  });

  it('counts events around their mean', () => {
    const random = createRandom('poisson');
    const counts = Array.from({ length: 4000 }, () => poisson(1.5, random));
    expect(counts.reduce((sum, count) => sum + count, 0) / counts.length).toBeCloseTo(1.5, 1);
    expect(poisson(0, random)).toBe(0);
  });
});
