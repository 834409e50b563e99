import { describe, expect, it } from 'vitest';
import { callsOf } from '#core/budget.ts';
import type { ModelClient } from '#core/completion.ts';
import { AppError } from '#core/error.ts';
import { summarize } from '#core/evaluation.ts';
import { defaultsOf } from '#core/fields.ts';
import { pacer } from '#optimizers/pacer.ts';
import { makeDataset, makeSpec } from '../support/builders.ts';
import { Machine } from '../support/drive.ts';

const dataset = makeDataset(24);

/** Every n-th completion fails with this error, counted over all calls; `times` limits how often. */
const breaking = (error: () => AppError, every: number, times = Infinity) => {
  let calls = 0;
  let broken = 0;
  return (client: ModelClient): ModelClient => ({
    ...client,
    complete: (request, signal) => {
      calls += 1;
      if (calls % every === 0 && broken < times) {
        broken += 1;
        return Promise.reject(error());
      }
      return client.complete(request, signal);
    },
  });
};

describe('the budget', () => {
  it('P5 is a ceiling at any size and any number of calls at a time', async () => {
    for (const calls of [82, 90, 97, 131, 200])
      for (const concurrency of [1, 7]) {
        const machine = new Machine(dataset);
        machine.wrap = breaking(() => new AppError('provider-overloaded', { status: 503 }), 9);
        const state = await machine.run(
          makeSpec(dataset, { budget: { calls }, concurrency, values: { rounds: 50, finalists: 1 } }),
        );
        expect(machine.asked.length, `${calls} calls, ${concurrency} at a time`).toBeLessThanOrEqual(calls);
        expect(callsOf(state.spending)).toBeLessThanOrEqual(calls);
        expect(state.status).toBe('ended');
      }
  });

  it('that does not hold a round is refused before anything is sent, with the numbers', async () => {
    const machine = new Machine(dataset);
    const begin = machine.open(makeSpec(dataset)).begin(makeSpec(dataset, { budget: { calls: 20 } }));
    await expect(begin).rejects.toMatchObject({ code: 'run-invalid' });
    expect(machine.asked).toEqual([]);
    expect(machine.written).toEqual([]);
  });

  it('leaves what the comparison on the sealed rows needs', async () => {
    const machine = new Machine(dataset);
    const spec = makeSpec(dataset, { budget: { calls: 120 }, values: { rounds: 50 } });
    const state = await machine.run(spec);
    expect(state.end?.outcome).toBe('budget-spent');
    const best = state.candidates.get(state.searchEnd?.best ?? ('' as never));
    expect(best?.results.test.size).toBe(spec.split.test.length);
  });
});

describe('the sealed rows', () => {
  it('are asked about only after the search, and only with the best prompt and the best starting prompt', async () => {
    const machine = new Machine(dataset);
    const spec = makeSpec(dataset);
    await machine.run(spec);
    const events = machine.written.flatMap(({ entries }) => entries.map(({ event }) => event));
    const ended = events.findIndex(({ type }) => type === 'search-ended');
    const opened = events.findIndex((event) => event.type === 'example-evaluated' && event.split === 'test');
    expect(ended).toBeGreaterThan(0);
    expect(opened).toBeGreaterThan(ended);
    const tested = new Set(
      events.flatMap((event) =>
        event.type === 'example-evaluated' && event.split === 'test' ? [event.candidate] : [],
      ),
    );
    expect(tested.size).toBeLessThanOrEqual(2);
    const sealed = dataset.examples
      .filter(({ id }) => spec.split.test.includes(id))
      .map(({ inputs }) => inputs['text'] ?? '');
    const told = events
      .flatMap((event) => (event.type === 'text-generated' ? [JSON.stringify(event.messages)] : []))
      .join('\n');
    for (const text of sealed) expect(told).not.toContain(text);
  });
});

