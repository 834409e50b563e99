import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import type { Completion } from '#core/completion.ts';
import type { CallKey } from '#core/id.ts';
import type { RunSpec } from '#core/run.ts';
import { makeDataset, makeSpec } from '../support/builders.ts';
import { expectPromisesKept } from '../support/checker/check.ts';
import { digest } from '../support/drive.ts';
import { namesAt } from '../support/checker/naming.ts';
import { simulatedMind } from '../support/fault-server/mind.ts';
import { isCompletionRow } from '../support/fault-server/ledger.ts';
import { startFaultServer, type FaultServer } from '../support/fault-server/server.ts';
import type { FaultServerOptions, LedgerRow, WireBody } from '../support/fault-server/types.ts';
import { Lives } from '../support/power-cut.ts';
import { startProcesses, type Processes, type RunFolder } from '../support/real-kills.ts';

const dataset = makeDataset(24);

/** The answers that stand on disk at the end, of all calls that anybody has heard of. */
async function storedAnswers({ storage, ledger }: Lives): Promise<ReadonlyMap<CallKey, Completion>> {
  const found = new Map<CallKey, Completion>();
  for (const { call } of ledger) {
    const completion = await storage.answers.get(call as CallKey);
    if (completion) found.set(call as CallKey, completion);
  }
  return found;
}

const billedIn = ({ ledger }: Lives): number => ledger.filter(({ billed }) => billed).length;

describe('a run that is killed at random points, again and again', () => {
  const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
  const killsEach = 30;

  it.each(seeds)(
    'B17 P1 P2 P3 comes to the same end; nothing is lost, and nothing paid for twice but what was under way (seed %i)',
    async (seed) => {
      const spec = makeSpec(dataset, { seed, concurrency: 1 + (seed % 6) });
      const whole = new Lives(dataset);
      const undisturbed = await whole.live(spec);
      if (!undisturbed.state) throw new Error('the undisturbed run has no end');
      const reference = digest(undisturbed.state);

      const lives = new Lives(dataset);
      const random = createRandom(`kills/${seed}`);
      let kills = 0;
      // short lives first, so that all of them fit into one run
      const longest = Math.floor((2 * undisturbed.points) / killsEach);
      let end = await lives.live(spec, 1 + random.integer(longest));
      while (!end.state) {
        kills += 1;
        end = await lives.live(spec, kills < killsEach ? 4 + random.integer(longest) : Infinity);
      }
      expect(kills).toBeGreaterThanOrEqual(killsEach / 2);
      await expectPromisesKept({
        entries: await lives.storage.journal.read(spec.id),
        ledger: lives.ledger,
        nameOf: ({ call }) => call as CallKey | undefined,
        answers: await storedAnswers(lives),
        sent: lives.sent,
        acknowledged: lives.acknowledged,
        digests: { actual: digest(end.state), reference },
        hiddenResends: 'impossible',
      });
      expect(await lives.storage.journal.open(spec.id)).toEqual([]);
      const { uncertainCalls } = end.state.spending;
      const extra = billedIn(lives) - billedIn(whole);
      expect(extra, 'paid for again').toBeLessThanOrEqual(uncertainCalls);
      expect(uncertainCalls, 'under way at the kills').toBeLessThanOrEqual(kills * spec.concurrency);
    },
  );
});

describe('a run that is killed while it finds out what its model accepts', () => {
  it('B17 P1 P2 P3 at each single point: the same end; what was answered is asked no more, what was under way is counted', async () => {
    const spec = makeSpec(dataset, { values: { rounds: 1, proposals: 1 } });
    const whole = new Lives(dataset);
    const undisturbed = await whole.live(spec);
    if (!undisturbed.state) throw new Error('the undisturbed run has no end');
    const reference = digest(undisturbed.state);
    // three questions of at most seven points each, and the start of the run
    for (let points = 1; points <= 24; points++) {
      const lives = new Lives(dataset);
      expect((await lives.live(spec, points)).state).toBeUndefined();
      const isBegun = (await lives.storage.journal.read(spec.id)).length > 0;
      const lost = await lives.storage.journal.open(spec.id);
      const { state } = await lives.live(spec);
      if (!state) throw new Error(`killed after ${points} points, the run has no end`);
      expect(state.spending.uncertainCalls, `under way after ${points}`).toBe(lost.length);
      expect(lost.length).toBeLessThanOrEqual(isBegun ? 1 : 0);
      await expectPromisesKept({
        entries: await lives.storage.journal.read(spec.id),
        ledger: lives.ledger,
        nameOf: ({ call }) => call as CallKey | undefined,
        answers: await storedAnswers(lives),
        sent: lives.sent,
        acknowledged: lives.acknowledged,
        digests: { actual: digest(state), reference },
        hiddenResends: 'impossible',
      });
      const extra = billedIn(lives) - billedIn(whole);
      expect(extra, `paid for again after ${points}`).toBeLessThanOrEqual(lost.length);
    }
  });
});

