import { describe, expect, it } from 'vitest';
import { callsOf } from '#core/budget.ts';
import { AppError } from '#core/error.ts';
import type { Dataset } from '#core/example.ts';
import type { JournalWrite } from '#core/journal.ts';
import type { RunSpec } from '#core/run.ts';
import { Traffic } from '#engine/calls/traffic.ts';
import { RunSession } from '#engine/session.ts';
import { createRandom } from '#lib/random.ts';
import { createSessionTools } from '../../src/compose.ts';
import { quiet, type Knobs } from '../simulator/knobs.ts';
import { play } from '../simulator/run-history.ts';
import { makeDataset, makeSpec } from '../support/builders.ts';
import { ServedRun, withServedRun } from '../support/served-run.ts';
import { createTestClock, digest, Machine } from '../support/drive.ts';

const dataset = makeDataset(24);

describe('clocks', () => {
  const [day, year] = [86_400_000, 31_536_000_000];

  it.each([
    ['a day on', day],
    ['an hour back', -3_600_000],
    ['ten years on', 10 * year],
    ['ten years back', -10 * year],
  ])(
    'C01 P21: the wall clock is set %s, in the middle of trouble: nothing comes otherwise than without',
    async (_, byMs) => {
      for (let tick = 5; tick <= 125; tick += 20) {
        const course = await play({
          ...quiet,
          concurrency: 4,
          rounds: 2,
          diskMs: 8,
          faults: { ...quiet.faults, rateLimited: 0.1, hintMs: 7000, overloaded: 0.1, most: 40 },
          // played once more without the jump, and compared event by event
          happenings: [{ tick, type: 'wall-clock', byMs }],
        });
        expect(course.violations, `at ${tick}`).toEqual([]);
      }
    },
  );
});

describe('a server that takes twenty times as long for a while', () => {
  it('R24 gets no storm of retries: a call waits longer each time, and all come to their end', async () => {
    const busy: Knobs = { ...quiet, rows: 14, concurrency: 8, rounds: 2, proposals: 2, latencyMs: 4000 };
    const { sent } = await play(busy);
    for (const tick of [40, 80, 120]) {
      const course = await play({ ...busy, happenings: [{ tick, type: 'spike', durationMs: 240_000 }] });
      expect(course.violations).toEqual([]);
      expect(course.compared).toBe(true);
      expect(course.sent - sent, `sent again, slow from step ${tick}`).toBeGreaterThan(0);
      expect(course.sent - sent, `sent again, slow from step ${tick}`).toBeLessThanOrEqual(2 * busy.concurrency);
    }
  });
});