describe('a provider that breaks', () => {
  it('P6 R19 for a moment costs time and attempts, and no result', async () => {
    const machine = new Machine(dataset);
    machine.wrap = breaking(() => new AppError('provider-overloaded', { status: 503 }), 4);
    const state = await machine.run(makeSpec(dataset));
    expect(state.end?.outcome).toBe('finished');
    expect(state.spending.failedCalls).toBeGreaterThan(10);
    expect(callsOf(state.spending) - state.spending.probeCalls).toBe(machine.asked.length);
    for (const { results } of state.candidates.values())
      expect(summarize(results.train.values()).outcomes.failed).toBe(0);
  });

  it('waits as long as the server says', async () => {
    const machine = new Machine(dataset);
    machine.wrap = breaking(() => new AppError('provider-rate-limited', { retryAfterMs: 7000 }), 50, 1);
    await machine.run(makeSpec(dataset));
    expect(machine.clock.slept).toContain(7000);
  });

  it('P8 R12 for good stalls the run with the cause, and the run goes on where it stood', async () => {
    const spec = makeSpec(dataset);
    const machine = new Machine(dataset);
    machine.wrap = breaking(() => new AppError('provider-unauthorized', { status: 401, host: 'api.test' }), 40, 1);
    const session = machine.open(spec);
    await session.begin(spec);
    await session.drive();
    expect(session.state.status).toBe('stalled');
    expect(session.state.stall?.code).toBe('provider-unauthorized');
    await session.drive();
    expect(session.state.end?.outcome).toBe('finished');
    expect(session.state.stall).toBeUndefined();
    const whole = new Machine(dataset);
    await whole.run(spec);
    expect(machine.asked.length).toBe(whole.asked.length + 1);
  });

  it('P10 R17 on single rows leaves them missing, never wrong', async () => {
    const machine = new Machine(dataset);
    const bad = dataset.examples[1]?.inputs['text'] ?? '';
    machine.wrap = (client) => ({
      ...client,
      complete: (request, signal) =>
        request.topLogprobs > 0 && request.messages.some(({ content }) => content.includes(bad))
          ? Promise.reject(new AppError('row-too-long', { said: 'too long' }))
          : client.complete(request, signal),
    });
    const state = await machine.run(makeSpec(dataset));
    expect(state.end?.outcome).toBe('finished');
    for (const { results } of state.candidates.values()) {
      if (results.train.size === 0) continue;
      const summary = summarize(results.train.values());
      expect(summary.outcomes.failed).toBe(1);
      expect(summary.accuracy?.n).toBe(results.train.size - 1);
    }
  });

  it('P10 on most rows stops the run instead of scoring what is left', async () => {
    const rows = makeDataset(60);
    const machine = new Machine(rows);
    machine.wrap = (client) => ({
      ...client,
      complete: () => Promise.reject(new AppError('provider-rejected', { status: 400, said: 'no such parameter' })),
    });
    const state = await machine.run(makeSpec(rows));
    expect(state.status).toBe('stalled');
    expect(state.stall?.code).toBe('too-many-failures');
  });

  it('P10 on some rows of any prompt stops the run once: it goes on without them when a person has seen it', async () => {
    const rows = makeDataset(60);
    const machine = new Machine(rows);
    const refused = new Set(
      rows.examples.filter((_, index) => index % 4 === 0).map(({ inputs }) => inputs['text'] ?? ''),
    );
    machine.wrap = (client) => ({
      ...client,
      complete: (request, signal) =>
        request.topLogprobs > 0 &&
        [...refused].some((text) => request.messages.some(({ content }) => content.includes(text)))
          ? Promise.reject(new AppError('row-filtered', { said: 'no' }))
          : client.complete(request, signal),
    });
    const spec = makeSpec(rows, { values: { rounds: 2 } });
    const state = await machine.run(spec);
    expect(state.stall?.code).toBe('too-many-failures');
    await machine.session?.drive();
    expect(machine.session?.state.end?.outcome).toBe('finished');
    const failed = [...(machine.session?.state.candidates.values() ?? [])].map(({ failed: of }) => of.train);
    expect(Math.max(...failed)).toBeGreaterThan(2);
  });
});

