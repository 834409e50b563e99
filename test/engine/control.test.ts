import { describe, expect, it } from 'vitest';
import { callsOf, tokensOf } from '#core/budget.ts';
import type { CompletionRequest, ModelClient } from '#core/completion.ts';
import { AppError } from '#core/error.ts';
import { withDemonstrations } from '#core/demonstrations.ts';
import { summarize } from '#core/evaluation.ts';
import { candidateId } from '#core/id.ts';
import { headFrom, headOf } from '#core/run-head.ts';
import type { RunSpec } from '#core/run.ts';
import { reportOf } from '#engine/report.ts';
import { compare } from '#optimizers/compare.ts';
import { pacer } from '#optimizers/pacer.ts';
import { randomDemos } from '#optimizers/random-demos.ts';
import { makeDataset, makeSpec } from '../support/builders.ts';
import { digest, Machine, stateOf } from '../support/drive.ts';

const dataset = makeDataset(24);

/** Does something when the n-th request goes out. */
const at =
  (n: number, act: () => void) =>
  (machine: Machine) =>
  (client: ModelClient): ModelClient => ({
    ...client,
    complete: (request, signal) => {
      if (machine.asked.length === n) act();
      return client.complete(request, signal);
    },
  });

async function runWith(machine: Machine, spec: RunSpec, act: (n: number) => void, n: number) {
  const session = machine.open(spec);
  machine.wrap = at(n, () => act(n))(machine);
  await session.begin(spec);
  await session.drive();
  return session.state;
}

/** What is written down, opened on another machine, comes to the same end without asking for anything. */
async function expectReplay(machine: Machine, spec: RunSpec): Promise<void> {
  const live = machine.session?.state;
  expect(stateOf(machine.written.flatMap(({ entries }) => entries))).toEqual(live);
  const entries = machine.written.findIndex((write) =>
    write.entries.some(({ event }) => event.type === 'search-ended'),
  );
  const next = new Machine(dataset);
  await next.restore(spec, machine.written.slice(0, entries));
  const session = next.open(spec);
  await session.drive();
  expect(live && digest(session.state)).toEqual(live && digest(live));
}

describe('what a person says during a run', () => {
  it('a prompt is evaluated in the next round, a hint reaches the generator, and a replay hears the same', async () => {
    const spec = makeSpec(dataset, { values: { rounds: 4 } });
    const machine = new Machine(dataset);
    const prompt = 'Name the kind of message: praise, complaint or question.';
    const state = await runWith(
      machine,
      spec,
      () => {
        void machine.session?.say({ type: 'candidate', prompt });
        void machine.session?.say({ type: 'hint', text: 'Rude customers still ask questions.' });
      },
      50,
    );
    const mine = state.candidates.get(candidateId(prompt));
    expect(mine?.candidate.origin).toEqual({ type: 'person' });
    expect(mine?.results.train.size).toBe(spec.split.train.length);
    const told = [...state.generated.values()].map(({ messages }) => messages.map(({ content }) => content).join());
    expect(told.at(0)).not.toContain('Rude customers');
    expect(told.at(-1)).toContain('Rude customers still ask questions.');
    await expectReplay(machine, spec);
  });

  it('a prompt that shows rows is not asked about them', async () => {
    const spec = makeSpec(dataset, { values: { rounds: 4 } });
    const machine = new Machine(dataset);
    const shown = [...spec.split.train.slice(0, 2), ...spec.split.test.slice(0, 1)];
    const worked = dataset.examples.flatMap((example) =>
      shown.includes(example.id) ? [{ example, answer: example.targets[0] ?? '' }] : [],
    );
    const prompt = withDemonstrations('Name the kind of message.', worked, spec.task.template);
    const state = await runWith(machine, spec, () => void machine.session?.say({ type: 'candidate', prompt }), 50);
    const mine = state.candidates.get(candidateId(prompt));
    expect(mine?.candidate).toMatchObject({
      origin: { type: 'person' },
      demos: { instruction: 'Name the kind of message.', elsewhere: spec.split.test.slice(0, 1) },
    });
    expect([...(mine?.results.train.keys() ?? [])]).toEqual(spec.split.train.slice(2));
    await expectReplay(machine, spec);
  });

  it('"stop after this round" ends the search there, with its comparison, and says so', async () => {
    const spec = makeSpec(dataset, { values: { rounds: 30 } });
    const machine = new Machine(dataset);
    const state = await runWith(machine, spec, () => void machine.session?.say({ type: 'stop-after-round' }), 55);
    expect(state.end).toEqual({ outcome: 'finished', reason: 'Stopped by you after round 2.' });
    const best = state.candidates.get(state.searchEnd?.best ?? ('' as never));
    expect(best?.results.test.size).toBe(spec.split.test.length);
    await expectReplay(machine, spec);
  });

  it('"stop after this round" while the starting prompts are measured ends the search before the first round', async () => {
    const spec = makeSpec(dataset, { values: { rounds: 30 } });
    const machine = new Machine(dataset);
    const state = await runWith(machine, spec, () => void machine.session?.say({ type: 'stop-after-round' }), 10);
    expect(state.end?.reason).toBe('Stopped by you before the first round.');
  });
});

