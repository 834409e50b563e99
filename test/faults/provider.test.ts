import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { callsOf } from '#core/budget.ts';
import { summarize } from '#core/evaluation.ts';
import type { Dataset } from '#core/example.ts';
import type { RunState } from '#engine/run-state.ts';
import { makeDataset } from '../support/builders.ts';
import type { Fault } from '../support/fault-server/types.ts';
import { pageFetch } from '../support/page-fetch.ts';
import { withServedRun } from '../support/served-run.ts';

/** Whole runs against a server that refuses: what the run comes to, and what the server saw of it. */

const dataset = makeDataset(18);
const failedRows = ({ candidates }: RunState): number =>
  [...candidates.values()].reduce((sum, { failed }) => sum + failed.train + failed.validation + failed.test, 0);

/** The same rows, some of them far too long for the model. */
const withLongRows = (isLong: (index: number) => boolean, rows = dataset): Dataset => ({
  ...rows,
  examples: rows.examples.map((example, index) =>
    isLong(index)
      ? { ...example, inputs: { text: `${example.inputs['text'] ?? ''} ${'And so on. '.repeat(900)}` } }
      : example,
  ),
});

describe('an account that cannot pay', () => {
  it.each([
    ['R09 P8: credit used up in mid-run', 'insufficient_quota', undefined],
    ['R10 P8: the spending limit of a project', 'project_spend_limit_exceeded', 'project'],
  ])('%s stops the run with the cause, and it goes on when there is money again', async (_, quotaCode, of) => {
    const keys = { 'sk-good': { quota: 30, quotaCode } };
    await withServedRun({ dataset, server: { keys } }, async (run) => {
      const { state } = await run.begin();
      expect(state.stall).toMatchObject({ code: 'provider-quota', details: of ? { of } : {} });
      expect(run.calls.filter(({ status }) => status === 429).length).toBeLessThanOrEqual(run.spec.concurrency + 1);
      run.server.set({ keys: { 'sk-good': {} } });
      const again = run.open();
      await again.drive();
      expect(again.state.end?.outcome).toBe('finished');
      expect(failedRows(again.state)).toBe(0);
      expect(run.paidTwice).toEqual([]);
    });
  });
});