describe('a full disk without anybody to make room', () => {
  it('P1 S01 ends the command, and what was paid for is kept where there is room', async () => {
    const machine = new Machine(dataset);
    const { journal } = machine.storage;
    const append = journal.append.bind(journal);
    let full = false;
    Object.assign(journal, {
      append: (...given: Parameters<typeof append>) =>
        full && given[1].answers.length > 0 ? Promise.reject(new AppError('storage-full', {})) : append(...given),
    });
    machine.wrap = (client) => ({
      ...client,
      complete: (request, signal) => {
        full ||= machine.asked.length === 20;
        return client.complete(request, signal);
      },
    });
    // as the command line does it
    let error: AppError | undefined;
    machine.blocked = (found) => {
      error ??= found;
      if (found) queueMicrotask(() => machine.session?.leave());
    };
    const spec = makeSpec(dataset, { concurrency: 4 });
    const state = await machine.run(spec);
    expect(error?.code).toBe('storage-full');
    expect(state.end).toBeUndefined();
    const sent = machine.asked.length;
    expect(sent).toBeLessThanOrEqual(20 + spec.concurrency);
    full = false;
    await machine.open(spec).drive();
    expect(machine.session?.state.end?.outcome).toBe('finished');
    const whole = new Machine(dataset);
    await whole.run(spec);
    // only what was under way when the disk was full is asked again
    expect(machine.asked.length).toBeLessThanOrEqual(whole.asked.length + spec.concurrency);
  });
});

describe('stopping', () => {
  it('ends the run where it stands and keeps what was answered', async () => {
    const spec = makeSpec(dataset);
    const machine = new Machine(dataset);
    const session = machine.open(spec);
    await session.begin(spec);
    machine.wrap = (client) => ({
      ...client,
      complete: (request, signal) => {
        if (machine.asked.length === 30) session.stop();
        return client.complete(request, signal);
      },
    });
    await session.drive();
    expect(session.state.end?.outcome).toBe('stopped');
    expect(session.state.status).toBe('ended');
    expect(machine.asked.length).toBeLessThan(35);
  });
});

describe('the answer cache', () => {
  it('P2 pays for the same question only once over runs', async () => {
    const machine = new Machine(dataset);
    await machine.run(makeSpec(dataset, { seed: 1 }));
    const asked = machine.asked.length;
    const state = await machine.run({ ...makeSpec(dataset, { seed: 1 }), id: 'again' as never });
    expect(machine.asked.length).toBe(asked);
    expect(state.spending.evaluationCalls).toBe(0);
    expect(state.cachedAnswers).toBe(asked);
    expect(state.end?.outcome).toBe('finished');
  });
});

