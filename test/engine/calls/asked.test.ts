import { describe, expect, it } from 'vitest';
import { callsOf } from '#core/budget.ts';
import type { ModelClient } from '#core/completion.ts';
import { AppError } from '#core/error.ts';
import { makeDataset, makeSpec } from '../../support/builders.ts';
import { Machine } from '../../support/drive.ts';

const dataset = makeDataset(24);
const spec = makeSpec(dataset, { concurrency: 4, values: { rounds: 1, proposals: 1 } });

/** A machine whose server takes one request at a time, so that the others of the run wait for leave. `act`: done during the n-th. */
function oneAtATime(n: number, act: (machine: Machine) => Promise<void>): Machine {
  const machine = new Machine(dataset);
  machine.wrap = (client): ModelClient => ({
    ...client,
    lane: 'one at a time',
    mostInFlight: 1,
    complete: async (request, signal) => {
      if (machine.asked.length === n) await act(machine);
      return client.complete(request, signal);
    },
  });
  return machine;
}

describe('a request that waits for leave', () => {
  it('is not sent when the run was paused meanwhile, and is when it goes on', async () => {
    const machine = oneAtATime(9, async ({ session }) => session?.pause());
    const session = machine.open(spec);
    await session.begin(spec);
    const driving = session.drive();
    while (session.state.status !== 'paused') await turn();
    for (let i = 0; i < 50; i++) await turn();
    expect(machine.asked).toHaveLength(9);
    await session.resume();
    await driving;
    expect(session.state.end?.outcome).toBe('finished');
  });

  it('P5 is not sent when the budget was lowered meanwhile', async () => {
    // the one that is under way is the last that is allowed
    const machine = oneAtATime(9, async ({ session }) => session?.changeBudget({ calls: 9 }));
    const session = machine.open(spec);
    await session.begin(spec);
    await session.drive();
    expect(machine.asked).toHaveLength(9);
    expect(callsOf(session.state.spending)).toBe(9);
    expect(session.state.end?.outcome).toBe('budget-spent');
  });
});

/** A machine on which requests fail for as long as `fails` says so. */
function failing(fails: (n: number, machine: Machine) => AppError | undefined): Machine {
  const machine = new Machine(dataset);
  machine.wrap = (client) => ({
    ...client,
    complete: (request, signal) => {
      const error = fails(machine.asked.length, machine);
      return error ? Promise.reject(error) : client.complete(request, signal);
    },
  });
  return machine;
}
const alone = { ...spec, concurrency: 1 };

describe('failures', () => {
  it('of a server that is down for an hour use up no tries, however often one call has asked whether it is back', async () => {
    const machine = failing((_, { clock }) =>
      clock.elapsedMs() < 3_600_000 ? new AppError('provider-overloaded', { status: 503 }) : undefined,
    );
    const state = await machine.run(alone);
    expect(state.end?.outcome).toBe('finished');
    expect(state.spending.failedCalls).toBeGreaterThan(50);
  });

  it('of a server that is down may use up the budget: the run then waits, and goes on with a larger one', async () => {
    let down = true;
    const machine = failing((n) => (down && n > 20 ? new AppError('provider-overloaded', { status: 503 }) : undefined));
    const tight = { ...alone, budget: { calls: 130 } };
    const state = await machine.run(tight);
    expect(callsOf(state.spending)).toBe(130);
    expect(state).toMatchObject({ status: 'stalled', stall: { code: 'provider-overloaded' }, end: undefined });
    down = false;
    const session = machine.session;
    await session?.changeBudget({ calls: 400 });
    await session?.drive();
    expect(session?.state.end?.outcome).toBe('finished');
  });

  it('of answers that are none count in a row only: a good one between them wipes them out', async () => {
    // three before each of the first six answers: no call gives up, and together they are more than are borne in a row
    const machine = failing((n) =>
      n <= 24 && n % 4 !== 0 ? new AppError('provider-bad-answer', { found: 'nothing' }) : undefined,
    );
    const state = await machine.run(alone);
    expect(state.end?.outcome).toBe('finished');
    expect(state.spending.failedCalls).toBe(18);
  });
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the wait for an answer', () => {
  it('of a long text is not learned from short answers', async () => {
    const waits = new Map<number, number[]>();
    const machine = new Machine(dataset);
    machine.wrap = (client) => ({
      ...client,
      complete: (request, signal, options) => {
        const known = waits.get(request.maxTokens) ?? [];
        waits.set(request.maxTokens, [...known, options?.deadlineMs ?? NaN]);
        return client.complete(request, signal, options);
      },
    });
    await machine.run(alone);
    const [short = [], long = []] = [...waits].sort(([a], [b]) => a - b).map(([, given]) => given);
    expect(short.at(-1)).toBe(60_000); // answers come at once here
    expect(new Set(long)).toEqual(new Set([600_000]));
  });

  it('of a call that has timed out is twice as long the next time, so a slow one is answered in the end', async () => {
    const machine = new Machine(dataset);
    const given: number[] = [];
    let slow: string | undefined;
    machine.wrap = (client) => ({
      ...client,
      complete: (request, signal, options) => {
        const body = JSON.stringify(request);
        if (machine.asked.length === 12) slow = body;
        const deadlineMs = options?.deadlineMs ?? NaN;
        if (body === slow) given.push(deadlineMs);
        return body === slow && deadlineMs < 200_000
          ? Promise.reject(new AppError('provider-timeout', { afterMs: deadlineMs }))
          : client.complete(request, signal, options);
      },
    });
    const state = await machine.run(alone);
    expect(given).toEqual([60_000, 120_000, 240_000]);
    expect(state.end?.outcome).toBe('finished');
  });
});