describe('limits besides the calls', () => {
  it('rounds end the search with their number', async () => {
    const state = await new Machine(dataset).run(
      makeSpec(dataset, { budget: { calls: 10_000, rounds: 2 }, values: { rounds: 30 } }),
    );
    expect(state.end).toEqual({ outcome: 'budget-spent', reason: 'All 2 rounds of the budget are done.' });
    expect(state.facts.filter(({ fact }) => fact.type === 'round-started')).toHaveLength(2);
  });

  it('P5 tokens are a ceiling at any number of calls at a time, even for a model that answers as long as it may', async () => {
    for (const tokens of [9_000, 12_000, 20_000])
      for (const concurrency of [1, 16]) {
        const machine = new Machine(dataset);
        machine.wrap = (client) => ({ ...client, complete: greedy(client) });
        const state = await machine.run(
          makeSpec(dataset, { budget: { calls: 10_000, tokens }, concurrency, values: { rounds: 30 } }),
        );
        expect(tokensOf(state.spending), `${tokens} tokens, ${concurrency} at a time`).toBeLessThanOrEqual(tokens);
        expect(state.status === 'ended' || state.stall?.code).toBe(true);
      }
  });

  it('tokens leave room for the sealed rows, whatever the search would still like to ask', async () => {
    for (const tokens of [1000, 1600, 20_000])
      for (const concurrency of [1, 8]) {
        const spec = makeSpec(dataset, { budget: { calls: 10_000, tokens }, concurrency, values: { rounds: 30 } });
        const state = await new Machine(dataset).run(spec);
        const { best = '', baseline = '' } = state.searchEnd ?? {};
        for (const id of [best, baseline])
          expect(
            state.candidates.get(id as never)?.results.test.size,
            `${tokens} tokens, ${concurrency} at a time`,
          ).toBe(spec.split.test.length);
        expect(tokensOf(state.spending)).toBeLessThanOrEqual(tokens);
      }
  });

  it('where the sealed rows take more than those before, both prompts are asked about the same ones, and the limit is named', async () => {
    const spec = makeSpec(dataset, {
      budget: { calls: 10_000, tokens: 12_000 },
      concurrency: 1,
      values: { rounds: 2 },
    });
    const machine = new Machine(dataset);
    machine.wrap = (client) => ({
      ...client,
      complete: async (request, signal) => {
        const answer = await client.complete(request, signal);
        const isSealed = machine.session?.state.searchEnd !== undefined;
        return isSealed ? { ...answer, usage: { inputTokens: 1500, outputTokens: 10 } } : answer;
      },
    });
    const state = await machine.run(spec);
    expect(state.end?.reason).toMatch(/The limit of 12000 tokens left out some of the test rows\.$/);
    const { best = '', baseline = '' } = state.searchEnd ?? {};
    expect(best).not.toBe(baseline);
    const [mine, theirs] = [best, baseline].map((id) => state.candidates.get(id as never)?.results.test.size ?? 0);
    expect(mine).toBeGreaterThan(0);
    expect(Math.abs((mine ?? 0) - (theirs ?? 0))).toBeLessThanOrEqual(1);
    expect(Math.max(mine ?? 0, theirs ?? 0)).toBeLessThan(spec.split.test.length);
  });

  it('minutes end the search, and pauses do not count', async () => {
    const machine = new Machine(dataset);
    machine.wrap = (client) => ({
      ...client,
      complete: async (request, signal) => {
        await machine.clock.sleep(1000, signal);
        return client.complete(request, signal);
      },
    });
    const spec = makeSpec(dataset, { budget: { calls: 10_000, minutes: 2 }, values: { rounds: 30 } });
    const state = await machine.run(spec);
    expect(state.end?.outcome).toBe('budget-spent');
    expect(state.end?.reason).toMatch(/The limit of 2 minutes was reached\.$/);
    expect(machine.asked.length).toBeGreaterThan(100);
    // three finalists and the best starting prompt are compared, and two of them tested
    expect(machine.asked.length).toBeLessThanOrEqual(121 + 4 * 8 + 2 * 8);
    const { best = '', baseline = '' } = state.searchEnd ?? {};
    for (const id of [best, baseline])
      expect(state.candidates.get(id as never)?.results.validation.size).toBe(spec.split.validation.length);
    // killed while the finalists were compared, it comes to the same end
    const first = machine.written.findIndex(({ entries }) =>
      entries.some(({ event }) => event.type === 'example-evaluated' && event.split === 'validation'),
    );
    const next = new Machine(dataset);
    await next.restore(spec, machine.written.slice(0, first + 2));
    const taken = next.open(spec);
    await taken.drive();
    expect(digest(taken.state)).toEqual(digest(state));
  });

  it('minutes stand still in a pause: an answer that comes in it ends no run', async () => {
    const machine = new Machine(dataset);
    let came = false;
    machine.wrap = (client, role) => ({
      ...client,
      complete: async (request, signal) => {
        if (role === 'generator' && !came) {
          await machine.session?.pause();
          await machine.clock.sleep(6 * 60_000, signal);
          came = true;
        }
        return client.complete(request, signal);
      },
    });
    const spec = makeSpec(dataset, { budget: { calls: 10_000, minutes: 5 }, values: { proposals: 1 } });
    const session = machine.open(spec);
    await session.begin(spec);
    const driving = session.drive();
    await until(() => came);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(session.state).toMatchObject({ status: 'paused', minutesUp: undefined });
    await session.resume();
    await driving;
    expect(session.state.end?.outcome).toBe('finished');
    expect(session.state.runningMs).toBeLessThan(5 * 60_000);
  });

  it('R36 a limit in dollars without prices is refused before anything is sent', async () => {
    const spec = makeSpec(dataset, { budget: { calls: 1000, costUsd: 1 } });
    await expect(new Machine(dataset).open(spec).begin(spec)).rejects.toMatchObject({ code: 'run-invalid' });
  });

  it('P5 money is a ceiling, retries and answers that never came included', async () => {
    const price = { inputUsd: 100, outputUsd: 300 };
    const choice = { provider: 'simulated', values: {}, price };
    const machine = new Machine(dataset);
    let n = 0;
    machine.wrap = (client) => ({
      ...client,
      complete: (request, signal) =>
        ++n % 7 === 0
          ? Promise.reject(new AppError('provider-unreachable', { url: 'http://api.test' }))
          : greedy(client)(request, signal),
    });
    const costUsd = 1.2;
    const state = await machine.run(
      makeSpec(dataset, {
        budget: { calls: 10_000, costUsd },
        models: { evaluation: choice, generator: choice },
        concurrency: 8,
        values: { rounds: 30 },
      }),
    );
    const usd = ({ inputTokens, outputTokens }: { inputTokens: number; outputTokens: number }): number =>
      (inputTokens * price.inputUsd + outputTokens * price.outputUsd) / 1e6;
    const { evaluation, generator, uncertain } = state.spending;
    expect(state.spending.uncertainCalls).toBeGreaterThan(3);
    const spent = [evaluation, generator, uncertain.evaluation, uncertain.generator].map(usd).reduce((a, b) => a + b);
    expect(spent).toBeGreaterThan(costUsd / 2);
    expect(spent).toBeLessThanOrEqual(costUsd);
  });

  it('can be changed while the run is paused, but not below what is spent', async () => {
    const spec = makeSpec(dataset, { budget: { calls: 150 }, values: { rounds: 30 } });
    const machine = new Machine(dataset);
    const session = machine.open(spec);
    await session.begin(spec);
    machine.wrap = at(60, () => void session.pause())(machine);
    const driving = session.drive();
    await until(() => session.state.status === 'paused' && machine.asked.length >= 60);
    const spent = tokensOf(session.state.spending);
    for (const budget of [{ calls: 10 }, { calls: 300, tokens: spent - 1 }])
      await expect(session.changeBudget(budget)).rejects.toMatchObject({
        code: 'run-invalid',
        details: { problems: [expect.stringContaining('are spent already')], deed: 'change' },
      });
    await session.changeBudget({ calls: 300 });
    await session.resume();
    await driving;
    expect(callsOf(session.state.spending)).toBeGreaterThan(150);
    expect(callsOf(session.state.spending)).toBeLessThanOrEqual(300);
    expect(stateOf(machine.written.flatMap(({ entries }) => entries))).toEqual(session.state);
  });

  it('can be lowered so far that no further round fits, and the run ends with its test wherever it is taken up', async () => {
    const spec = makeSpec(dataset, { budget: { calls: 400 }, values: { rounds: 30 } });
    const machine = new Machine(dataset);
    const session = machine.open(spec);
    await session.begin(spec);
    // the second round has its first text
    machine.wrap = at(51, () => void session.pause())(machine);
    const driving = session.drive();
    await until(() => session.state.status === 'paused' && machine.asked.length >= 51);
    // less than such a run could be started with
    await session.changeBudget({ calls: 80 });
    await session.resume();
    await driving;
    expect(session.state.end?.outcome).toBe('budget-spent');
    const places = ['run-resumed', 'search-ended'].map((type) =>
      machine.written.findLastIndex(({ entries }) => entries.some(({ event }) => event.type === type)),
    );
    for (const place of places) {
      const next = new Machine(dataset);
      await next.restore(spec, machine.written.slice(0, place + 1));
      const taken = next.open(spec);
      await taken.drive();
      expect(taken.state.stall).toBeUndefined();
      expect(taken.state.end).toEqual(session.state.end);
      const best = taken.state.candidates.get(taken.state.searchEnd?.best ?? ('' as never));
      expect(best?.results.test.size).toBe(spec.split.test.length);
    }
  });
});

