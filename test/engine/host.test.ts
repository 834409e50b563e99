import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import type { ModelClient } from '#core/completion.ts';
import { AppError, type ErrorRecord } from '#core/error.ts';
import type { JournalEntry, RunSpec } from '#core/run.ts';
import { Traffic } from '#engine/calls/traffic.ts';
import { failure, RunHost, type Locks } from '#engine/host.ts';
import { foldEntries } from '#engine/run-state.ts';
import { memoryStorage, type Storage } from '#storage/index.ts';
import { createSessionTools } from '../../src/compose.ts';
import { makeDataset, makeSpec } from '../support/builders.ts';
import { createTestClock, digest, Machine } from '../support/drive.ts';

const dataset = makeDataset(24);

/** Locks of one browser, as its tabs see them. */
function browserLocks(): Locks & { /** Names that were held alone, ever. */ readonly alone: Set<string> } {
  type Held = { readonly name: string; readonly shared: boolean; lost(): void };
  let held: readonly Held[] = [];
  const alone = new Set<string>();
  return {
    alone,
    hold(name, how) {
      const { mode } = how;
      const before = held.filter((one) => one.name === name);
      const fits = mode === 'steal' || (mode === 'shared' ? before.every(({ shared }) => shared) : before.length === 0);
      if (!fits) return Promise.resolve(undefined);
      const mine: Held = { name, shared: mode === 'shared', lost: () => how.lost() };
      if (mode !== 'shared') alone.add(name);
      if (mode === 'steal') {
        held = held.filter((one) => one.name !== name);
        for (const one of before) one.lost();
      }
      held = [...held, mine];
      return Promise.resolve(() => {
        held = held.filter((one) => one !== mine);
      });
    },
  };
}

class Tab {
  readonly asked: string[] = [];
  readonly seen: JournalEntry[] = [];
  readonly failed: unknown[] = [];
  readonly blocked: ErrorRecord[] = [];
  readonly host: RunHost;
  /** Called with the number of each request before it is answered. */
  before: (n: number) => Promise<void> | void = () => undefined;

  constructor(storage: Storage, locks: Locks) {
    const clock = createTestClock();
    const tools = createSessionTools(
      { ...storage, dataset: () => Promise.resolve(dataset) },
      () => ({}),
      new Traffic({ clock, random: createRandom(1) }),
      clock,
    );
    const connect: typeof tools.connect = async (...given) => {
      const client = await tools.connect(...given);
      return {
        ...client,
        complete: async (request, signal): ReturnType<ModelClient['complete']> => {
          this.asked.push(JSON.stringify(request));
          await this.before(this.asked.length);
          return client.complete(request, signal);
        },
      };
    };
    this.host = new RunHost({ ...tools, connect }, locks, {
      seen: (_, entries) => this.seen.push(...entries),
      blocked: (_, error) => error && this.blocked.push(error),
      failed: (error) => this.failed.push(error),
    });
  }

  /** Lets so many requests be answered, and the others only when what comes back is called. */
  freezeAfter(requests: number): () => void {
    let thaw = (): void => undefined;
    const frozen = new Promise<void>((resolve) => (thaw = resolve));
    this.before = (n) => (n > requests ? frozen : undefined);
    return () => thaw();
  }

