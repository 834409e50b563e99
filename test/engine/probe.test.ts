import { describe, expect, it } from 'vitest';
import { callsOf, costOf, tokensOf } from '#core/budget.ts';
import type { CallOptions, ModelClient } from '#core/completion.ts';
import { AppError } from '#core/error.ts';
import type { JournalWrite } from '#core/journal.ts';
import type { RunEvent, RunSpec } from '#core/run.ts';
import type { RunState } from '#engine/run-state.ts';
import { asking, type Character } from '../support/asking.ts';
import { makeDataset, makeSpec } from '../support/builders.ts';
import { digest, Machine, stateOf } from '../support/drive.ts';

const dataset = makeDataset(24);
const short = { values: { rounds: 1, proposals: 1 } };
/** Three questions: one refused, one answered without what was asked for, one answered for good. */
const reluctant: Character = { refuses: ['seed'], gives: 0 };

/** A machine whose models have to be asked what they accept; `on` comes before each of these questions is answered. */
function machineWith(character: Character, on: (n: number, options: CallOptions) => void = () => undefined) {
  const machine = new Machine(dataset);
  const questions: CallOptions[] = [];
  machine.wrap = (client): ModelClient => {
    const model = asking(client, character);
    return {
      ...model,
      complete: async (request, signal, options) => {
        if (options?.accepts) {
          questions.push(options);
          on(questions.length, options);
        }
        return model.complete(request, signal, options);
      },
    };
  };
  return { machine, questions };
}

const uninterrupted = async (character: Character): Promise<RunState> =>
  machineWith(character).machine.run(makeSpec(dataset, short));
const lost = (): AppError => new AppError('provider-unreachable', { url: 'https://api.test' });

describe('the question what a model accepts', () => {
  it('is on disk before it is sent, and its answer is written in one with what was found', async () => {
    const noted: number[] = [];
    const { machine } = machineWith({}, () => noted.push(machine.written.flatMap(({ sent }) => sent).length));
    const state = await machine.run(makeSpec(dataset, short));
    expect(noted).toEqual([1]);
    const found = machine.written.find(({ entries }) => entries.some(({ event }) => event.type === 'model-probed'));
    const [attempt] = machine.written.flatMap(({ sent }) => sent);
    expect(found).toMatchObject({
      entries: [{ event: { type: 'model-probed', role: 'evaluation', calls: 1, capabilities: { topLogprobs: 5 } } }],
      answers: [{ call: attempt?.call, completion: { text: 'B' } }],
      settled: [attempt?.id],
    });
    expect(state.end?.outcome).toBe('finished');
  });

  it('counts with its tokens, answered or not; what is counted is what was sent', async () => {
    const { machine, questions } = machineWith(reluctant);
    const state = await machine.run(makeSpec(dataset, short));
    expect(questions.map(({ accepts }) => accepts)).toEqual([
      { topLogprobs: 20, rejected: [] },
      { topLogprobs: 20, rejected: ['seed'] },
      { topLogprobs: 5, rejected: ['seed'] },
    ]);
    expect(state.capabilities.evaluation).toEqual({ topLogprobs: 0, rejected: ['seed'] });
    expect(state.spending).toMatchObject({ probeCalls: 2, failedCalls: 1, uncertainCalls: 0 });
    expect(callsOf(state.spending)).toBe(machine.asked.length);
    const answers = machine.written.flatMap((write) => write.answers);
    const tokens = answers.reduce((sum, { completion: { usage } }) => sum + usage.inputTokens + usage.outputTokens, 0);
    expect(tokensOf(state.spending)).toBe(tokens);
    expect(stateOf(machine.written.flatMap(({ entries }) => entries))).toEqual(state);
  });

  it('is asked of each model once, and of one model in both parts once', async () => {
    const two: RunSpec['models'] = {
      evaluation: { provider: 'simulated', values: {} },
      generator: { provider: 'simulated', values: { model: 'small' } },
    };
    for (const [models, times] of [
      [undefined, 1],
      [two, 2],
    ] as const) {
      const { machine, questions } = machineWith({});
      const state = await machine.run(makeSpec(dataset, { ...short, ...(models ? { models } : {}) }));
      expect(questions).toHaveLength(times);
      expect(state.spending.probeCalls).toBe(times);
      expect(Object.keys(state.capabilities)).toEqual(['evaluation', 'generator']);
    }
  });

  it('is asked anew by another run: the server may have learned something', async () => {
    const { machine, questions } = machineWith({});
    await machine.run(makeSpec(dataset, short));
    const state = await machine.run({ ...makeSpec(dataset, short), id: 'again' as RunSpec['id'] });
    expect(questions).toHaveLength(2);
    expect(state.spending).toMatchObject({ probeCalls: 1, evaluationCalls: 0 });
  });
});

