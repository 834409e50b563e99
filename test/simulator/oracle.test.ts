import { expect, it } from 'vitest';
import type { Completion, ModelClient } from '#core/completion.ts';
import { AppError, isAppError } from '#core/error.ts';
import { noFaults, quiet, type Knobs } from './knobs.ts';
import type { Sabotage } from './life.ts';
import { play } from './run-history.ts';

/** An oracle that never says no would pass every test: here the engine is broken from outside, one promise at a time. */
const promises = async (turned: Partial<Knobs>, sabotage: Sabotage): Promise<ReadonlySet<string>> =>
  new Set((await play({ ...quiet, ...turned }, sabotage)).violations.map(({ promise }) => promise));

const answering = (change: (made: Promise<Completion>, again: () => Promise<Completion>) => Promise<Completion>) => ({
  client: (client: ModelClient): ModelClient => ({
    ...client,
    complete: (...given) => change(client.complete(...given), () => client.complete(...given)),
  }),
});
const failing = (change: (error: AppError) => AppError): Sabotage =>
  answering((made) =>
    made.catch((error: unknown) => {
      throw isAppError(error) ? change(error) : error;
    }),
  );

it('P2 P4 a request that is sent twice is seen', async () => {
  const found = await promises(
    {},
    answering(async (made, again) => {
      await made;
      return again();
    }),
  );
  expect(found).toContain('P2');
  expect(found).toContain('P4');
});

it('P4 P20 a request that is not written down is seen', async () => {
  const found = await promises(
    {},
    { journal: (journal) => ({ ...journal, append: (run, write) => journal.append(run, { ...write, sent: [] }) }) },
  );
  expect(found).toContain('P4');
  expect(found).toContain('P20');
});

it('P1 an answer that is shown and not kept is seen', async () => {
  const found = await promises(
    {},
    { journal: (journal) => ({ ...journal, append: (run, write) => journal.append(run, { ...write, answers: [] }) }) },
  );
  expect(found).toContain('P1');
});

it('P3 an answer that depends on the time is seen', async () => {
  let count = 0;
  const found = await promises(
    {},
    answering(async (made) => ({ ...(await made), text: `the ${count++}th` })),
  );
  expect(found).toContain('P3');
});

it('P5 spending that the engine does not hear of is seen', async () => {
  const usage = { inputTokens: 0, outputTokens: 0 };
  const unheard = answering(async (made) => ({ ...(await made), usage }));
  expect(await promises({ rounds: 3, budget: { of: 'tokens', share: 0.3 } }, unheard)).toContain('P5');
  expect(await promises({ rounds: 3, budget: { of: 'cost', share: 0.3 } }, unheard)).toContain('P5');
});

it('P7 a wait that is not heard of is seen', async () => {
  const faults = { ...noFaults, rateLimited: 0.3, hintMs: 120_000, most: 5 };
  const deaf = failing(() => new AppError('provider-rate-limited', {}));
  expect(await promises({ faults }, deaf)).toContain('P7');
});

it('P8 an empty account that is asked on and on is seen', async () => {
  const stubborn = failing(() => new AppError('provider-bad-answer', { found: 'no credit' }));
  expect(await promises({ happenings: [{ tick: 20, type: 'quota-ended' }] }, stubborn)).toContain('P8');
});

it('P9 a page in place of an answer is seen', async () => {
  const page: Completion = {
    text: '<html>',
    finishReason: 'stop',
    usage: { inputTokens: 1, outputTokens: 1 },
    latencyMs: 1,
  };
  const found = await promises(
    {},
    answering(async (made) => made.then(() => page)),
  );
  expect(found).toContain('P9');
});

it('P21 a decision by the clock on the wall is seen', async () => {
  const found = await promises(
    {
      budget: { of: 'minutes', share: 0.3 },
      happenings: [{ tick: 20, type: 'wall-clock', byMs: 31_536_000_000 }],
    },
    { clock: (clock) => ({ ...clock, elapsedMs: () => clock.now() }) },
  );
  expect(found).toContain('P21');
});
