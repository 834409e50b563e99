import { describe, expect, it } from 'vitest';
import type { ExampleResult } from '#core/evaluation.ts';
import type { SearchFact } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import { pacer } from '#optimizers/pacer.ts';
import { settingsFor } from '#optimizers/pacer/fields.ts';
import { nextTooLarge } from '#optimizers/parts/rounds.ts';
import { defaultsOf } from '#core/fields.ts';
import { leastCalls } from '#core/run-plan.ts';
import { makeDataset } from '../support/builders.ts';
import { play } from '../bench/simulated/play.ts';
import { nullWorld, worlds } from '../bench/simulated/world.ts';
import {
  answered,
  driveByHand,
  fittingResultOf,
  makeWorld as makePlainWorld,
  startOf,
  writePrompt,
  type Trail,
  type World,
} from './by-hand.ts';

const factsOf = <T extends SearchFact['type']>({ facts }: Trail, type: T): Extract<SearchFact, { type: T }>[] =>
  facts.filter((fact): fact is Extract<SearchFact, { type: T }> => fact.type === type);

/** Probabilities that do not fit the answers are set aside: here they fit, where a test does not say otherwise. */
const makeWorld: typeof makePlainWorld = (optimizer, over) =>
  makePlainWorld(optimizer, { result: fittingResultOf, ...over });

const plain = (result: ExampleResult): ExampleResult =>
  result.type === 'failed' ? result : { ...result, crossEntropy: { type: 'unscored', reason: 'no-logprobs' } };

