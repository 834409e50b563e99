import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import type { ExampleResult } from '#core/evaluation.ts';
import type { Example } from '#core/example.ts';
import type { Candidate } from '#core/prompt.ts';
import { contrastive } from '#optimizers/contrastive.ts';
import { gepa } from '#optimizers/gepa.ts';
import { pacer } from '#optimizers/pacer.ts';
import { doubtfulRows } from '#optimizers/pacer/evidence.ts';
import { admitted, rejected } from '#optimizers/pacer/reasons.ts';
import { oneOfEach, type Site } from '#optimizers/pacer/site.ts';
import { Archive } from '#optimizers/parts/archive.ts';
import { confirm } from '#optimizers/parts/confirmation.ts';
import { longestPrompt } from '#optimizers/parts/longest-prompt.ts';
import { ScoreBook } from '#optimizers/parts/score-book.ts';
import { Workbench } from '#optimizers/parts/workbench.ts';
import { makeDataset, task } from '../support/builders.ts';
import { answered, driveByHand, fittingResultOf, makeWorld, startOf, type World } from './by-hand.ts';

const { examples } = makeDataset(20);
const unlikely = -Math.log(0.01);

describe('the longest prompt', () => {
  const { context } = makeWorld(pacer);

  it('is what the person set, unless the starting prompts or the allowed answers are longer', () => {
    expect(longestPrompt(context, 1500)).toBe(1500);
    const long = startOf('Read the message with care. '.repeat(100));
    expect(longestPrompt({ ...context, seeds: [long] }, 1500)).toBe(Math.ceil(1.25 * long.prompt.length));
    const labels = Array.from({ length: 77 }, (_, index) => `a label with a long name ${index}`);
    const answer = { type: 'label', labels } as const;
    expect(longestPrompt({ ...context, task: { ...task, answer } }, 1500)).toBeGreaterThan(labels.join(', ').length);
  });

  it.each([pacer, contrastive, gepa])('leaves room for better versions of a long starting prompt: $id', (optimizer) => {
    const long = 'Look at the message, and say what its writer wants. '.repeat(80);
    let count = 0;
    const { facts } = driveByHand(
      makeWorld(optimizer, {
        context: { seeds: [startOf(long)] },
        result: fittingResultOf,
        write: () => ({ text: `<prompt>Variant ${(count += 1)}. ${long}</prompt>`, finish: 'stop' }),
      }),
    );
    const reasons = facts.flatMap((fact) => (fact.type === 'proposal-rejected' ? [fact.reason] : []));
    expect(reasons).not.toContain('too-long');
    expect(facts.some(({ type }) => type === 'candidate-proposed')).toBe(true);
  });
});

describe("a person's prompt", () => {
  it('is tried by PACER, even where the round that it was meant for does not begin', () => {
    const mine = startOf('Mine: say whether this is praise, a complaint or a question, and nothing else.');
    const candidate: Candidate = { ...mine, origin: { type: 'person' } };
    const trail = driveByHand(
      makeWorld(pacer, {
        result: fittingResultOf,
        say: (round) =>
          round === 2 ? { candidates: [candidate], stop: { reason: 'Stopped after round 1.', ended: 'finished' } } : {},
      }),
    );
    const judged = trail.facts.flatMap((fact) => (fact.type === 'proposal-judged' ? [fact.candidate] : []));
    expect(judged).toContain(candidate.id);
    expect(trail.outcome.reason).toBe('Stopped after round 1.');
  });
});

describe('the best starting prompt', () => {
  /** What meets on validation rows where the starting prompts are right on these rows, and the others on those. */
  function finalOf(start: (place: number) => boolean, other: (place: number) => boolean) {
    const world = makeWorld(pacer, { context: { calls: 400 } });
    const places = new Map([...world.context.train, ...world.context.validation].map(({ id }, place) => [id, place]));
    const result: World['result'] = (candidate, row) => {
      const isRight = (candidate.origin.type === 'start' ? start : other)(places.get(row.id) ?? 0);
      return answered(isRight ? 'right' : 'wrong', isRight ? 0.1 : 2);
    };
    const { asks, outcome } = driveByHand({ ...world, result });
    const [final] = asks.flatMap((ask) => (ask.kind === 'evaluate' && ask.split === 'validation' ? [ask] : []));
    return { final, starts: final?.candidates.filter(({ origin }) => origin.type === 'start') ?? [], outcome, world };
  }

  it('is not chosen on the few rows of the first rung: the two best meet at the end', () => {
    const { starts, outcome } = finalOf(
      (place) => place % 2 === 0,
      (place) => place % 4 !== 0,
    );
    expect(starts).toHaveLength(2);
    expect(starts.map(({ id }) => id)).toContain(outcome.baseline);
  });

  it('is left out of the choice where the train rows exclude it, and what it would take goes to the two best', () => {
    const { final, starts, outcome, world } = finalOf(
      () => false,
      (place) => place % 8 !== 0,
    );
    expect(starts).toEqual([]);
    expect(final?.candidates).toHaveLength(2);
    expect(world.context.seeds.map(({ id }) => id)).toContain(outcome.baseline);
    expect(outcome.best).not.toBe(outcome.baseline);
  });
});