describe('the name of a run', () => {
  it('can be changed while it runs and after its end, and nothing else changes', async () => {
    const spec = makeSpec(dataset, { values: { rounds: 3 } });
    const plain = await new Machine(dataset).run(spec);
    const machine = new Machine(dataset);
    const state = await runWith(machine, spec, () => void machine.session?.rename('  Second try '), 30);
    expect(state).toMatchObject({ status: 'ended', spec: { ...spec, name: 'Second try' } });
    expect(digest(state)).toEqual(digest(plain));
    await machine.session?.rename('The one for Monday');
    expect(state).toMatchObject({ status: 'ended', spec: { ...spec, name: 'The one for Monday' } });
    await expectReplay(machine, spec);
    const entries = machine.written.flatMap((write) => write.entries);
    expect(headFrom(entries)).toEqual({ ...headOf(spec, entries[0]?.at ?? -1), name: 'The one for Monday' });
  });

  it('holds a letter', async () => {
    const machine = new Machine(dataset);
    await machine.run(makeSpec(dataset, { values: { rounds: 1 } }));
    const before = machine.written.length;
    await expect(machine.session?.rename(' \n')).rejects.toMatchObject({
      code: 'run-invalid',
      details: { problems: ['A run needs a name.'], deed: 'change' },
    });
    expect(machine.written).toHaveLength(before);
  });
});