describe('PACER', () => {
  it('races the starting prompts and a few templates first, on shared rows, the fewer the further', () => {
    const trail = driveByHand(makeWorld(pacer));
    const rungs = factsOf(trail, 'race-rung').filter(({ round }) => round === 0);
    expect(rungs.length).toBeGreaterThan(1);
    for (const [index, rung] of rungs.entries()) {
      expect(rung.standings.map(({ score }) => score)).toEqual(
        rung.standings.map(({ score }) => score).sort((a, b) => b - a),
      );
      const next = rungs[index + 1];
      if (!next) continue;
      expect(next.standings).toHaveLength(rung.standings.length - rung.out.length);
      expect(next.rows).toBeGreaterThan(rung.rows);
    }
    const templates = factsOf(trail, 'candidate-proposed').filter(
      ({ round, candidate: { origin } }) => round === 0 && origin.type === 'proposal' && origin.operator === 'template',
    );
    expect(templates).toHaveLength(3);
    expect(templates[0]?.candidate.prompt).toContain('praise');
  });

  it('asks all of one rung about the same rows, the best prompt with them', () => {
    const { asks, facts } = driveByHand(makeWorld(pacer, { context: { calls: 1500 } }));
    const incumbents = facts.flatMap((fact) => (fact.type === 'archive-changed' ? [fact.residents[0]] : []));
    const races = asks.filter((ask) => ask.kind === 'evaluate').filter(({ split }) => split === 'train');
    expect(races.length).toBeGreaterThan(10);
    for (const { candidates, examples } of races) {
      expect(new Set(examples).size).toBe(examples.length);
      expect(candidates.some(({ id, origin }) => incumbents.includes(id) || origin.type === 'start')).toBe(true);
    }
  });

  it('turns the rows of the first rung over from round to round', () => {
    const { asks } = driveByHand(makeWorld(pacer, { context: { calls: 1500 } }));
    const first = asks
      .filter((ask) => ask.kind === 'evaluate')
      .filter(({ split, examples }) => split === 'train' && examples.length === 3)
      .map(({ examples }) => [...examples].sort().join());
    expect(new Set(first).size).toBeGreaterThan(first.length / 2);
  });

  it('keeps a prompt only after it held its own on enough rows, and says why it dropped each other one', () => {
    const trail = driveByHand(makeWorld(pacer, { context: { calls: 1500 } }));
    const judged = factsOf(trail, 'proposal-judged');
    expect(judged.some(({ accepted }) => accepted)).toBe(true);
    const rungs = factsOf(trail, 'race-rung');
    for (const { candidate, accepted, reason } of judged) {
      expect(reason).toMatch(/rows?\b.*\.$/);
      const seen = rungs.flatMap(({ standings }) => standings).filter((standing) => standing.candidate === candidate);
      if (accepted) expect(Math.max(...seen.map(({ rows }) => rows))).toBeGreaterThanOrEqual(12); // 16 rows, 4 of them may be shown
    }
  });

  it('opens the validation rows once, at the end, with the best starting prompt where the train rows leave it in question', () => {
    const { asks, outcome } = driveByHand(
      makeWorld(pacer, {
        result: ({ prompt }, { id }) => answered(`${prompt}${id}`.length % 2 ? 'right' : 'wrong', 1),
      }),
    );
    const evaluations = asks.filter((ask) => ask.kind === 'evaluate');
    const final = evaluations.filter(({ split }) => split === 'validation');
    expect(final).toHaveLength(1);
    expect(evaluations.at(-1)).toBe(final[0]);
    expect(final[0]?.candidates.map(({ id }) => id)).toEqual(expect.arrayContaining([outcome.best, outcome.baseline]));
  });

  it('spends what is left on more rows of the choice as long as the minutes allow, and on the reserved ones in any case', () => {
    const dataset = makeDataset(120);
    const context = {
      ...{ train: dataset.examples.slice(0, 16), validation: dataset.examples.slice(16), calls: 600 },
    };
    const finalAsks = ({ asks }: Trail) =>
      asks.flatMap((ask) => (ask.kind === 'evaluate' && ask.split === 'validation' ? [ask] : []));
    const whole = driveByHand(makeWorld(pacer, { context }));
    const [free] = finalAsks(whole);
    expect(free?.reserved).toBeUndefined();
    const before = whole.asks.findIndex((ask) => ask.kind === 'evaluate' && ask.split === 'validation');
    const late = driveByHand(makeWorld(pacer, { context, minutesFrom: before }));
    const last = finalAsks(late).at(-1);
    expect(last?.reserved).toBe(true);
    expect(last?.examples.length).toBeLessThan(free?.examples.length ?? 0);
    expect(finalAsks(late).filter(({ reserved }) => reserved)).toHaveLength(1);
    expect(late.outcome.reason).not.toContain('were not compared');
  });

  it('stops at once where nothing can be gained', () => {
    const train = makeDataset(48).examples;
    const { outcome, generatorCalls } = driveByHand(
      makeWorld(pacer, { context: { train }, result: () => answered('right', 0.001) }),
    );
    expect(generatorCalls).toBe(0);
    expect(outcome.reason).toMatch(/nothing to gain/i);
  });

  it('stops as soon as nothing is left to be gained, also with few rows', () => {
    const isWritten = ({ origin }: Candidate): boolean =>
      origin.type === 'proposal' && (origin.operator === 'reflect' || origin.operator === 'restart');
    const world = makeWorld(pacer, {
      context: { calls: 5000 },
      result: (candidate) => (isWritten(candidate) ? answered('right', 0.001) : answered('wrong', 2)),
    });
    const { outcome, generatorCalls, facts } = driveByHand(world);
    expect(outcome.reason).toMatch(/nothing to gain/i);
    expect(generatorCalls).toBeLessThan(10);
    const best = facts.find((fact) => fact.type === 'candidate-proposed' && fact.candidate.id === outcome.best);
    expect(best).toBeDefined();
    const few = makeWorld(pacer, { result: () => answered('right', 0.001) });
    expect(few.context.train.length).toBeLessThan(40);
    expect(driveByHand(few).generatorCalls).toBe(0);
  });

  it('asks the best prompt about rows that it does not know, where it makes no mistake on those that it knows', () => {
    const train = makeDataset(60).examples;
    const isWritten = ({ origin }: Candidate): boolean => origin.type === 'proposal' && origin.operator !== 'template';
    const { outcome, asks } = driveByHand(
      makeWorld(pacer, {
        context: { train, calls: 1500 },
        result: (candidate) => (isWritten(candidate) ? answered('right', 0.001) : answered('wrong', 2)),
      }),
    );
    expect(outcome.reason).toMatch(/nothing to gain/i);
    const known = asks.flatMap((ask) =>
      ask.kind === 'evaluate' && ask.split === 'train' && ask.candidates.some(({ id }) => id === outcome.best)
        ? ask.examples
        : [],
    );
    expect(new Set(known).size).toBe(60);
  });

  it('begins no round whose prompt could not get through, and leaves its calls to the choice of the winner', () => {
    for (const calls of [200, 300, 400]) {
      const train = makeDataset(60).examples;
      const trail = driveByHand(makeWorld(pacer, { context: { train, calls }, result: fittingResultOf }));
      expect(factsOf(trail, 'proposal-judged').filter(({ reason }) => reason.startsWith('Not decided'))).toEqual([]);
    }
  });

  it('gives up where nothing is ever better', () => {
    const { outcome } = driveByHand(
      makeWorld(pacer, {
        context: { calls: 5000 },
        result: (candidate) => answered(candidate.origin.type === 'start' ? 'right' : 'wrong', 1),
      }),
    );
    expect(outcome.ended).toBe('finished');
    expect(outcome.best).toBe(outcome.baseline);
    expect(outcome.reason).toMatch(/no better prompt/i);
  });

  it('makes a fresh start as often as wanted before it gives up', () => {
    const startsOf = (restarts: number): number => {
      const trail = driveByHand(
        makeWorld(pacer, {
          context: { calls: 5000 },
          values: { restarts, templates: false, demonstrations: 0 },
          result: (candidate) => answered(candidate.origin.type === 'start' ? 'right' : 'wrong', 1),
        }),
      );
      expect(trail.outcome.reason).toMatch(/no better prompt/i);
      const afresh = factsOf(trail, 'candidate-proposed').filter(
        ({ candidate: { origin } }) => origin.type === 'proposal' && origin.operator === 'restart',
      );
      return new Set(afresh.map(({ round }) => round)).size;
    };
    expect(startsOf(1)).toBeGreaterThan(0);
    expect(startsOf(3)).toBeGreaterThan(startsOf(1));
  });

  it('stops where the wording changes nothing, and says so', () => {
    const world = makeWorld(pacer, {
      context: { calls: 5000 },
      result: (_, { id }) => answered(id < 'a' ? 'right' : 'wrong', 1),
    });
    const { outcome, facts } = driveByHand(world);
    expect(outcome.reason).toMatch(/wording hardly matters/i);
    const tried = facts.filter(({ type }) => type === 'candidate-proposed');
    expect(tried.length).toBeLessThan(30);
  });

  it('lets no probability speak against a prompt that makes the model think aloud, and says so', () => {
    const thinks = ({ origin }: Candidate): boolean => origin.type === 'proposal' && origin.operator !== 'template';
    const world = makeWorld(pacer, {
      context: { calls: 1500 },
      // the prompts of others are right on all rows but one and sure of it, those that think aloud on all
      result: (candidate, { id }) => {
        const isHard = id === world.context.train[0]?.id;
        if (thinks(candidate)) return answered('right', -Math.log(0.001));
        return isHard ? answered('wrong', 3) : answered('right', 0.01);
      },
    });
    const { outcome, facts } = driveByHand(world);
    const proposed = facts.flatMap((fact) => (fact.type === 'candidate-proposed' ? [fact.candidate] : []));
    const best = proposed.find(({ id }) => id === outcome.best);
    expect(best && thinks(best)).toBe(true);
    const notes = facts.flatMap((fact) => (fact.type === 'round-finished' ? [fact.note] : []));
    expect(notes.filter((note) => note.includes('only right or wrong counts'))).toHaveLength(1);
  });

  it('lets one prompt that makes the model think aloud leave the probabilities of all others alone', () => {
    const thinks = startOf('Think about what the message is, and say it at the end.');
    const world = makeWorld(pacer, {
      context: { seeds: [thinks, startOf('Say what the message is.'), startOf('Name the label.')], calls: 1500 },
      values: { templates: false, demonstrations: 0 },
      result: (candidate, example) => {
        if (candidate.id !== thinks.id) return fittingResultOf(candidate, example);
        return answered(example.id === world.context.train[0]?.id ? 'wrong' : 'right', -Math.log(0.001));
      },
    });
    const trail = driveByHand(world);
    // it is right on all rows but one, so it leads from the first race on, whatever its probabilities say
    const [kept] = factsOf(trail, 'archive-changed');
    expect(kept?.residents[0]).toBe(thinks.id);
    const isGraded = ({ score, rows }: { readonly score: number; readonly rows: number }): boolean =>
      Math.abs(score * rows - Math.round(score * rows)) > 1e-6;
    const later = factsOf(trail, 'race-rung').filter(({ round }) => round > 0);
    expect(later.length).toBeGreaterThan(0);
    for (const { standings } of later)
      for (const standing of standings) expect(isGraded(standing)).toBe(standing.candidate !== thinks.id);
  });

  it('asks for the form of the answer where answers cannot be read', () => {
    const { asks } = driveByHand(makeWorld(pacer, { result: () => answered('unparsable', 4) }));
    const told = asks.flatMap((ask) => (ask.kind === 'generate' ? ask.jobs.flatMap(({ messages }) => messages) : []));
    expect(told.some(({ content }) => content.includes('their form is wrong'))).toBe(true);
  });

  it('lets ties pass the first rungs without log-probabilities', () => {
    const world = makeWorld(pacer, {
      context: { calls: 1500 },
      result: (_, { id }) => plain(answered(id === world.context.train[0]?.id ? 'wrong' : 'right', 0)),
    });
    const trail = driveByHand(world);
    expect(factsOf(trail, 'proposal-judged').some(({ reason }) => reason.startsWith('Held its own'))).toBe(true);
    const differing = driveByHand(
      makeWorld(pacer, { result: (candidate, example) => plain(fittingResultOf(candidate, example)) }),
    );
    expect(differing.outcome.reason).toMatch(/\.$/);
  });

  it('needs no generator for worked examples: with one that never answers it still tries them', () => {
    const { facts } = driveByHand(makeWorld(pacer, { write: () => ({ text: '', finish: 'failed' }) }));
    const shown = facts.flatMap((fact) =>
      fact.type === 'candidate-proposed' ? (fact.candidate.demos?.examples ?? []) : [],
    );
    expect(shown.length).toBeGreaterThan(0);
  });

  it('shows no worked examples where none are wanted', () => {
    const { facts } = driveByHand(makeWorld(pacer, { values: { demonstrations: 0 } }));
    expect(facts.some((fact) => fact.type === 'candidate-proposed' && fact.candidate.demos)).toBe(false);
  });
});