describe('a budget', () => {
  const price = { inputUsd: 10, outputUsd: 10 };
  const model = { provider: 'simulated', values: {}, price };

  it('P5 that does not hold the question: nothing is sent, the run says so, and goes on when it is raised', async () => {
    for (const budget of [
      { calls: 100_000, tokens: 40 },
      { calls: 100_000, costUsd: 0.0001 },
    ]) {
      const { machine } = machineWith({});
      const spec = makeSpec(dataset, { ...short, models: { evaluation: model, generator: model } });
      const session = machine.open(spec);
      // such a budget is refused before the start; a person may still lower one to it before anything was asked
      await session.begin({ ...spec, budget: { calls: 100_000 } });
      await session.changeBudget(budget);
      await session.drive();
      const { state } = session;
      expect(machine.asked).toEqual([]);
      expect(state.stall?.code).toBe('budget-spent');
      await machine.session?.changeBudget({ calls: 100_000 });
      await machine.session?.drive();
      expect(machine.session?.state.end?.outcome).toBe('finished');
    }
  });

  it('P5 of tokens or dollars does not go with a model that takes no limit of length: the run waits, and says why', async () => {
    const boundless: Character = { refuses: ['max_tokens', 'max_completion_tokens'] };
    for (const limit of [{ tokens: 1_000_000 }, { costUsd: 100 }]) {
      const { machine } = machineWith(boundless);
      const spec = makeSpec(dataset, { ...short, models: { evaluation: model, generator: model } });
      const state = await machine.run({ ...spec, budget: { calls: 1000, ...limit } });
      expect(state.stall).toEqual({ code: 'answers-unbounded', details: { models: ['simulated'] } });
      expect(callsOf(state.spending), 'only the three questions').toBe(3);
      await machine.session?.changeBudget({ calls: 1000 });
      await expect(machine.session?.changeBudget({ calls: 1000, ...limit })).rejects.toMatchObject({
        code: 'run-invalid',
        details: { problems: [expect.stringMatching(/max_completion_tokens.*Limit the calls instead/)] },
      });
      await machine.session?.drive();
      expect(machine.session?.state.end?.outcome).toBe('finished');
    }
    // under one of its names is enough
    const { machine } = machineWith({ refuses: ['max_tokens'] });
    const spec = makeSpec(dataset, { ...short, budget: { calls: 1000, tokens: 1_000_000 } });
    expect((await machine.run(spec)).end?.outcome).toBe('finished');
  });

  it('P5 is a ceiling for questions that are lost again and again', async () => {
    for (const calls of [100, 101, 102, 131]) {
      const { machine, questions } = machineWith({}, () => {
        throw lost();
      });
      const state = await machine.run(makeSpec(dataset, { ...short, budget: { calls } }));
      expect(state.stall?.code).toBe('budget-spent');
      expect(questions).toHaveLength(calls);
      expect(callsOf(state.spending)).toBe(calls);
      expect(state.spending.uncertainCalls).toBe(calls);
    }
  });

  it('P5 holds in tokens and in money with a question at its worst', async () => {
    for (const share of [0.2, 0.5, 0.9]) {
      const whole = await uninterrupted(reluctant);
      const tokens = Math.round(tokensOf(whole.spending) * share);
      const { machine } = machineWith(reluctant);
      const state = await machine.run(
        makeSpec(dataset, {
          ...short,
          budget: { calls: 100_000, tokens, costUsd: tokens / 1e5 },
          models: { evaluation: model, generator: model },
        }),
      );
      expect(tokensOf(state.spending)).toBeLessThanOrEqual(tokens);
      expect(costOf(state.spending, { evaluation: price, generator: price })).toBeLessThanOrEqual(tokens / 1e5);
    }
  });
});