describe('answers that cannot be read', () => {
  /** The model wraps what it says in a tag that nobody looks for, with words around it that could be any label. */
  const wrapping = (client: ModelClient): ModelClient => ({
    ...client,
    complete: async (request, signal) => {
      const completion = await client.complete(request, signal);
      return request.topLogprobs > 0
        ? { ...completion, text: `praise, complaint or question? <kind>${completion.text}</kind>` }
        : completion;
    },
  });
  const readable = { ...makeSpec(dataset), prompts: ['Decide: praise, complaint or question. Answer with one word.'] };

  it('stop the first batch with samples and a rule; with the rule nothing is paid for again', async () => {
    const machine = new Machine(dataset);
    machine.wrap = wrapping;
    const state = await machine.run(readable);
    expect(state.stall?.code).toBe('answers-unreadable');
    expect(state.generated.size).toBe(0);
    const { samples, proposal } = state.stall?.details as { samples: string[]; proposal: never };
    expect(samples[0]).toContain('<kind>');
    expect(proposal).toEqual({ type: 'tag', name: 'kind' });
    const asked = machine.asked.length;
    const session = machine.open(readable);
    await session.load();
    await session.acceptAnswers(proposal);
    await session.drive();
    expect(session.state.end?.outcome).toBe('finished');
    const bodies = machine.asked.slice(asked).map(({ body }) => body);
    expect(bodies.filter((body) => machine.asked.slice(0, asked).some((before) => before.body === body))).toEqual([]);
    const [first] = session.state.candidates.values();
    expect(
      [...(first?.results.train.values() ?? [])].every((r) => r.type === 'answered' && r.outcome !== 'unparsable'),
    ).toBe(true);
    expect(stateOf(machine.written.flatMap(({ entries }) => entries))).toEqual(session.state);
  });

  it.each([pacer, compare, randomDemos])(
    'stop $id too, though it says something before it asks',
    async ({ id, version }) => {
      const machine = new Machine(dataset);
      machine.wrap = wrapping;
      const budget = { calls: 400 };
      const state = await machine.run({ ...readable, budget, optimizer: { id, version, values: {} } });
      expect(state.stall?.code).toBe('answers-unreadable');
      expect(machine.asked.length).toBeLessThan(100);
    },
  );

  it('are asked about once: Resume goes on as it is', async () => {
    const machine = new Machine(dataset);
    machine.wrap = wrapping;
    await machine.run(readable);
    await machine.session?.drive();
    expect(machine.session?.state.end?.outcome).toBe('finished');
  });

  it('of gibberish beside a readable prompt are what they are, and stop nothing', async () => {
    const state = await new Machine(dataset).run(makeSpec(dataset));
    expect(state.end?.outcome).toBe('finished');
  });
});

