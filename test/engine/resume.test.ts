import { describe, expect, it } from 'vitest';
import { makeDataset, makeSpec } from '../support/builders.ts';
import { digest, Machine, stateOf } from '../support/drive.ts';

const dataset = makeDataset(24);

describe('a run that is switched off after any entry of its journal', () => {
  it('P2 P3 ends the same when it is opened again, and asks for nothing twice', async () => {
    const spec = makeSpec(dataset);
    const whole = new Machine(dataset);
    const uninterrupted = digest(await whole.run(spec));
    const journal = whole.written;
    expect(journal.length).toBeGreaterThan(80);
    for (let killedAfter = 1; killedAfter <= journal.length; killedAfter++) {
      const next = new Machine(dataset);
      const left = journal.slice(0, killedAfter);
      await next.restore(spec, left);
      const session = next.open(spec);
      await session.drive();
      expect(digest(session.state), `killed after ${killedAfter}`).toEqual(uninterrupted);
      const known = left.flatMap(({ answers }) => answers).length;
      const sent = left.flatMap((write) => write.sent).length;
      const settled = new Set(left.flatMap((write) => write.settled)).size;
      // what was under way may be asked again, and nothing else
      expect(next.asked.length, `asked after ${killedAfter}`).toBe(whole.asked.length - known);
      expect(sent - settled, `under way after ${killedAfter}`).toBeLessThanOrEqual(spec.concurrency);
      expect(session.state.spending.uncertainCalls).toBe(sent - settled);
    }
  }, 120_000);

  it('is found paused and goes on to the same end', async () => {
    const spec = makeSpec(dataset, { seed: 2 });
    const uninterrupted = digest(await new Machine(dataset).run(spec));
    const machine = new Machine(dataset);
    const session = machine.open(spec);
    await session.begin(spec);
    const driving = session.drive();
    await session.pause();
    expect(session.state.status).toBe('paused');
    await session.resume();
    await driving;
    expect(digest(session.state)).toEqual(uninterrupted);
  });
});

describe('a journal', () => {
  it('P20 replayed is the state that was live', async () => {
    const machine = new Machine(dataset);
    const live = await machine.run(makeSpec(dataset, { seed: 3, concurrency: 8 }));
    expect(stateOf(machine.written.flatMap(({ entries }) => entries))).toEqual(live);
  });

  it('comes to the same result at any number of calls at a time', async () => {
    const results = await Promise.all(
      [1, 2, 16].map(async (concurrency) => {
        const state = await new Machine(dataset).run(makeSpec(dataset, { seed: 4, concurrency }));
        return { best: state.searchEnd, prompts: [...state.candidates.keys()] };
      }),
    );
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });
});