describe('the best starting prompt, still the best at the end', () => {
  it('meets the next best on validation rows: with few calls nothing else would', () => {
    const [only] = makeWorld(pacer).context.seeds;
    if (!only) throw new Error('a starting prompt');
    const { context } = makeWorld(pacer, { context: { seeds: [only], calls: 300 } });
    const next = startOf('The next best one.');
    const options = { maxPromptLength: 1000, temperature: 1, finalists: 1, baselines: 2 };
    const met = (fillsPlaces: boolean) => {
      const bench = new Workbench(context, { ...options, fillsPlaces });
      bench.book.record(
        [only],
        context.train.slice(0, 8).map(({ id }) => id),
        () => answered('right', 1),
      );
      const { value: ask } = bench.choose('finished', 'Done.', [only, next]).next();
      return 'candidates' in ask ? ask.candidates : [];
    };
    expect(met(true)).toEqual([only, next]);
    expect(met(false)).toEqual([only]);
  });
});

describe('rows whose label is in doubt', () => {
  const seeds = Array.from({ length: 7 }, (_, index) => startOf(`Say what it is, in way ${index}.`));
  const doubted = examples.slice(0, 3).map(({ id }) => id);
  const { context } = makeWorld(pacer, { context: { seeds, train: examples } });
  const bench = new Workbench(context, { maxPromptLength: 1000, temperature: 1, finalists: 1 });
  const ids = examples.map(({ id }) => id);
  const result = (_: unknown, row: Example['id']): ExampleResult =>
    doubted.includes(row) ? answered('wrong', unlikely) : answered('right', 0.1);
  bench.book.record(seeds, ids, result);

  it('are found among all rows, and not shown as worked examples', () => {
    expect(doubtfulRows(bench, ids)).toEqual(new Set(doubted));
    const site = { bench, parent: seeds[0] } as unknown as Site;
    const shown = oneOfEach(ids, site, createRandom(1), 20);
    expect(shown.filter((row) => doubted.includes(row))).toEqual([]);
    expect(shown).toHaveLength(17);
  });
});

describe('two prompts that are level', () => {
  it('stand with the shorter one first', () => {
    const [long, short] = [startOf('Say what it is, and nothing else at all.'), startOf('Say what it is.')];
    const book = new ScoreBook();
    book.record(
      [long, short],
      examples.map(({ id }) => id),
      () => answered('right', 0.1),
    );
    const archive = new Archive(book, 2);
    archive.admit(long);
    archive.admit(short);
    expect(archive.incumbent).toBe(short);
  });
});

describe('a best prompt that is known on many rows', () => {
  const ids = examples.map(({ id }) => id);
  const names = ['the old best', 'a better one', 'another better one', 'a third'] as const;
  const [old, ...better] = names.map((name) => startOf(name));
  function archiveAfter(enough: number): Archive {
    const book = new ScoreBook();
    if (!old) throw new Error('an old one');
    book.record([old], ids, (_, row) => answered(ids.indexOf(row) % 2 === 0 ? 'right' : 'wrong', 1));
    const archive = new Archive(book, 2, enough);
    archive.admit(old);
    for (const candidate of better) {
      book.record([candidate], ids.slice(0, 12), () => answered('right', 0.1));
      archive.admit(candidate);
    }
    return archive;
  }
  it('gives way to one that is better on enough of them', () => {
    expect(better).toContain(archiveAfter(12).incumbent);
  });
  it('stays the best while nobody is known on enough of its rows, even where all others seem better', () => {
    for (const enough of [15, Infinity]) expect(archiveAfter(enough).incumbent).toBe(old);
  });
  it('never stands beside itself, and never more of them than there is room for', () => {
    for (const enough of [12, 15, Infinity]) {
      const { residents } = archiveAfter(enough);
      expect(new Set(residents).size).toBe(residents.length);
      expect(residents).toHaveLength(2);
    }
  });
});

describe('the choice of the winner, with what the train rows said', () => {
  it('goes by differences: a prompt that is behind on both cannot win by the hardness of the rows', () => {
    const { context } = makeWorld(pacer, { context: { calls: 300 } });
    const [ahead, behind] = [startOf('Ahead.'), startOf('Behind.')];
    const rows = context.validation.map(({ id }) => id);
    const search = confirm([ahead, behind], rows, new ScoreBook(0), ({ id }) =>
      id === ahead.id ? { value: 0, n: 15 } : { value: -0.05, n: 8 },
    );
    search.next();
    // the validation rows are much easier than the train rows were
    const isRight = (id: string, row: string): boolean => rows.indexOf(row as never) >= (id === ahead.id ? 1 : 2);
    const told = search.next({
      kind: 'evaluate',
      status: 'done',
      result: (id, row) => answered(isRight(id, row) ? 'right' : 'wrong', 1),
    });
    expect(told.done && told.value).toEqual([ahead, behind]);
  });
});

describe('the reason for leaving a race', () => {
  it('is that others were better, where the prompt itself was good enough', () => {
    const heat = { rows: 5, right: 4, best: 4, lead: 0.04 };
    expect(rejected(heat, true)).toBe(
      'Out after 5 shared rows: 4 right, the best prompt 4, and it is surer of them; others of this round did better.',
    );
    expect(rejected({ ...heat, right: 3, lead: -0.2 })).toBe('Out after 5 shared rows: 3 right, the best prompt 4.');
    expect(rejected({ ...heat, lead: -0.04 })).toBe(
      'Out after 5 shared rows: 4 right, the best prompt 4, and it is less sure of them.',
    );
    expect(rejected({ rows: 0, right: 0, best: 0, lead: 0 })).toMatch(/none of the rows/);
    expect(admitted(true, true, { ...heat, lead: 0 })).toBe(
      'The new best: 4 of 5 shared rows right, the best before 4, and it is shorter.',
    );
  });
});