describe('rows that failed', () => {
  const bad = dataset.examples[1]?.inputs['text'] ?? '';
  const refusing = (client: ModelClient, isOn: () => boolean): ModelClient => ({
    ...client,
    complete: (request, signal) =>
      isOn() && request.topLogprobs > 0 && request.messages.some(({ content }) => content.includes(bad))
        ? Promise.reject(new AppError('row-too-long', { said: 'too long' }))
        : client.complete(request, signal),
  });

  it('are asked again after the end, and the rest is left alone', async () => {
    const machine = new Machine(dataset);
    let broken = true;
    machine.wrap = (client) => refusing(client, () => broken);
    const before = await machine.run(makeSpec(dataset));
    const failed = [...before.candidates.values()].reduce((sum, { failed: { train } }) => sum + train, 0);
    expect(failed).toBeGreaterThan(3);
    // whoever looked on before sees the new scores, and not those that were added up then
    const session = machine.open(makeSpec(dataset));
    await session.load();
    const train = () => reportOf(session.state)?.candidates.map(({ summaries }) => summaries.train) ?? [];
    expect(train().some(({ outcomes }) => outcomes.failed > 0)).toBe(true);
    const [asked, best] = [machine.asked.length, before.searchEnd?.best];
    broken = false;
    await session.reopenFailed();
    await session.drive();
    expect(machine.asked.length - asked).toBe(failed);
    expect(train()).toEqual(
      [...session.state.candidates.values()].map(({ results }) => summarize(results.train.values())),
    );
    expect([...session.state.candidates.values()].every(({ failed: { train } }) => train === 0)).toBe(true);
    expect(session.state.status).toBe('ended');
    expect(session.state.searchEnd?.best).toBe(best);
    expect(stateOf(machine.written.flatMap(({ entries }) => entries))).toEqual(session.state);
  });

  it('keep their scores and the verdict where the second attempt comes to nothing, and can be asked again', async () => {
    const machine = new Machine(dataset);
    let broken = true;
    machine.wrap = (client) => refusing(client, () => broken);
    const before = await machine.run(makeSpec(dataset));
    const [scores, cached] = [digest(before), before.cachedAnswers];
    expect(cached).toBe(0); // a row without an answer was not there before either
    machine.wrap = (client) => ({
      ...client,
      complete: () => Promise.reject(new AppError('provider-unauthorized', { status: 401, host: 'api.example.com' })),
    });
    const session = machine.open(makeSpec(dataset));
    await session.load();
    await session.reopenFailed();
    await expect(session.drive()).rejects.toMatchObject({ code: 'provider-unauthorized' });
    expect(digest(session.state)).toEqual(scores);
    broken = false;
    machine.wrap = (client) => refusing(client, () => broken);
    const again = machine.open(makeSpec(dataset));
    await again.load();
    await again.reopenFailed();
    await again.drive();
    expect([...again.state.candidates.values()].every(({ failed: { train } }) => train === 0)).toBe(true);
    expect(stateOf(machine.written.flatMap(({ entries }) => entries))).toEqual(again.state);
  });

  it('are left off on one word: what was answered counts, the others stay failed, and the run is ended as before', async () => {
    const machine = new Machine(dataset);
    let broken = true;
    machine.wrap = (client) => refusing(client, () => broken);
    const { end, candidates } = await machine.run(makeSpec(dataset));
    const failed = [...candidates.values()].reduce((sum, { failed: { train } }) => sum + train, 0);
    const session = machine.open(makeSpec(dataset));
    await session.load();
    await session.reopenFailed();
    expect(reportOf(session.state)?.reopened).toBe(failed);
    broken = false;
    machine.wrap = at(machine.asked.length + 2, () => session.stop())(machine);
    await session.drive();
    const { reopened = 0, candidates: records = [], end: endAfter } = reportOf(session.state) ?? {};
    expect(reopened).toBeGreaterThan(0);
    expect(reopened).toBeLessThan(failed);
    expect(records.reduce((sum, { summaries }) => sum + summaries.train.outcomes.failed, 0)).toBe(reopened);
    expect([session.state.status, endAfter]).toEqual(['ended', end]);
    machine.wrap = (client) => client;
    const again = machine.open(makeSpec(dataset));
    await again.load();
    await again.reopenFailed();
    await again.drive();
    expect(reportOf(again.state)?.reopened).toBe(0);
  });

  it('are not asked again where the budget does not hold them, and it says so', async () => {
    const machine = new Machine(dataset);
    machine.wrap = (client) => refusing(client, () => true);
    const whole = await machine.run(makeSpec(dataset));
    const calls = callsOf(whole.spending);
    const next = new Machine(dataset);
    next.wrap = machine.wrap;
    const spec = makeSpec(dataset, { budget: { calls: calls + 1 } });
    await next.run(spec);
    await expect(next.session?.reopenFailed()).rejects.toMatchObject({ code: 'run-invalid' });
  });

  it('that the search was told of stay failed while it goes on, so that a replay is told the same', async () => {
    const spec = makeSpec(dataset, { values: { rounds: 4 } });
    const machine = new Machine(dataset);
    let broken = true;
    const base = at(60, () => {
      broken = false;
      void machine.session?.reopenFailed();
    })(machine);
    machine.wrap = (client) => refusing(base(client), () => broken);
    const state = await machine.run(spec);
    const [first] = state.candidates.values();
    expect(first?.failed.train).toBe(1);
    const next = new Machine(dataset);
    await next.restore(spec, machine.written.slice(0, -20));
    const session = next.open(spec);
    await session.drive();
    expect(digest(session.state)).toEqual(digest(state));
  });
});