describe('a process that is killed by SIGKILL, again and again', () => {
  let processes: Processes;
  beforeAll(async () => {
    processes = await startProcesses();
  });
  afterAll(() => processes.close());

  const small = makeDataset(12);
  const answerKey = { task: makeSpec(small).task, examples: small.examples };
  const mind = simulatedMind(answerKey);
  const specAt = (baseUrl: string, seed: number, concurrency: number): RunSpec => {
    const model = { provider: 'openai-compatible', values: { baseUrl, model: 'test-model' } };
    return makeSpec(small, {
      seed,
      concurrency,
      models: { evaluation: model, generator: model },
      values: { rounds: 2, proposals: 1 },
      simulated: false,
    });
  };
  const serve = (options: FaultServerOptions = {}): Promise<FaultServer> =>
    startFaultServer({ answerKey, schedule: 'by-key', latency: { type: 'uniform', minMs: 2, maxMs: 25 }, ...options });
  /** After so many more requests and a moment that is too short to be told from the next. */
  async function afterCalls(server: FaultServer, calls: number, delayMs: number): Promise<void> {
    const until = server.ledger.length + calls;
    while (server.ledger.length < until) await delay(2);
    await delay(delayMs);
  }
  /** What the run comes to at this very address, which is part of the name of each call. */
  async function undisturbed(server: FaultServer, spec: RunSpec): Promise<unknown> {
    server.set({ rules: [] });
    const life = await (await processes.folderFor(spec, small)).live();
    if (life.killed) throw new Error('nobody should have killed it');
    server.reset();
    return life.digest;
  }
  async function evidenceOf(folder: RunFolder, server: FaultServer, run: RunSpec['id']) {
    await server.settled();
    return {
      ...(await folder.read()),
      ledger: server.ledger,
      nameOf: await namesAt(server.baseUrl, ['test-model'], run),
      expectedText: async ({ body }: LedgerRow) => (await mind(body as WireBody, 0)).text,
      hiddenResends: 'impossible',
      keyStart: 'sk-kille',
    } as const;
  }

  const storms: readonly (readonly [name: string, kills: number, concurrency: number, options: FaultServerOptions])[] =
    [
      ['B05 P1 P2 P3 on a calm day', 60, 3, {}],
      [
        'B05 P1 P2 P3 P6 N04 N06 N07 R19 in a storm',
        40,
        4,
        {
          rules: [
            { name: 'reset', p: 0.05, fault: { type: 'rst-before' } },
            { name: 'lost', p: 0.05, fault: { type: 'rst-after-generation' } },
            { name: 'cut', p: 0.03, fault: { type: 'truncate', rst: true } },
            { name: 'busy', p: 0.04, fault: { type: 'status', status: 503 } },
          ],
        },
      ],
    ];

  it.each(storms)(
    '%s: the same end, nothing lost, nothing paid for twice but what was under way',
    async (name, kills, concurrency, options) => {
      const server = await serve(options);
      try {
        const random = createRandom(name);
        const spec = specAt(server.baseUrl, 5, concurrency);
        const reference = await undisturbed(server, spec);
        const folder = await processes.folderFor(spec, small);
        const acknowledged = new Set<CallKey>();
        let killed = 0;
        for (;;) {
          const when = killed < kills ? afterCalls(server, random.integer(4), random.integer(20)) : undefined;
          const life = await folder.live(when);
          if (!life.killed && life.status === 'ended') {
            const evidence = await evidenceOf(folder, server, spec.id);
            await expectPromisesKept({ ...evidence, acknowledged, digests: { actual: life.digest, reference } });
            break;
          }
          if (life.killed) killed += 1;
          for (const call of (await folder.read()).answers.keys()) acknowledged.add(call);
        }
        expect(killed).toBeGreaterThanOrEqual(kills / 2);
        expect(server.ledger.filter(isCompletionRow).length).toBeGreaterThan(50);
      } finally {
        await server.close();
      }
    },
    240_000,
  );
});