describe('trouble during the question', () => {
  it.each([
    ['R01 P6 P7 a limit of rate', () => new AppError('provider-rate-limited', { retryAfterMs: 7000 })],
    ['R19 P6 an overload', () => new AppError('provider-overloaded', { status: 503 })],
    ['N04 P6 a lost connection', lost],
    ['N11 P6 no answer in time', () => new AppError('provider-timeout', { afterMs: 1000 })],
    ['P6 an answer that is none', () => new AppError('provider-bad-answer', { found: 'a web page' })],
  ])('%s: it waits, asks again, and comes to the same end', async (_, error) => {
    const { machine, questions } = machineWith(reluctant, (n) => {
      if (n === 1 || n === 3) throw error();
    });
    const state = await machine.run(makeSpec(dataset, short));
    expect(questions).toHaveLength(5);
    expect(digest(state)).toEqual(digest(await uninterrupted(reluctant)));
    expect(state.spending.failedCalls).toBe(3);
    if (error().code === 'provider-rate-limited') expect(machine.clock.slept).toContain(7000);
  });

  it('N03 P6 a network that is gone for long: it goes on by itself', async () => {
    const { machine, questions } = machineWith({}, (n) => {
      if (n <= 40) throw lost();
    });
    const state = await machine.run(makeSpec(dataset, short));
    expect(questions).toHaveLength(41);
    expect(state.end?.outcome).toBe('finished');
    expect(state.spending.uncertainCalls).toBe(40);
  });

  it('R11 P8 a key that is refused stops the run at once; with a good one it is asked again', async () => {
    const { machine, questions } = machineWith({}, (n) => {
      if (n === 1) throw new AppError('provider-unauthorized', { status: 401, host: 'api.test' });
    });
    const state = await machine.run(makeSpec(dataset, short));
    expect(state.stall?.code).toBe('provider-unauthorized');
    expect(machine.asked).toHaveLength(1);
    await machine.session?.drive();
    expect(machine.session?.state.end?.outcome).toBe('finished');
    expect(questions).toHaveLength(2);
  });

  it('Pause holds the next question back, and what is under way is kept', async () => {
    const { machine, questions } = machineWith(reluctant, (n) => {
      if (n === 2) void machine.session?.pause();
    });
    const spec = makeSpec(dataset, short);
    const session = machine.open(spec);
    await session.begin(spec);
    const driving = session.drive();
    while (session.state.status !== 'paused') await turn();
    for (let n = 0; n < 100; n++) await turn();
    expect(questions).toHaveLength(2);
    expect(await machine.storage.journal.open(spec.id)).toEqual([]);
    await session.resume();
    await driving;
    expect(questions).toHaveLength(3);
    expect(digest(session.state)).toEqual(digest(await uninterrupted(reluctant)));
  });

  it('Stop ends the run, and leaves no question without a word', async () => {
    const { machine } = machineWith(reluctant, (n) => {
      if (n === 2) machine.session?.stop();
    });
    const state = await machine.run(makeSpec(dataset, short));
    expect(state.end?.outcome).toBe('stopped');
    expect(callsOf(state.spending)).toBe(machine.asked.length);
    expect(await machine.storage.journal.open(state.spec?.id ?? ('' as never))).toEqual([]);
  });
});

