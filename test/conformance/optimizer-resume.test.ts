import { describe, expect, it } from 'vitest';
import type { FieldValue } from '#core/fields.ts';
import type { CandidateId } from '#core/id.ts';
import type { Optimizer } from '#core/optimizer.ts';
import type { RunSpec } from '#core/run.ts';
import { optimizers } from '#optimizers/index.ts';
import { makeStartingPrompts } from '#optimizers/starting-prompts.ts';
import { makeDataset, makeSpec, task } from '../support/builders.ts';
import { digest, Machine } from '../support/drive.ts';

/** Every optimizer comes to the same end however often it is interrupted: resume is replay. */

const dataset = makeDataset(36);
const cuts = 12;

function specOf(optimizer: Optimizer, over: Partial<RunSpec> = {}): RunSpec {
  const has = (name: string): boolean => Object.hasOwn(optimizer.fields, name);
  const values: Record<string, FieldValue> = has('rounds') ? { rounds: 3 } : {};
  return makeSpec(dataset, {
    optimizer: { id: optimizer.id, version: optimizer.version, values },
    budget: { calls: 420 },
    ...over,
  });
}

describe.each(Object.entries(optimizers) as [string, Optimizer][])('optimizer %s', (_, optimizer) => {
  it('P2 P3 ends the same wherever it was switched off, and asks for nothing twice', async () => {
    const spec = specOf(optimizer);
    const whole = new Machine(dataset);
    const uninterrupted = digest(await whole.run(spec));
    const journal = whole.written;
    expect(journal.length).toBeGreaterThan(cuts);
    for (let cut = 0; cut < cuts; cut++) {
      const killedAfter = 1 + Math.floor(((journal.length - 1) * cut) / (cuts - 1));
      const left = journal.slice(0, killedAfter);
      const next = new Machine(dataset);
      await next.restore(spec, left);
      const session = next.open(spec);
      await session.drive();
      expect(digest(session.state), `killed after ${killedAfter}`).toEqual(uninterrupted);
      const known = left.flatMap(({ answers }) => answers).length;
      expect(next.asked.length, `asked after ${killedAfter}`).toBe(whole.asked.length - known);
    }
  });

  it('needs no starting prompt of a person: it goes from those made from the task, and is compared with the best of them', async () => {
    const madePrompts = makeStartingPrompts(task, dataset.examples, '');
    const spec = specOf(optimizer, { prompts: madePrompts, madePrompts });
    const whole = new Machine(dataset);
    const state = await whole.run(spec);
    const { best, baseline } = state.searchEnd ?? {};
    expect(state.candidates.get(baseline as CandidateId)?.candidate).toMatchObject({
      prompt: expect.toSatisfy((prompt: string) => madePrompts.includes(prompt)) as string,
      origin: { type: 'start', made: true },
    });
    expect(state.candidates.has(best as CandidateId)).toBe(true);
    const next = new Machine(dataset);
    await next.restore(spec, whole.written.slice(0, Math.floor(whole.written.length / 2)));
    const session = next.open(spec);
    await session.drive();
    expect(digest(session.state)).toEqual(digest(state));
  });

  it('comes to the same result at any number of calls at a time', async () => {
    const ends = await Promise.all(
      [1, 8].map(async (concurrency) => {
        const state = await new Machine(dataset).run(specOf(optimizer, { concurrency, seed: 2 }));
        return { end: state.searchEnd, prompts: [...state.candidates.keys()] };
      }),
    );
    expect(ends[1]).toEqual(ends[0]);
  });
});
