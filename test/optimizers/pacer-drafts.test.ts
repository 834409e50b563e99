import { describe, expect, it } from 'vitest';
import type { GeneratedText } from '#core/optimizer.ts';
import { pacer } from '#optimizers/pacer.ts';
import { Tallies } from '#optimizers/pacer/tallies.ts';
import { ideas, warnOfMistakes } from '#optimizers/parts/ideas.ts';
import { Workbench } from '#optimizers/parts/workbench.ts';
import { makeDataset } from '../support/builders.ts';
import { answered, driveByHand, makeWorld, startOf, type World } from './by-hand.ts';

/** From starting prompts that get nothing right, and with a generator that writes what the test says. */
const fromNothing = (write: World['write'], result?: World['result']) =>
  driveByHand(
    makeWorld(pacer, {
      values: { templates: false },
      context: { calls: 300 },
      write,
      result: result ?? (({ origin }) => answered(origin.type === 'start' ? 'wrong' : 'right', 1)),
    }),
  );
const saying = (prompt: string): GeneratedText => ({ text: `<prompt>${prompt}</prompt>`, finish: 'stop' });
const nothing: GeneratedText = { text: '', finish: 'stop' };

describe('PACER without a prompt to build on', () => {
  it('draws several first drafts in different ways at once, and wastes no further rungs on what gets nothing right', () => {
    const { asks, facts } = fromNothing((_, count) => saying(`Sort it into a class, in way ${count}.`));
    const first = asks.find((ask) => ask.kind === 'generate');
    expect(first?.kind === 'generate' && first.jobs).toHaveLength(4);
    const made = facts.flatMap((fact) =>
      fact.type === 'candidate-proposed' && fact.round === 1 && fact.candidate.origin.type === 'proposal'
        ? (fact.candidate.origin.operator ?? '')
        : [],
    );
    expect(new Set(made).size).toBeGreaterThan(1);
    expect(facts.filter((fact) => fact.type === 'race-rung' && fact.round === 0)).toHaveLength(1);
  });

  it('does not go on drawing first drafts for ever: worked examples need no generator', () => {
    const { facts } = fromNothing(
      () => nothing,
      ({ demos }) => answered(demos ? 'right' : 'wrong', 1),
    );
    const operators = facts.flatMap((fact) =>
      fact.type === 'candidate-proposed' && fact.candidate.origin.type === 'proposal'
        ? (fact.candidate.origin.operator ?? '')
        : [],
    );
    expect(operators).toContain('demos');
  });
});

describe('a text that brings nothing new', () => {
  it('is followed by a draft that is shown no prompt, where one is asked for in its place', () => {
    const { context } = makeWorld(pacer);
    const bench = new Workbench(context, { maxPromptLength: 1000, temperature: 1, finalists: 1 });
    const known = context.seeds[0]?.prompt ?? '';
    const draft = { messages: [{ role: 'user', content: 'Shown.' }], operator: 'reflect', parents: [] } as const;
    const fresh = { messages: [{ role: 'user', content: 'Not shown.' }], operator: 'restart', parents: [] } as const;
    const search = bench.propose(1, [{ ...draft, instead: () => fresh }], { again: true });
    let turn = search.next();
    const asked: string[] = [];
    while (!turn.done) {
      const ask = turn.value;
      if (ask.kind === 'generate') asked.push(ask.jobs[0]?.messages[0]?.content ?? '');
      const outputs = [saying(asked.length === 1 ? known : 'Say which of the three classes it belongs to.')];
      turn = search.next(
        ask.kind === 'generate' ? { kind: 'generate', status: 'done', step: 0, outputs } : { kind: 'announce' },
      );
    }
    expect(asked).toEqual(['Shown.', 'Not shown.']);
    expect(turn.value).toMatchObject([{ origin: { operator: 'restart' } }]);
  });

  it('gives its place to a change that needs no generator, and to a fresh draft where there is none', () => {
    const copying = (values: Record<string, boolean | number>): readonly string[] => {
      const { facts } = driveByHand(
        makeWorld(pacer, {
          ...{ values, context: { calls: 600 } },
          write: (job) => saying(/“([^”]*)”/.exec(job.messages.at(-1)?.content ?? '')?.[1] ?? 'Say which class it is.'),
          result: (_, { id }) => answered(id < '8' ? 'right' : 'wrong', 1),
        }),
      );
      return facts.flatMap((fact) =>
        fact.type === 'candidate-proposed' && fact.round > 0 && fact.candidate.origin.type === 'proposal'
          ? (fact.candidate.origin.operator ?? '')
          : [],
      );
    };
    const composed = copying({});
    expect(composed.length).toBeGreaterThan(5);
    expect(composed.filter((operator) => !['demos', 'edit', 'template'].includes(operator)).length).toBeLessThan(2);
    expect(copying({ templates: false, demonstrations: 0 })).toEqual(['restart']);
  });

  it('is followed by a fresh draft as soon as nothing else can take its place', () => {
    // answers of page length are never shown as examples
    const train = makeDataset(24).examples.map((example) => ({ ...example, targets: ['A long answer. '.repeat(60)] }));
    const { facts } = driveByHand(
      makeWorld(pacer, {
        ...{ values: { templates: false }, context: { calls: 2000, train } },
        write: (job, count) => {
          const shown = /“([^”]*)”/.exec(job.messages.at(-1)?.content ?? '')?.[1];
          return saying(shown ?? `Word ${count} of ${count * 7} and ${count * 13}, ${count * 17}.`);
        },
        result: (_, { id }) => answered(id < '8' ? 'right' : 'wrong', 1),
      }),
    );
    const rounds = facts.flatMap((fact) =>
      fact.type === 'candidate-proposed' && fact.candidate.origin.type === 'proposal' ? [fact.round] : [],
    );
    expect(new Set(rounds).size).toBeGreaterThan(2);
  });

  it('is asked for no more after many that could not be used, where there is another way, and that is said at the end', () => {
    const { outcome, generatorCalls } = driveByHand(
      makeWorld(pacer, {
        context: { calls: 2000 },
        write: () => saying('I cannot help with that.'),
        result: ({ prompt }, { id }) => answered(`${prompt.length}${id}`.length % 3 > 0 ? 'right' : 'wrong', 1),
      }),
    );
    expect(outcome.reason).toContain('a stronger generator model may help');
    // each is asked for twice; what comes then are fresh starts, and rounds in which nothing else is left
    expect(generatorCalls).toBeLessThan(150);
  });

  it('is refused where it only says again what was asked for', () => {
    const { facts } = fromNothing(() =>
      saying('Write one new instruction with which the model gives the right answer to every input.'),
    );
    const rejected = facts.flatMap((fact) => (fact.type === 'proposal-rejected' ? [fact] : []));
    expect(
      rejected.some(({ reason, detail }) => reason === 'talk' && detail.includes('what you were asked to do')),
    ).toBe(true);
  });

  it('counts a little against the way it was written in, and not as much as a prompt that lost', () => {
    const tallies = new Tallies();
    for (let text = 0; text < 7; text++) tallies.wrote('reflect', undefined);
    expect(tallies.of('reflect')).toEqual({ tried: 0, kept: 0 });
    tallies.wrote('reflect', undefined);
    expect(tallies.of('reflect')).toEqual({ tried: 1, kept: 0 });
    expect(tallies.all()).toEqual([]);
    tallies.credit(startOf('One.'), true);
    expect(tallies.all()).toEqual([]);
  });

  it('counts, raced afresh in place of a copy, for the way that was chosen: that is what choosing it leads to', () => {
    const tallies = new Tallies();
    const made = {
      ...startOf('Afresh.'),
      origin: { type: 'proposal', round: 1, parents: [], operator: 'restart' },
    } as const;
    tallies.wrote('reflect', made);
    tallies.credit(made, false);
    expect(tallies.all()).toEqual([{ operator: 'reflect', tried: 1, kept: 0 }]);
  });
});

