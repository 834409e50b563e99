import { setMaxListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { RunSpec } from '#core/run.ts';
import { makeDataset, makeSpec } from '../support/builders.ts';
import { digest, Machine } from '../support/drive.ts';

setMaxListeners(0); // all requests of a run listen to its one signal

const concurrency = 16;
const dataset = makeDataset(72);
const specOf = (seed: number): RunSpec =>
  makeSpec(dataset, { seed, concurrency, values: { rounds: 1, proposals: 1 }, budget: { calls: 5000 } });
const turns = async (count: number): Promise<void> => {
  for (let n = 0; n < count; n++) await new Promise((resolve) => setImmediate(resolve));
};
const noted = ({ written }: Machine): number => written.reduce((sum, { sent }) => sum + sent.length, 0);
const struckOut = ({ written }: Machine): number =>
  written.reduce((sum, { settled, entries }) => sum + (entries.length === 0 ? settled.length : 0), 0);

/** Answers take a few turns of the event loop, so that requests queue up; `sending` sees each one before it is sent. */
function slowMachine(sending: (machine: Machine, underWay: number) => void): Machine {
  const machine = new Machine(dataset);
  let underWay = 0;
  machine.wrap = (client) => ({
    ...client,
    complete: async (request, signal) => {
      sending(machine, ++underWay);
      await turns(3 + (machine.asked.length % 5));
      try {
        return await client.complete(request, signal);
      } finally {
        underWay -= 1;
      }
    },
  });
  return machine;
}

describe('requests that are made ready while others are under way', () => {
  it('P2 are on disk before they are sent, a bounded number of them, and never more are under way than allowed', async () => {
    const most = { underWay: 0, ready: 0 };
    const unwritten: number[] = [];
    const machine = slowMachine((of, underWay) => {
      most.underWay = Math.max(most.underWay, underWay);
      most.ready = Math.max(most.ready, noted(of) - of.asked.length);
      if (noted(of) < of.asked.length) unwritten.push(of.asked.length);
    });
    const { spending, end } = await machine.run(specOf(1));
    expect(end?.outcome).toBe('finished');
    expect(unwritten).toEqual([]);
    expect(most.underWay).toBe(concurrency);
    expect(most.ready).toBeGreaterThan(1);
    expect(most.ready).toBeLessThanOrEqual(16 + concurrency);
    expect(spending.evaluationCalls + spending.generatorCalls).toBe(machine.asked.length);
    expect(noted(machine) - struckOut(machine)).toBe(machine.asked.length);
  });

  it('P5 are struck out when Pause is pressed: nothing is sent, nothing stays open, and the run goes on to the same end', async () => {
    const spec = specOf(2);
    const uninterrupted = digest(await slowMachine(() => undefined).run(spec));
    let pausing: Promise<void> | undefined;
    const machine = slowMachine((of) => {
      if (of.asked.length === 60) pausing ??= of.session?.pause();
    });
    const session = machine.open(spec);
    await session.begin(spec);
    const driving = session.drive();
    while (!pausing) await turns(1);
    await pausing;
    const asked = machine.asked.length;
    await turns(100);
    expect(machine.asked.length).toBeLessThanOrEqual(asked + 1);
    expect(await machine.storage.journal.open(spec.id)).toEqual([]);
    expect(struckOut(machine)).toBeGreaterThan(0);
    await session.resume();
    await driving;
    expect(digest(session.state)).toEqual(uninterrupted);
    const { evaluationCalls, generatorCalls, uncertainCalls } = session.state.spending;
    expect(evaluationCalls + generatorCalls).toBe(machine.asked.length);
    expect(uncertainCalls).toBe(0);
  });

  it('are struck out when the page leaves', async () => {
    const spec = specOf(3);
    const machine = slowMachine((of) => {
      if (of.asked.length === 60) of.session?.leave();
    });
    const session = machine.open(spec);
    await session.begin(spec);
    await session.drive();
    expect(struckOut(machine)).toBeGreaterThan(0);
    expect(await machine.storage.journal.open(spec.id)).toEqual([]);
  });

  it('P1 P2 count as perhaps charged after a kill, with what was under way, and nothing else is asked again', async () => {
    const spec = specOf(4);
    const whole = slowMachine(() => undefined);
    const uninterrupted = digest(await whole.run(spec));
    for (let killedAfter = 5; killedAfter < whole.written.length; killedAfter += 9) {
      const left = whole.written.slice(0, killedAfter);
      const next = slowMachine(() => undefined);
      await next.restore(spec, left);
      const session = next.open(spec);
      await session.drive();
      expect(digest(session.state), `killed after ${killedAfter}`).toEqual(uninterrupted);
      const open = left.reduce((sum, { sent, settled }) => sum + sent.length - settled.length, 0);
      expect(open, `open after ${killedAfter}`).toBeLessThanOrEqual(2 * concurrency + 64);
      expect(session.state.spending.uncertainCalls).toBe(open);
      expect(next.asked.length).toBe(whole.asked.length - left.flatMap(({ answers }) => answers).length);
    }
  });
});