describe('a model without log-probabilities', () => {
  const withoutLogprobs = (client: ModelClient): ModelClient => ({
    ...client,
    probe: () => ({ found: { topLogprobs: 0, rejected: [] } }),
    complete: async (request, signal) => {
      const { tokens: _, ...rest } = await client.complete(request, signal);
      return rest;
    },
  });

  it('gives estimated cross entropies where draws are asked for, and none otherwise', async () => {
    for (const samples of [0, 3]) {
      const machine = new Machine(dataset);
      machine.wrap = withoutLogprobs;
      const spec = makeSpec(dataset);
      const state = await machine.run({ ...spec, task: { ...spec.task, estimateSamples: samples } });
      const [first] = state.candidates.values();
      const summary = summarize(first?.results.train.values() ?? []);
      if (samples === 0) expect(summary.crossEntropy).toBeUndefined();
      else expect(summary.crossEntropy).toMatchObject({ estimated: true, n: spec.split.train.length });
      expect(state.spending.evaluationCalls % (samples + 1)).toBe(0);
    }
  });

  it('P1 comes to a pause between the draws of a row: what was paid for is written, and is not asked again', async () => {
    const machine = new Machine(dataset);
    machine.wrap = (client) => {
      const plain = withoutLogprobs(client);
      return {
        ...plain,
        complete: async (request, signal) => {
          // in the midst of the draws of some rows
          if (machine.asked.length === 14) await machine.session?.pause();
          return plain.complete(request, signal);
        },
      };
    };
    const spec = { ...makeSpec(dataset, { concurrency: 4 }), task: { ...makeSpec(dataset).task, estimateSamples: 5 } };
    const session = machine.open(spec);
    await session.begin(spec);
    const driving = session.drive();
    while (session.state.status !== 'paused') await new Promise((resolve) => setImmediate(resolve));
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    const sent = machine.asked.length;
    expect(sent).toBeLessThan(14 + 4);
    expect(session.state.spending.evaluationCalls).toBe(sent);
    expect(await machine.storage.journal.open(spec.id)).toEqual([]);
    await session.resume();
    await driving;
    expect(session.state.end?.outcome).toBe('finished');
    expect(new Set(machine.asked.map(({ body }) => body)).size).toBe(machine.asked.length);
    expect(callsOf(session.state.spending)).toBe(machine.asked.length);
  });

  it('leaves the search as many answers as its calls pay for: further draws do not stop it half way', async () => {
    const machine = new Machine(dataset);
    machine.wrap = withoutLogprobs;
    const spec = makeSpec(dataset, { budget: { calls: 1600 } });
    const { id, version, fields } = pacer;
    const state = await machine.run({
      ...spec,
      task: { ...spec.task, estimateSamples: 3 },
      optimizer: { id, version, values: defaultsOf(fields) },
    });
    expect(state.callsAtStart).toBe(1600 / 4 - 2 * spec.split.test.length);
    expect(state.heard.get([...state.heard.keys()][0] ?? -1)?.calls).toBe(state.callsAtStart);
    const rounds = state.facts.filter(({ fact }) => fact.type === 'round-finished');
    expect(rounds.length).toBeGreaterThan(2);
    expect(state.spending.evaluationCalls + state.spending.generatorCalls).toBeLessThanOrEqual(1600);
    expect(state.searchEnd?.reason).not.toMatch(/starting prompts/);
  });
});

describe('trouble that needs a person', () => {
  it('P8, R09: calls that only wait for their turn are not sent any more', async () => {
    const spec = makeSpec(dataset, { concurrency: 8 });
    const machine = new Machine(dataset);
    let refused = 0;
    machine.wrap = (client) => ({
      ...client,
      // one at a time: seven others wait for the limiter when the credit is used up
      mostInFlight: 1,
      complete: (request, signal) => {
        if (machine.asked.length < 20) return client.complete(request, signal);
        refused += 1;
        return Promise.reject(new AppError('provider-quota', { said: 'no credit' }));
      },
    });
    const state = await machine.run(spec);
    expect(state.stall?.code).toBe('provider-quota');
    expect(refused).toBeLessThanOrEqual(2);
    expect(await machine.storage.journal.open(spec.id)).toEqual([]);
  });
});

it('a long answer is kept by its beginning, what was read of it as well, and both say that they go on', async () => {
  const machine = new Machine(dataset);
  const long = 'yes '.repeat(200).trim();
  machine.wrap = (client, role) => ({
    ...client,
    complete: async (request, signal, options) => {
      const completion = await client.complete(request, signal, options);
      return role === 'evaluation' ? { ...completion, text: long } : completion;
    },
  });
  const spec = makeSpec(dataset);
  const { candidates } = await machine.run({
    ...spec,
    task: { ...spec.task, metric: 'exact' },
    budget: { calls: 100 },
  });
  const results = [...candidates.values()].flatMap(({ results: { train } }) => [...train.values()]);
  const kept = `${long.slice(0, 600)}…`;
  expect(results.length).toBeGreaterThan(0);
  for (const result of results) expect(result).toMatchObject({ answer: kept, read: kept });
});