describe('a disk', () => {
  it('S02 without room for the note of a request: that request is not sent', async () => {
    const machine = new Machine(dataset);
    const spec = makeSpec(dataset, { concurrency: 4 });
    let sentAtRefusal: number | undefined;
    const refuse = (write: JournalWrite): void => {
      if (write.sent.length === 0 || machine.asked.length < 30) return;
      sentAtRefusal ??= machine.asked.length;
      throw new AppError('storage-full', {});
    };
    const session = openOn(machine, spec, { before: refuse });
    await session.begin(spec);
    const driving = session.drive();
    while (!session.isBlocked) await turn();
    for (let n = 0; n < 100; n++) await turn();
    // what was under way at the refusal was noted before; nothing was sent without a note
    expect(machine.asked.length).toBe(sentAtRefusal);
    const noted = machine.written.flatMap(({ sent }) => sent).length;
    expect(machine.asked.length).toBe(noted);
    session.stop();
    await driving;
  });

  it.each(['Pause', 'Stop'] as const)(
    'P11 with room again, but slow: %s, pressed while notes are being written, holds those requests back',
    async (pressed) => {
      const machine = new Machine(dataset);
      const spec = makeSpec(dataset, { concurrency: 4 });
      let disk: 'new' | 'full' | 'slow' | 'swift' = 'new';
      let goOn = (): void => undefined;
      const session = openOn(machine, spec, {
        before: async ({ sent }) => {
          if (disk === 'new' && sent.length > 0 && machine.asked.length >= 30) disk = 'full';
          if (disk === 'full') throw new AppError('storage-full', {});
          if (disk === 'slow' && sent.length > 0) await new Promise<void>((resolve) => (goOn = resolve));
        },
      });
      await session.begin(spec);
      const driving = session.drive();
      while (!session.isBlocked) await turn();
      disk = 'slow';
      const { length: sent } = machine.asked;
      await session.resume();
      for (let n = 0; n < 50; n++) await turn();
      if (pressed === 'Pause') void session.pause();
      else session.stop();
      disk = 'swift';
      goOn();
      for (let n = 0; n < 50; n++) await turn();
      expect(machine.asked.length, 'sent after that').toBe(sent);
      expect(await machine.storage.journal.open(spec.id), 'notes of requests that are not sent').toEqual([]);
      if (pressed === 'Pause') await session.resume();
      await driving;
      expect(callsOf(session.state.spending)).toBe(machine.asked.length);
      expect(session.state.spending.uncertainCalls).toBe(0);
      if (pressed === 'Pause')
        expect(digest(session.state)).toEqual(digest(await new Machine(dataset).run({ ...spec, concurrency: 1 })));
    },
  );

  it('S16 a hundred times slower than the server: what waits for it is bounded, and nothing is lost', async () => {
    const machine = new Machine(dataset);
    const spec = makeSpec(dataset, { concurrency: 16 });
    let most = 0;
    const session = openOn(machine, spec, {
      before: async (write) => {
        const settled = machine.written.reduce((sum, { settled }) => sum + settled.length, 0);
        most = Math.max(most, machine.asked.length - settled, write.entries.length);
        for (let n = 0; n < 100; n++) await turn();
      },
    });
    await session.begin(spec);
    await session.drive();
    expect(session.state.end?.outcome).toBe('finished');
    expect(most).toBeLessThanOrEqual(64 + spec.concurrency);
    const swift = await new Machine(dataset).run({ ...spec, concurrency: 1 });
    expect(session.state.searchEnd).toEqual(swift.searchEnd);
  });
});

