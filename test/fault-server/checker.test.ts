import { describe, expect, it } from 'vitest';
import type { Completion } from '#core/completion.ts';
import type { CallKey, CandidateId, ExampleId } from '#core/id.ts';
import type { JournalEntry, RunEvent } from '#core/run.ts';
import { makeDataset, makeSpec } from '../support/builders.ts';
import { check, expectPromisesKept } from '../support/checker/check.ts';
import type { Evidence } from '../support/checker/evidence.ts';
import type { LedgerRow } from '../support/fault-server/types.ts';

/** The checker is trusted by all tests of reliability: here each promise is broken once, and it has to say so. */

const call = 'call-a' as CallKey;
const other = 'call-b' as CallKey;
const spec = makeSpec(makeDataset(6), { budget: { calls: 5, costUsd: 0.01 }, concurrency: 2 });
const usage = { inputTokens: 1, outputTokens: 1 };
const completion: Completion = { text: 'praise', finishReason: 'stop', usage, latencyMs: 1 };

const journal = (...events: readonly (readonly [at: number, event: RunEvent])[]): readonly JournalEntry[] =>
  [[0, { type: 'run-started', version: 1, spec }] as const, ...events].map(([at, event], seq) => ({ seq, at, event }));
const stored = (of: CallKey): RunEvent => ({
  type: 'example-evaluated',
  candidate: 'c' as CandidateId,
  example: 'e' as ExampleId,
  split: 'train',
  result: {
    type: 'answered',
    outcome: 'right',
    answer: 'praise',
    crossEntropy: { type: 'unscored', reason: 'no-logprobs' },
    usage,
    latencyMs: 1,
    attempts: 1,
    call: of,
  },
});
const lost = (of: CallKey): RunEvent => ({
  type: 'calls-lost',
  attempts: [{ id: '0.1', call: of, role: 'evaluation', reserved: usage }],
});
let rows = 0;
const row = (of: CallKey | undefined, at: number, more: Partial<LedgerRow> = {}): LedgerRow => ({
  n: ++rows,
  atMs: at,
  at,
  doneAtMs: at + 5,
  connection: 1,
  reusedConnection: false,
  protocol: 'h1',
  method: 'POST',
  path: '/v1/chat/completions',
  ...(of === undefined ? {} : { call: of }),
  attempt: 1,
  keyStart: 'sk-own',
  keyElsewhere: false,
  headerNames: [],
  billed: true,
  completed: true,
  clientGone: false,
  costUsd: 0.001,
  ...more,
});
const good: Evidence = {
  entries: journal([100, stored(call)]),
  ledger: [row(call, 50)],
  nameOf: (one) => one.call as CallKey | undefined,
  answers: new Map([[call, completion]]),
  hiddenResends: 'possible',
  keyStart: 'sk-own',
};
const brokenBy = async (more: Partial<Evidence>): Promise<readonly string[]> => [
  ...new Set((await check({ ...good, ...more })).map(({ invariant }) => invariant)),
];