describe('its settings', () => {
  const values = defaultsOf(pacer.fields);
  it('grow with the budget, and never ask for more rows than there are', () => {
    const [small, middle, large] = [200, 1000, 5000].map((calls) => settingsFor(values, calls, 300));
    expect([small?.coverage, middle?.coverage, large?.coverage]).toEqual([20, 40, 80]);
    expect(settingsFor(values, 5000, 30).coverage).toBe(30);
    expect(settingsFor({ ...values, batch: 7, coverage: 9 }, 200, 300)).toMatchObject({ batch: 7, coverage: 9 });
  });
});

describe('in worlds without a model', () => {
  const rows = { train: 150, validation: 60, test: 100 };
  const values = { templates: false, demonstrations: 0 };
  const gains = worlds.flatMap((world) =>
    [1, 2].map((seed) => {
      const { truth, start } = play({ optimizer: pacer, values, world, seed, calls: 1000, textCost: 8, rows });
      return truth - start;
    }),
  );
  it('finds prompts that are truly better than the best starting prompt', () => {
    expect(gains.reduce((sum, gain) => sum + gain, 0) / gains.length).toBeGreaterThan(0.05);
    expect(gains.filter((gain) => gain < -0.01).length).toBeLessThanOrEqual(2);
  });

  it('does not say better where all prompts are equal', () => {
    const verdicts = Array.from(
      { length: 40 },
      (_, seed) => play({ optimizer: pacer, values, world: nullWorld, seed, calls: 300, textCost: 8, rows }).verdict,
    );
    expect(verdicts.filter((verdict) => verdict === 'better').length).toBeLessThanOrEqual(4);
  });
});