describe('the data set of a run', () => {
  it('D13 deleted while it runs: the run keeps its rows; taken up again, it says what is missing', async () => {
    const spec = makeSpec(dataset);
    const machine = new Machine(dataset);
    let there: Dataset | undefined = dataset;
    machine.wrap = (client) => ({
      ...client,
      complete: (request, signal) => {
        there = machine.asked.length > 20 ? undefined : there;
        return client.complete(request, signal);
      },
    });
    const session = openOn(machine, spec, { dataset: () => there });
    await session.begin(spec);
    await session.drive();
    expect(there).toBeUndefined();
    expect(digest(session.state)).toEqual(digest(await new Machine(dataset).run(spec)));

    const next = new Machine(dataset);
    await next.restore(spec, machine.written.slice(0, 30));
    const again = openOn(next, spec, { dataset: () => undefined });
    await again.drive();
    expect(again.state.stall).toMatchObject({
      code: 'run-invalid',
      details: { problems: ['The data set “Messages” is not there any more.'], deed: 'rows' },
    });
    expect(next.asked).toEqual([]);
  });

  it('D14 with its rows in another order: their answers are found by what they say', async () => {
    await withServedRun({ dataset }, async (run) => {
      const first = await run.begin();
      const asked = new Set(run.calls.map(({ call }) => call));
      const turned: Dataset = { ...dataset, id: 'turned' as Dataset['id'], examples: [...dataset.examples].reverse() };
      const back = <T>(ids: readonly T[]): readonly T[] => [...ids].reverse();
      const { train, validation, test } = run.spec.split;
      const spec: RunSpec = {
        ...run.spec,
        id: 'turned' as RunSpec['id'],
        dataset: { id: turned.id, name: turned.name },
        split: { train: back(train), validation: back(validation), test: back(test) },
      };
      const before = run.calls.length;
      const other = new ServedRun(run.server, turned, spec, run.storage);
      const { state } = await other.begin();
      expect([first.state.end?.outcome, state.end?.outcome]).toEqual(['finished', 'finished']);
      // all that the starting prompts were asked about the train rows, at the least
      expect(state.cachedAnswers).toBeGreaterThanOrEqual(spec.prompts.length * train.length);
      // the models are asked what they can do once more, and nothing else
      const again = run.calls.slice(before).filter(({ call }) => asked.has(call));
      expect(again).toHaveLength(state.spending.probeCalls);
    });
  });

  it.each([
    ['one row for each part', 3, (index: number) => index],
    ['one label', 12, () => 0],
  ])('D08 with %s works', async (_, rows, source) => {
    const made = makeDataset(24);
    const examples = made.examples.slice(0, rows).map((example, index) => {
      const { targets } = made.examples[source(index)] ?? example;
      return { ...example, targets };
    });
    const small: Dataset = { ...made, examples };
    const state = await new Machine(small).run(makeSpec(small));
    expect(state.end?.outcome).toBe('finished');
  });

  it('D08 without rows to learn from is refused in a sentence, before anything is sent', async () => {
    const none: Dataset = { ...dataset, examples: [] };
    const machine = new Machine(none);
    const begin = machine.open(makeSpec(none)).begin(makeSpec(none));
    await expect(begin).rejects.toMatchObject({
      code: 'run-invalid',
      details: { problems: expect.arrayContaining([expect.stringContaining('No rows to train on')]) as unknown },
    });
    expect(machine.asked).toEqual([]);
  });
});

describe('a browser that says it is offline, and is not', () => {
  it('N24 P6: the attempt decides: the run goes on and fails no row', async () => {
    const machine = new Machine(dataset);
    const spec = makeSpec(dataset, { concurrency: 4 });
    const said: unknown[] = [];
    machine.wrap = (client) => ({
      ...client,
      complete: (request, signal) => {
        if (machine.asked.length % 25 === 0) {
          machine.traffic.wake('offline');
          said.push(...machine.traffic.weather.map(({ weather }) => weather));
        }
        return client.complete(request, signal);
      },
    });
    const state = await machine.run(spec);
    expect(said).toContainEqual(expect.objectContaining({ type: 'waiting', reason: 'offline' }));
    expect(state.end?.outcome).toBe('finished');
    expect(state.spending.failedCalls).toBe(0);
    expect(digest(state)).toEqual(digest(await new Machine(dataset).run(spec)));
  });
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

type Ways = {
  /** Comes before each write of the journal. */
  readonly before?: (write: JournalWrite) => Promise<void> | void;
  readonly dataset?: () => Dataset | undefined;
};

/** A session on this machine whose disk, or whose data, is not what it was. */
function openOn(machine: Machine, { id }: RunSpec, { before, dataset: given }: Ways): RunSession {
  const clock = createTestClock();
  const { journal, answers } = machine.storage;
  const tools = createSessionTools(
    {
      answers,
      dataset: () => Promise.resolve(given ? given() : machine.dataset),
      journal: {
        ...journal,
        append: async (run, write) => {
          await before?.(write);
          await journal.append(run, write);
          machine.written.push(write);
        },
      },
    },
    () => ({}),
    new Traffic({ clock, random: createRandom(1) }),
    clock,
  );
  return new RunSession(id, {
    ...tools,
    connect: async (...of) => {
      const client = machine.wrap(await tools.connect(...of), of[1]);
      return {
        ...client,
        complete: (request, signal) => {
          machine.asked.push({ role: of[1], body: JSON.stringify(request) });
          return client.complete(request, signal);
        },
      };
    },
  });
}