  async idle(): Promise<void> {
    while (this.host.driving.length > 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

const stateIn = async (storage: Storage, { id }: RunSpec) => foldEntries(await storage.journal.read(id));
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
};

describe('tabs of one browser', () => {
  it('T01 P4 start at the same moment: one drives, the other is told so, and nothing is asked twice', async () => {
    const [storage, locks] = [memoryStorage(), browserLocks()];
    const [one, two] = [new Tab(storage, locks), new Tab(storage, locks)];
    const outcomes = await Promise.all([
      one.host.start(makeSpec(dataset, { seed: 1 })),
      two.host.start(makeSpec(dataset, { seed: 2 })),
    ]);
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false]);
    expect(outcomes[1]).toMatchObject({ error: { code: 'driven-elsewhere' } });
    await one.idle();
    expect(two.asked).toEqual([]);
    expect((await two.host.start(makeSpec(dataset, { seed: 2 }))).ok).toBe(true);
    await two.idle();
  });

  it('T05 P4 taken over from: a zombie sends nothing more, and what it brings home is kept once', async () => {
    const [storage, locks] = [memoryStorage(), browserLocks()];
    const [old, fresh] = [new Tab(storage, locks), new Tab(storage, locks)];
    const spec = makeSpec(dataset, { concurrency: 4 });
    const thaw = old.freezeAfter(20);
    await old.host.start(spec);
    await until(() => old.asked.length === 24);
    const sent = old.asked.length;
    expect((await fresh.host.takeOver(spec.id)).ok).toBe(true);
    thaw();
    await Promise.all([fresh.idle(), old.idle()]);
    expect(old.asked.length).toBe(sent);
    expect(old.failed).toEqual([]);
    const state = await stateIn(storage, spec);
    expect(state.end?.outcome).toBe('finished');
    expect(digest(state)).toEqual(digest(await new Machine(dataset).run({ ...spec })));
    // what was under way at the take-over may be asked again, and nothing else
    const twice = fresh.asked.filter((body) => old.asked.includes(body));
    expect(twice.length).toBeLessThanOrEqual(4);
    expect(fresh.asked.length).toBeGreaterThan(50);
    expect(state.spending.uncertainCalls).toBeGreaterThanOrEqual(twice.length);
  });

  it('T05 a run that was paused elsewhere stays paused when it is taken over, and the tab that took it may begin others', async () => {
    const [storage, locks] = [memoryStorage(), browserLocks()];
    const [old, fresh] = [new Tab(storage, locks), new Tab(storage, locks)];
    const spec = makeSpec(dataset, { concurrency: 4 });
    const thaw = old.freezeAfter(10);
    await old.host.start(spec);
    await until(() => old.asked.length > 10);
    await old.host.pause(spec.id);
    thaw();
    expect((await fresh.host.takeOver(spec.id)).ok).toBe(true);
    await Promise.all([fresh.idle(), old.idle()]);
    expect(fresh.asked).toEqual([]);
    expect((await stateIn(storage, spec)).status).toBe('paused');
    expect((await fresh.host.start(makeSpec(dataset, { seed: 2 }))).ok).toBe(true);
    expect((await fresh.host.resume(spec.id)).ok).toBe(true);
    await fresh.idle();
    expect((await stateIn(storage, spec)).end?.outcome).toBe('finished');
  });

  it('where only the right to drive is taken, the run of the other tab stops and waits, and others may begin', async () => {
    const [storage, locks] = [memoryStorage(), browserLocks()];
    const [old, fresh] = [new Tab(storage, locks), new Tab(storage, locks)];
    const spec = makeSpec(dataset, { seed: 1, concurrency: 4 });
    const thaw = old.freezeAfter(10);
    await old.host.start(spec);
    await until(() => old.asked.length > 10);
    expect((await fresh.host.takeRight()).ok).toBe(true);
    thaw();
    await old.idle();
    const sent = old.asked.length;
    expect(fresh.asked).toEqual([]);
    expect((await stateIn(storage, spec)).status).toBe('running');
    expect((await fresh.host.start(makeSpec(dataset, { seed: 2 }))).ok).toBe(true);
    await fresh.idle();
    expect(old.asked.length).toBe(sent);
    expect((await old.host.resume(spec.id)).ok).toBe(true);
    await old.idle();
    expect((await stateIn(storage, spec)).end?.outcome).toBe('finished');
  });

  it('what is only written down looks like no driver to any tab, and needs no right to drive', async () => {
    const [storage, locks] = [memoryStorage(), browserLocks()];
    const [first, second] = [new Tab(storage, locks), new Tab(storage, locks)];
    const [ended, going] = [makeSpec(dataset, { seed: 1 }), makeSpec(dataset, { seed: 2 })];
    expect((await second.host.start(ended)).ok).toBe(true);
    await second.idle();
    const thaw = first.freezeAfter(10);
    expect((await first.host.start(going)).ok).toBe(true);
    await until(() => first.asked.length > 10);
    locks.alone.clear();
    expect(await second.host.rename(ended.id, 'Its new name')).toEqual({ ok: true, value: undefined });
    expect([...locks.alone]).toEqual([]);
    expect((await stateIn(storage, ended)).spec?.name).toBe('Its new name');
    // but not a run that is driven there
    expect(await second.host.rename(going.id, 'Mine')).toMatchObject({ error: { code: 'driven-elsewhere' } });
    expect(await first.host.rename(going.id, 'Ours')).toEqual({ ok: true, value: undefined });
    thaw();
    await first.idle();
    expect(await stateIn(storage, going)).toMatchObject({ status: 'ended', spec: { name: 'Ours' } });
  });

  it('two runs of one tab that ask the same question at the same time pay once', async () => {
    const [storage, locks] = [memoryStorage(), browserLocks()];
    const tab = new Tab(storage, locks);
    const spec = makeSpec(dataset, { concurrency: 8 });
    await tab.host.start(spec);
    await tab.host.start({ ...spec, id: 'twin' as RunSpec['id'] });
    await tab.idle();
    expect(new Set(tab.asked).size).toBe(tab.asked.length);
    const [a, b] = [await stateIn(storage, spec), await stateIn(storage, { ...spec, id: 'twin' as RunSpec['id'] })];
    expect(b.searchEnd).toEqual(a.searchEnd);
  });

  it('the right to drive is given back when the last run has ended or stalled', async () => {
    const [storage, locks] = [memoryStorage(), browserLocks()];
    const [one, two] = [new Tab(storage, locks), new Tab(storage, locks)];
    await one.host.start(makeSpec(dataset, { seed: 1 }));
    await one.idle();
    expect((await two.host.start(makeSpec(dataset, { seed: 3 }))).ok).toBe(true);
    await two.idle();
    expect(two.asked.length).toBeGreaterThan(50);
  });

  it('a paused run keeps no answer from another one, which can be stopped at any time', async () => {
    const [storage, locks] = [memoryStorage(), browserLocks()];
    const tab = new Tab(storage, locks);
    const spec = makeSpec(dataset, { concurrency: 4 });
    const twin = { ...spec, id: 'twin' as RunSpec['id'] };
    tab.before = (n) => (n === 12 ? tab.host.pause(spec.id) : undefined);
    await tab.host.start(spec);
    await until(() => tab.asked.length >= 12);
    await tab.host.start(twin);
    await until(() => !tab.host.driving.includes(twin.id));
    expect((await stateIn(storage, twin)).end?.outcome).toBe('finished');
    expect((await stateIn(storage, spec)).status).toBe('paused');
    await tab.host.stop(spec.id);
    await tab.idle();
  });

  it('taken up twice at once is driven once, and can be paused', async () => {
    const [storage, locks] = [memoryStorage(), browserLocks()];
    const spec = makeSpec(dataset);
    const old = new Tab(storage, locks);
    const frozen = new Promise<void>(() => undefined);
    old.before = (n) => (n > 10 ? frozen : undefined);
    await old.host.start(spec);
    await until(() => old.asked.length === 11);
    const fresh = new Tab(storage, browserLocks());
    await Promise.all([fresh.host.resume(spec.id), fresh.host.resume(spec.id)]);
    expect(fresh.host.driving).toEqual([spec.id]);
    await fresh.idle();
    expect(new Set(fresh.asked).size).toBe(fresh.asked.length);
  });

  it('what cannot start leaves the right to drive where it was', async () => {
    const [storage, locks] = [memoryStorage(), browserLocks()];
    const [one, two] = [new Tab(storage, locks), new Tab(storage, locks)];
    const bad = await one.host.start(makeSpec(dataset, { prompts: [' '] }));
    expect(bad).toMatchObject({ ok: false, error: { code: 'run-invalid' } });
    expect((await two.host.start(makeSpec(dataset))).ok).toBe(true);
    await two.idle();
  });

  it('tells a mistake of ours as one, not as a setting to be changed', () => {
    expect(failure(new TypeError('x is not a function'))).toEqual({
      ok: false,
      error: { code: 'app-broke', details: { said: 'x is not a function' } },
    });
    expect(failure(new AppError('run-missing', { run: 'r' }))).toMatchObject({ error: { code: 'run-missing' } });
  });
});