describe('the checker finds', () => {
  it('nothing where all is well', async () => {
    expect(await brokenBy({})).toEqual([]);
    await expectPromisesKept(good);
  });

  it('I1 an answer that was stored and is gone, or is not what the model said', async () => {
    expect(await brokenBy({ answers: new Map() })).toContain('I1');
    expect(await brokenBy({ acknowledged: [other] })).toEqual(['I1']);
    expect(await brokenBy({ expectedText: () => Promise.resolve('complaint') })).toEqual(['I1']);
    expect(await brokenBy({ expectedText: () => Promise.resolve('praise') })).toEqual([]);
  });

  it('I2 a call that was billed more often than anything explains', async () => {
    const ledger = [row(call, 50), row(call, 60)];
    // a browser may have sent it again; the app has written down both; it was under way at a crash
    expect(await brokenBy({ ledger, hiddenResends: 'impossible' })).toEqual(['I2']);
    const attempt = { id: '0.1', call, role: 'evaluation', reserved: usage } as const;
    expect(await brokenBy({ ledger, sent: [attempt, attempt] })).toEqual(['I2']);
    expect(await brokenBy({ ledger })).toEqual([]);
    expect(
      await brokenBy({ ledger, hiddenResends: 'impossible', entries: journal([55, lost(call)], [100, stored(call)]) }),
    ).toEqual([]);
  });

  it('I2 a call that nothing on disk knows of', async () => {
    expect(await brokenBy({ ledger: [row(call, 50), row(other, 50)] })).toEqual(['I2']);
  });

  it('I3 a call that came after its answer was stored', async () => {
    expect(await brokenBy({ ledger: [row(call, 50), row(call, 150)] })).toEqual(['I3']);
  });

  it('I4 numbers that do not follow each other', async () => {
    const [first, second] = journal([100, stored(call)]);
    if (!first || !second) throw new Error('two entries were made');
    expect(await brokenBy({ entries: [first, { ...second, seq: 2 }] })).toEqual(['I4']);
  });

  it('I5 more calls or more money than the budget', async () => {
    const lostOnes = Array.from({ length: 6 }, (_, n) => `call-${n}` as CallKey);
    const many = {
      ledger: lostOnes.map((one) => row(one, 50)),
      entries: journal(...lostOnes.map((one) => [90, lost(one)] as const)),
      answers: new Map<CallKey, Completion>(),
    };
    expect(await brokenBy(many)).toEqual(['I5']);
    expect(await brokenBy({ ledger: [row(call, 50, { costUsd: 0.02 })] })).toEqual(['I5']);
  });

  it('I6 a call before the server said it may come', async () => {
    const refused = row(other, 0, { billed: false, status: 429, hintMs: 1000, hintReadable: true });
    const failed: RunEvent = {
      type: 'call-failed',
      role: 'evaluation',
      call: other,
      code: 'provider-rate-limited',
      charged: 'no',
      reserved: usage,
    };
    const entries = journal([10, failed], [700, stored(call)]);
    expect(await brokenBy({ entries, ledger: [refused, row(call, 600)] })).toEqual(['I6']);
    expect(
      await brokenBy({ entries: journal([10, failed], [1700, stored(call)]), ledger: [refused, row(call, 1600)] }),
    ).toEqual([]);
  });

  it('I7 calls that go on while a person is waited for', async () => {
    const stalled: RunEvent = { type: 'run-stalled', error: { code: 'provider-quota', details: { said: '' } } };
    const late = ['p', 'q', 'r', 's'].map((name) => `call-${name}` as CallKey);
    const ledger = [row(call, 50), ...late.map((one) => row(one, 200, { billed: false }))];
    const entries = journal([100, stored(call)], [150, stalled], ...late.map((one) => [300, lost(one)] as const));
    expect(await brokenBy({ entries, ledger })).toEqual(['I7']);
  });

  it('I8 another end', async () => {
    expect(
      await brokenBy({ digests: { actual: { best: 'a', latencyMs: 1 }, reference: { best: 'a', latencyMs: 2 } } }),
    ).toEqual([]);
    expect(await brokenBy({ digests: { actual: { best: 'a' }, reference: { best: 'b' } } })).toEqual(['I8']);
  });

  it('I9 and I10 a key in the wrong place, and a visit to the wrong host', async () => {
    expect(await brokenBy({ ledger: [row(call, 50, { keyElsewhere: true })] })).toEqual(['I9']);
    expect(await brokenBy({ ledger: [row(call, 50, { keyStart: 'sk-two' })] })).toEqual(['I9']);
    const heard = [{ method: 'POST', url: '/', headers: { authorization: 'Bearer sk-own-12' }, body: '' }];
    expect(await brokenBy({ recorder: { heard } })).toEqual(['I9', 'I10']);
  });

  it('says what it found in words', async () => {
    await expect(expectPromisesKept({ ...good, ledger: [row(call, 50), row(call, 150)] })).rejects.toThrow(
      /1 broken promises:\nI3: call call-a came \(#\d+\) 50 ms after its answer was stored/,
    );
  });
});