describe('a parameter that is refused in mid-run', () => {
  it('R16 stops the run with the fix, and Resume goes on without the parameter', async () => {
    const machine = new Machine(dataset);
    const fix = { topLogprobs: 0, rejected: ['logprobs'] };
    machine.wrap = (client) => ({
      ...client,
      complete: (request, signal) =>
        machine.asked.length >= 20 && request.topLogprobs > 0
          ? Promise.reject(new AppError('provider-parameter', { parameter: 'logprobs', said: 'no', fix }))
          : client.complete(request, signal),
    });
    const state = await machine.run(makeSpec(dataset));
    expect(state.stall?.code).toBe('provider-parameter');
    await machine.session?.drive();
    expect(machine.session?.state.end?.outcome).toBe('finished');
    expect(machine.session?.state.capabilities.evaluation).toEqual(fix);
  });
});

describe('a model that breaks its promise of log-probabilities', () => {
  it('R28 stops the run at the first answers, and Resume goes on without them', async () => {
    const machine = new Machine(dataset);
    machine.wrap = (client) => ({
      ...client,
      complete: async (request, signal) => {
        const { tokens: _, ...rest } = await client.complete(request, signal);
        return rest;
      },
    });
    const state = await machine.run(makeSpec(dataset));
    expect(state.stall?.code).toBe('logprobs-missing');
    expect(machine.asked.length).toBeLessThanOrEqual(3);
    await machine.session?.drive();
    expect(machine.session?.state.end?.outcome).toBe('finished');
  });
});

/** Answers as long as it may, and says so. */
const greedy =
  (client: ModelClient) =>
  async (request: CompletionRequest, signal: AbortSignal): ReturnType<ModelClient['complete']> => {
    const completion = await client.complete(request, signal);
    const bytes = request.messages.reduce((sum, { content }) => sum + new TextEncoder().encode(content).length, 0);
    return { ...completion, usage: { inputTokens: bytes, outputTokens: request.maxTokens } };
  };

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