describe('what a generator is asked for', () => {
  it('speaks of no mistakes where none is shown, and of no other way where the way is the point', () => {
    const { asks } = driveByHand(
      makeWorld(pacer, {
        // long enough to be shortened, and never beaten
        context: { calls: 3000, seeds: [startOf(`Sort the text into a class, ${'with great care, '.repeat(20)}now.`)] },
        values: { templates: false, demonstrations: 0, restarts: 3 },
        write: (_, count) => saying(`Word ${count} of ${count * 7} and ${count * 13}, ${count * 17}.`),
        result: ({ origin }, { id }) => answered(origin.type === 'start' && id < '8' ? 'right' : 'wrong', 1),
      }),
    );
    const contents = asks.flatMap((ask) =>
      ask.kind === 'generate' ? ask.jobs.map(({ messages }) => messages[0]?.content ?? '') : [],
    );
    const of = (request: string): readonly string[] => contents.filter((content) => content.includes(request));
    const [compressed, restarted] = [of('in two thirds of its words'), of('Inputs with their right answers:')];
    expect(compressed.length).toBeGreaterThan(0);
    expect(compressed.some((content) => ideas.some((idea) => content.includes(idea)))).toBe(false);
    expect(restarted.length).toBeGreaterThan(3);
    expect(restarted.every((content) => ideas.some((idea) => content.includes(idea)))).toBe(true);
    expect(restarted.some((content) => content.includes(warnOfMistakes))).toBe(false);
  });
});

describe('the choice of the winner', () => {
  it('takes as many rows as are left, also where the driver counts a few calls that the search does not know of', () => {
    const { context } = makeWorld(pacer, { context: { calls: 100 } });
    const [one, two] = context.seeds;
    if (!one || !two) throw new Error('two starting prompts');
    const bench = new Workbench(context, { maxPromptLength: 1000, temperature: 1, finalists: 1, endsWithAll: true });
    bench.book.record(
      [one, two],
      context.train.slice(0, 8).map(({ id }) => id),
      () => answered('right', 1),
    );
    const search = bench.choose('finished', 'Done.', [one, two]);
    const held = 21; // the driver holds no more
    const sizes: number[] = [];
    for (let turn = search.next(); !turn.done;) {
      const ask = turn.value;
      if (ask.kind !== 'evaluate') throw new Error('only evaluations');
      const cells = ask.candidates.length * ask.examples.length;
      sizes.push(cells);
      const status = cells <= held ? 'done' : 'exhausted';
      turn = search.next({ kind: 'evaluate', status, result: () => answered('right', 1) });
    }
    expect(sizes.at(-1)).toBeLessThanOrEqual(held);
    expect(held - (sizes.at(-1) ?? 0)).toBeLessThan(2);
  });
});