describe('a key', () => {
  it('R11 P8: that is wrong stops the run before the second call', async () => {
    await withServedRun({ dataset, server: { keys: { 'sk-other': {} } } }, async (run) => {
      const { state } = await run.begin();
      expect(state.stall).toMatchObject({ code: 'provider-unauthorized', details: { status: 401 } });
      expect(run.calls).toHaveLength(1);
    });
  });

  it('R12 P8: that is revoked in mid-run stops it; a new one goes on, and nothing is paid for again', async () => {
    let revoked = false;
    const unauthorized = {
      status: 401,
      body: { error: { message: 'This key was revoked.', code: 'invalid_api_key' } },
    };
    await withServedRun({ dataset }, async (run) => {
      run.server.set({
        decide: ({ row, apiKey }) => {
          revoked ||= row.n >= 30;
          return revoked && apiKey === 'sk-good' ? { type: 'status', ...unauthorized } : undefined;
        },
      });
      const { state } = await run.begin();
      expect(state.stall?.code).toBe('provider-unauthorized');
      expect(run.calls.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(run.spec.concurrency + 1);
      run.apiKey = 'sk-fresh';
      const again = run.open();
      await again.drive();
      expect(again.state.end?.outcome).toBe('finished');
      expect(failedRows(again.state)).toBe(0);
      expect(run.paidTwice).toEqual([]);
    });
  });

  it.each(['Country, region, or territory not supported', 'Your IP is not allowed', 'You may not use this model'])(
    'R13 P8: that is forbidden (%s) stops the run with the words of the provider',
    async (forbidden) => {
      await withServedRun({ dataset, server: { keys: { 'sk-good': { forbidden } } } }, async (run) => {
        const { state } = await run.begin();
        expect(state.stall).toMatchObject({ code: 'provider-forbidden', details: { said: forbidden } });
        expect(run.calls).toHaveLength(1);
      });
    },
  );
});

describe('a model form that is wrong', () => {
  it('R14 P8: an unknown model stops the run before the second call', async () => {
    await withServedRun({ dataset, model: 'no-such-model' }, async (run) => {
      const { state } = await run.begin();
      expect(state.stall).toMatchObject({ code: 'provider-model-unknown', details: { model: 'no-such-model' } });
      expect(run.calls).toHaveLength(1);
    });
  });

  it('R15 P8: a wrong path stops the run before the second call', async () => {
    await withServedRun({ dataset, path: '/api' }, async (run) => {
      const { state } = await run.begin();
      expect(state.stall).toMatchObject({ code: 'provider-wrong-address', details: { status: 404 } });
      expect(run.calls).toHaveLength(1);
    });
  });

  it('R16: parameters that the model refuses are found out once, and left out from then on', async () => {
    const unsupported = ['max_tokens', 'temperature', 'seed'];
    await withServedRun({ dataset, server: { models: [{ id: 'test-model', unsupported }] } }, async (run) => {
      const { state } = await run.begin();
      expect(state.end?.outcome).toBe('finished');
      expect(failedRows(state)).toBe(0);
      const refused = run.calls.filter(({ status }) => status === 400);
      expect(refused.length).toBeLessThanOrEqual(unsupported.length);
      expect(run.calls.slice(0, refused.length)).toEqual(refused);
      expect(state.capabilities.evaluation?.rejected).toEqual(expect.arrayContaining(unsupported));
    });
  });
});

describe('the very first question, which finds out what the model accepts', () => {
  const lose: Fault = { type: 'rst-before' };
  const busy: Fault = { type: 'status', status: 503 };
  const limited: Fault = { type: 'status', status: 429, headers: { 'retry-after-ms': '50' } };

  it.each<readonly [title: string, fault: Fault, times: number]>([
    ['N04 P6: lost with its connection', lose, 2],
    ['N06 P6: answered, charged, and lost', { type: 'rst-after-generation' }, 1],
    ['R19 P6: refused for overload', busy, 2],
    ['R01 P6 P7: refused for its rate', limited, 1],
    ['N14 P9: answered with half an answer', { type: 'truncate', honest: true }, 1],
  ])('%s, is asked again, counted, and the run comes to its end', async (_, fault, times) => {
    await withServedRun({ dataset, server: { rules: [{ name: 'first', times, fault }] } }, async (run) => {
      const { state } = await run.begin();
      expect(state.end?.outcome).toBe('finished');
      expect(failedRows(state)).toBe(0);
      expect(state.spending).toMatchObject({ probeCalls: 1, failedCalls: times });
      expect(callsOf(state.spending)).toBe(run.calls.length);
      expect(await run.storage.journal.open(run.spec.id)).toEqual([]);
    });
  });

  describe('from a page', () => {
    const page = 'https://prompts.example';
    beforeEach(() => {
      vi.stubGlobal('fetch', pageFetch(page, fetch));
      vi.stubGlobal('origin', page);
    });
    afterEach(() => vi.unstubAllGlobals());

    it('N04 P6: lost twice, does not make it seem shut out', async () => {
      const rules = [{ name: 'first', times: 2, when: { path: '/chat/completions' }, fault: lose }];
      await withServedRun({ dataset, server: { rules } }, async (run) => {
        const { state } = await run.begin();
        expect(state.end?.outcome).toBe('finished');
        expect(state.spending.failedCalls).toBe(2);
      });
    });

    it('N15 P8: that is not let in, stops the run with the cause, and nothing was charged', async () => {
      const cors = { origin: null, allowHeaders: '', expose: [], missingOnStatus: [] };
      await withServedRun({ dataset, server: { cors } }, async (run) => {
        const { state } = await run.begin();
        expect(state.stall).toMatchObject({ code: 'provider-cors', details: { origin: page } });
        expect(run.server.summary()).toMatchObject({ billed: 0 });
      });
    });
  });
});

describe('rows that are too long for the model', () => {
  const models = [{ id: 'test-model', contextTokens: 2000 }];

  it('R17 P10: a few of them fail, and the run ends', async () => {
    const rows = withLongRows((index) => index === 2);
    await withServedRun({ dataset: rows, server: { models } }, async (run) => {
      const { state } = await run.begin();
      expect(state.end?.outcome).toBe('finished');
      const [first] = state.candidates.values();
      expect(summarize(first?.results.train.values() ?? []).outcomes.failed).toBe(1);
      expect(summarize(first?.results.train.values() ?? []).n).toBe(run.spec.split.train.length - 1);
    });
  });

  it('R18 P10: every second one makes the run ask', async () => {
    const rows = withLongRows((index) => index % 2 === 1, makeDataset(60));
    await withServedRun({ dataset: rows, server: { models } }, async (run) => {
      const { state } = await run.begin();
      expect(state.stall?.code).toBe('too-many-failures');
      expect(state.end).toBeUndefined();
    });
  });
});

describe('an answer that says less, or something else, of itself', () => {
  it('R25: without a count of tokens is estimated, and the sums are marked so', async () => {
    const rules = [{ name: 'uncounted', fault: { type: 'completion', noUsage: true } as const }];
    await withServedRun({ dataset, server: { rules } }, async (run) => {
      const { state } = await run.begin();
      expect(state.end?.outcome).toBe('finished');
      expect(state.spending.evaluation.estimated).toBe(true);
      expect(state.spending.evaluation.inputTokens).toBeGreaterThan(0);
    });
  });

  it('X10: with a count below zero makes nothing cheaper: it is estimated', async () => {
    const rules = [{ name: 'negative', fault: { type: 'completion', negativeUsage: true } as const }];
    const calls = 90;
    await withServedRun({ dataset, server: { rules }, spec: { budget: { calls } } }, async (run) => {
      const { state } = await run.begin();
      expect(state.spending.evaluation).toMatchObject({ estimated: true });
      expect(state.spending.evaluation.inputTokens).toBeGreaterThan(0);
      expect(run.calls.length).toBeLessThanOrEqual(calls);
    });
  });

  it('R26: of another model than was asked is kept with the name of that model', async () => {
    const rules = [{ name: 'other', fault: { type: 'completion', servedModel: 'test-model-0613' } as const }];
    await withServedRun({ dataset, server: { rules } }, async (run) => {
      const { state } = await run.begin();
      const [first] = state.candidates.values();
      const [result] = first?.results.train.values() ?? [];
      const answer = result?.type === 'answered' ? await run.storage.answers.get(result.call) : undefined;
      expect(answer?.servedModel).toBe('test-model-0613');
    });
  });
});