it('asks for no text in a round that begins for a prompt of the person alone', () => {
  let met = 0;
  for (let calls = 150; calls <= 500; calls += 25) {
    const alone = driveByHand(makeWorld(pacer, { context: { calls } }));
    if (alone.outcome.reason !== nextTooLarge) continue;
    met += 1;
    const last = factsOf(alone, 'round-started').length + 1;
    const candidate = { ...startOf('Name the kind of message in a single word.'), origin: { type: 'person' as const } };
    const say: World['say'] = (round) => (round === last ? { candidates: [candidate] } : {});
    const joined = driveByHand(makeWorld(pacer, { context: { calls }, say }));
    expect(factsOf(joined, 'round-started').length).toBe(last);
    expect(joined.generatorCalls).toBe(alone.generatorCalls);
  }
  expect(met).toBeGreaterThan(3);
});

describe('its plan', () => {
  it('accepts no budget that holds no round', () => {
    for (const [starts, size] of [
      [1, 60],
      [4, 60],
      [6, 60],
      [4, 24],
    ] as const) {
      const train = makeDataset(size).examples;
      const seeds = Array.from({ length: starts }, (_, index) => startOf(`Say what it is, in way ${index}.`));
      const world = (calls: number) =>
        makeWorld(pacer, { context: { train, calls, seeds }, result: fittingResultOf, values: { templates: false } });
      const sizes = { train: size, validation: world(100).context.validation.length, seeds: starts };
      const plan = (calls: number) => pacer.plan(world(calls).values as never, sizes, calls);
      const least = leastCalls(plan, 0) ?? 0;
      expect(plan(least - 1).problems).toHaveLength(1);
      expect(factsOf(driveByHand(world(least)), 'round-started').length).toBeGreaterThan(0);
    }
  });

  const values = defaultsOf(pacer.fields);
  const sizes = { train: 60, validation: 60, seeds: 3 };

  it('keeps to a limit of rounds, and to the calls that so many rounds take', () => {
    const whole = pacer.plan(values, sizes, 900);
    expect(whole.rounds).toBeGreaterThan(5);
    const few = pacer.plan(values, { ...sizes, rounds: 2 }, 900);
    expect(few).toMatchObject({ rounds: 2, problems: [] });
    expect(few.evaluationCalls + few.generatorCalls).toBeLessThan(whole.evaluationCalls + whole.generatorCalls);
    for (const seed of [1, 2, 3]) {
      const context = { calls: 900 };
      const stop = (round: number) => (round > 2 ? { stop: { reason: 'Enough.', ended: 'finished' as const } } : {});
      const { evaluationCalls, generatorCalls } = driveByHand(makeWorld(pacer, { seed, context, say: stop }));
      const plan = pacer.plan(values, { train: 16, validation: 14, seeds: 4, rounds: 2 }, 900);
      expect(evaluationCalls + generatorCalls).toBeLessThanOrEqual(plan.evaluationCalls + plan.generatorCalls);
    }
  });

  it.each([
    ['nothing is right, and several drafts are drawn at once', 300, () => answered('wrong', 2)],
    ['nothing is left to gain, and the rest goes into the choice', 400, () => answered('right', 0.001)],
  ] as const)('keeps to a limit of rounds also where %s', (_, calls, result) => {
    const { examples } = makeDataset(160);
    const [train, validation] = [examples.slice(0, 60), examples.slice(60)];
    const stop = (round: number) => (round > 2 ? { stop: { reason: 'Enough.', ended: 'finished' as const } } : {});
    for (const write of [writePrompt, () => ({ text: '', finish: 'stop' }) as const]) {
      const world = makeWorld(pacer, { context: { train, validation, calls }, say: stop, result, write });
      const found = pacer.plan(values, { train: 60, validation: 100, seeds: 4, rounds: 2 }, calls);
      const { evaluationCalls, generatorCalls } = driveByHand(world);
      expect(generatorCalls).toBeLessThanOrEqual(found.most?.generatorCalls ?? found.generatorCalls);
      expect(evaluationCalls + generatorCalls).toBeLessThanOrEqual(found.evaluationCalls + found.generatorCalls);
    }
  });

  it('speaks of a single starting prompt as one, where the budget is too small', () => {
    const { problems } = pacer.plan(values, { ...sizes, seeds: 1 }, 5);
    expect(problems.join()).toMatch(/\(the starting prompt, one new prompt, the final comparison\)/);
  });
});