/** A storage whose journal is read only when what comes with it is called. */
function slowToRead(storage: Storage): { readonly storage: Storage; readonly read: () => void } {
  let read = (): void => undefined;
  const held = new Promise<void>((resolve) => (read = resolve));
  const journal: Storage['journal'] = {
    ...storage.journal,
    read: async (run, from) => {
      await held;
      return storage.journal.read(run, from);
    },
  };
  return { storage: { ...storage, journal }, read: () => read() };
}

/** A run whose tab stands still in the middle of it. */
async function frozenRun() {
  const storage = memoryStorage();
  const spec = makeSpec(dataset, { concurrency: 4 });
  const old = new Tab(storage, browserLocks());
  old.freezeAfter(10);
  await old.host.start(spec);
  await until(() => old.asked.length === 14);
  return { storage, spec, old };
}

describe('while a run is taken up', () => {
  /** A run whose tab has died, and another tab that has yet to read its journal. */
  async function orphan() {
    const { storage, spec } = await frozenRun();
    const [slow, locks] = [slowToRead(storage), browserLocks()];
    return { storage, spec, read: slow.read, locks, fresh: new Tab(slow.storage, locks) };
  }

  it('it can be stopped: nothing is sent any more', async () => {
    const { storage, spec, fresh, read } = await orphan();
    const pressed = [fresh.host.resume(spec.id), fresh.host.stop(spec.id)];
    expect(fresh.host.driving).toEqual([spec.id]);
    read();
    expect((await Promise.all(pressed)).map(({ ok }) => ok)).toEqual([true, true]);
    await fresh.idle();
    expect(fresh.asked).toEqual([]);
    expect((await stateIn(storage, spec)).end?.outcome).toBe('stopped');
  });

  it('it can be paused, and goes on when it is resumed', async () => {
    const { storage, spec, fresh, read } = await orphan();
    const resumed = fresh.host.resume(spec.id);
    await fresh.host.pause(spec.id);
    read();
    expect((await resumed).ok).toBe(true);
    await until(() => fresh.seen.some(({ event }) => event.type === 'run-paused'));
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(fresh.asked).toEqual([]);
    expect((await stateIn(storage, spec)).status).toBe('paused');
    expect((await fresh.host.resume(spec.id)).ok).toBe(true);
    await fresh.idle();
    expect((await stateIn(storage, spec)).end?.outcome).toBe('finished');
  });

  it('whatever else is asked of it waits, is done, and hears of its own outcome', async () => {
    const { storage, spec, fresh, read } = await orphan();
    const pressed = [
      fresh.host.resume(spec.id),
      fresh.host.rename(spec.id, 'Its new name'),
      fresh.host.changeBudget(spec.id, { calls: 1 }),
      fresh.host.retryFailed(spec.id),
      fresh.host.acceptAnswers(spec.id),
    ];
    read();
    expect(await Promise.all(pressed)).toMatchObject([
      { ok: true },
      { ok: true },
      { error: { code: 'run-invalid' } }, // more is spent already
      { ok: true },
      { ok: true },
    ]);
    await fresh.idle();
    const state = await stateIn(storage, spec);
    expect(state).toMatchObject({ spec: { name: 'Its new name' }, answersAccepted: true, status: 'ended' });
    expect(fresh.seen.filter(({ event }) => event.type === 'failed-reopened')).toHaveLength(1);
    expect(new Set(fresh.asked).size).toBe(fresh.asked.length);
  });

  it('P4 another tab takes it over: the one that was about to drive it does not', async () => {
    const { storage, spec, fresh, read, locks } = await orphan();
    const other = new Tab(storage, locks);
    const resumed = fresh.host.resume(spec.id);
    expect((await other.host.takeOver(spec.id)).ok).toBe(true);
    read();
    expect(await resumed).toMatchObject({ error: { code: 'driven-elsewhere' } });
    expect(fresh.host.driving).toEqual([]);
    await other.idle();
    expect(fresh.asked).toEqual([]);
    expect((await stateIn(storage, spec)).end?.outcome).toBe('finished');
  });
});