describe('a run that is killed while it asks', () => {
  it('B17 P2 P3 after any write: it comes to the same end; what was answered is not paid for again', async () => {
    const spec = makeSpec(dataset, short);
    const { machine: whole } = machineWith(reluctant);
    const end = digest(await whole.run(spec));
    const known = whole.written.findIndex(({ entries }) => entries.some(({ event }) => event.type === 'model-probed'));
    expect(known).toBe(6); // the start, three notes, a refusal, an answer, and what was found
    for (let killedAfter = 1; killedAfter <= known + 1; killedAfter++) {
      const left = whole.written.slice(0, killedAfter);
      const { machine, questions } = machineWith(reluctant);
      await machine.restore(spec, left);
      const session = machine.open(spec);
      await session.drive();
      expect(digest(session.state), `killed after ${killedAfter}`).toEqual(end);
      const answered = new Set(left.flatMap(({ answers }) => answers.map(({ call }) => call)));
      const notes = machine.written.flatMap(({ sent }) => sent.map(({ call }) => call));
      expect(
        notes.filter((call) => answered.has(call)),
        `paid again after ${killedAfter}`,
      ).toEqual([]);
      expect(questions.length).toBeLessThanOrEqual(3 - answered.size);
      const [sent, settled] = [left.flatMap((write) => write.sent), left.flatMap((write) => write.settled)];
      expect(session.state.spending.uncertainCalls).toBe(sent.length - settled.length);
      expect(callsOf(session.state.spending)).toBe(sent.length + notes.length);
      expect(await machine.storage.journal.open(spec.id)).toEqual([]);
    }
  });

  it('P2 again and again at the same question: a person is asked before it is sent once more', async () => {
    const spec = makeSpec(dataset, short);
    let left: readonly JournalWrite[] = [];
    for (let life = 0; life < 3; life++) {
      const machine = new Machine(dataset);
      // killed before the answer comes: nobody hears of it
      machine.wrap = (client) => ({ ...asking(client), complete: () => new Promise(() => undefined) });
      await machine.restore(spec, left);
      const session = machine.open(spec);
      if (left.length === 0) await session.begin(spec);
      void session.drive();
      while (machine.asked.length === 0) await turn();
      left = [...left, ...machine.written];
    }
    const { machine, questions } = machineWith({});
    await machine.restore(spec, left);
    const session = machine.open(spec);
    await session.drive();
    expect(session.state.stall?.code).toBe('call-lost-often');
    expect(questions).toEqual([]);
    await session.drive();
    expect(session.state.end?.outcome).toBe('finished');
    expect(session.state.spending.uncertainCalls).toBe(3);
    expect(questions).toHaveLength(1);
  });
});

describe('a journal of an older version', () => {
  it('P13 U01 with a probe that was counted in one sum is what it was', () => {
    const spec = makeSpec(dataset);
    const events: readonly RunEvent[] = [
      { type: 'run-started', version: 1, spec },
      { type: 'model-probed', role: 'evaluation', capabilities: { topLogprobs: 8, rejected: ['seed'] }, calls: 3 },
      { type: 'model-probed', role: 'generator', capabilities: { topLogprobs: 8, rejected: ['seed'] }, calls: 0 },
    ];
    const state = stateOf(events.map((event, seq) => ({ seq, at: seq, event })));
    expect(state.spending).toMatchObject({ probeCalls: 3, evaluationCalls: 0, failedCalls: 0 });
    expect(tokensOf(state.spending)).toBe(0);
    expect(state.capabilities.evaluation).toEqual({ topLogprobs: 8, rejected: ['seed'] });
  });
});

describe('a server that does not let the page in', () => {
  /** Whether each question was sent with the doubt that the page is let in. */
  const doubts = async (on: (n: number) => void, times: number): Promise<readonly (boolean | undefined)[]> => {
    const { machine, questions } = machineWith({}, on);
    await machine.run(makeSpec(dataset, short));
    return questions.slice(0, times).map(({ neverHeard }) => neverHeard);
  };

  it('N15 is suspected when a call was lost twice, and not a word ever came from there', async () => {
    expect(
      await doubts((n) => {
        if (n < 4) throw lost();
      }, 4),
    ).toEqual([false, false, true, true]);
  });

  it('N04 is not suspected once anything came, be it a refusal', async () => {
    expect(
      await doubts((n) => {
        if (n === 1) throw new AppError('provider-overloaded', { status: 503 });
        if (n < 6) throw lost();
      }, 6),
    ).toEqual([false, false, false, false, false, false]);
  });

  it('stops the run when it is found out', async () => {
    const { machine, questions } = machineWith({}, (_, { neverHeard }) => {
      throw neverHeard
        ? new AppError('provider-cors', { url: 'https://api.test', origin: 'https://page.test' })
        : lost();
    });
    const state = await machine.run(makeSpec(dataset, short));
    expect(state.stall?.code).toBe('provider-cors');
    expect(questions).toHaveLength(3);
  });
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