describe('what a driver that is replaced still brings home', () => {
  /** So many times it writes something between the look of the other one into the journal and its first word there. */
  async function latecomer(times: number) {
    const { storage, spec, old } = await frozenRun();
    let late = 0;
    const append: Storage['journal']['append'] = async (run, write) => {
      if (late++ < times) await old.host.rename(run, `Late ${late}`);
      return storage.journal.append(run, write);
    };
    return { storage, spec, fresh: new Tab({ ...storage, journal: { ...storage.journal, append } }, browserLocks()) };
  }

  it('keeps the new one from nothing', async () => {
    const { storage, spec, fresh } = await latecomer(3);
    expect((await fresh.host.resume(spec.id)).ok).toBe(true);
    await fresh.idle();
    expect(fresh.blocked).toEqual([]);
    expect((await stateIn(storage, spec)).end?.outcome).toBe('finished');
  });

  it('is said to be in the way where it never ends', async () => {
    const { storage, spec, fresh } = await latecomer(Infinity);
    expect((await fresh.host.resume(spec.id)).ok).toBe(true);
    await fresh.idle();
    expect(fresh.blocked).toMatchObject([{ code: 'run-busy' }]);
    expect(fresh.asked).toEqual([]);
    expect((await stateIn(storage, spec)).status).toBe('running');
  });
});

describe('a full disk', () => {
  it('P11 S01 sends nothing more, loses no answer, and goes on when there is room', async () => {
    const real = memoryStorage();
    let full = false;
    let refused = 0;
    const storage: Storage = {
      ...real,
      journal: {
        ...real.journal,
        append: (run, write) => {
          if (!full) return real.journal.append(run, write);
          refused += 1;
          return Promise.reject(new AppError('storage-full', {}));
        },
      },
    };
    const machine = new Machine(dataset);
    const tab = new Tab(storage, browserLocks());
    const spec = makeSpec(dataset, { concurrency: 4 });
    tab.before = (n) => {
      full ||= n === 40;
    };
    await tab.host.start(spec);
    await until(() => refused > 0);
    const sent = tab.asked.length;
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(tab.asked.length).toBe(sent);
    expect(sent).toBeLessThanOrEqual(40 + spec.concurrency);
    tab.before = () => undefined;
    full = false;
    await tab.host.resume(spec.id);
    await tab.idle();
    expect(new Set(tab.asked).size).toBe(tab.asked.length);
    expect(digest(await stateIn(real, spec))).toEqual(digest(await machine.run(spec)));
  });
});
