import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import type { CandidateId, ExampleId } from '#core/id.ts';
import { gepa } from '#optimizers/gepa.ts';
import { paretoLeaders } from '#optimizers/parts/pareto.ts';
import { pickWeighted } from '#optimizers/parts/weighted.ts';
import { answered, driveByHand, makeWorld, startOf, type World } from './by-hand.ts';

const names = (text: string): readonly CandidateId[] => text.split(' ') as unknown as readonly CandidateId[];

describe('GEPA', () => {
  const world = makeWorld(gepa);
  const trail = driveByHand(world);
  const all = world.context.train.length;
  const evaluations = (of: ReturnType<typeof driveByHand>) =>
    of.asks.flatMap((ask) => (ask.kind === 'evaluate' && ask.split === 'train' ? [ask] : []));
  const rewritten = (of: ReturnType<typeof driveByHand>) =>
    of.facts.flatMap((fact) =>
      fact.type === 'candidate-proposed' && fact.candidate.origin.type === 'proposal' ? [fact] : [],
    );

  it('judges a child on the rows that it was written for, then on others, before all rows are paid for', () => {
    const children = rewritten(trail).filter(
      ({ candidate: { origin } }) => 'operator' in origin && origin.operator === 'reflect',
    );
    expect(children.length).toBeGreaterThan(3);
    for (const { candidate, round } of children) {
      const shown = trail.facts.find((fact) => fact.type === 'round-started' && fact.round === round);
      const asked = evaluations(trail).filter(({ candidates }) => candidates.some(({ id }) => id === candidate.id));
      expect(asked[0]?.examples).toEqual(shown?.type === 'round-started' ? shown.examples : []);
      const judged = trail.facts.find((fact) => fact.type === 'proposal-judged' && fact.candidate === candidate.id);
      const accepted = judged?.type === 'proposal-judged' && judged.accepted;
      expect(asked.some(({ examples }) => examples.length === all)).toBe(accepted);
      for (const row of asked[1]?.examples.length === all ? [] : (asked[1]?.examples ?? []))
        expect(asked[0]?.examples).not.toContain(row);
    }
  });

  it('asks for strictly more right answers where the paper’s gate is chosen: a tie does not pass', () => {
    const tie: World['result'] = (_, example) => answered(example.id < '8' ? 'right' : 'wrong', 1);
    const children = (gate: string) =>
      driveByHand(makeWorld(gepa, { values: { gate, rounds: 3 }, result: tie })).facts.flatMap((fact) =>
        fact.type === 'proposal-judged' ? [fact.accepted] : [],
      );
    expect(children('strict')).toEqual([false, false, false]);
    expect(children('rungs')).toContain(true);
  });

  it('shows rows that the parent does not get right, as long as there are any', () => {
    const one = world.context.train[5]?.id;
    const result: World['result'] = (_, example) => answered(example.id === one ? 'wrong' : 'right', 1);
    const { facts } = driveByHand(makeWorld(gepa, { values: { rounds: 4, merges: 0 }, result }));
    const shown = facts.flatMap((fact) => (fact.type === 'round-started' ? [fact.examples] : []));
    expect(shown).toHaveLength(4);
    for (const rows of shown) expect(rows).toContain(one);
  });

  it('merges two prompts that are good at different rows after a child was accepted, and never the same two again', () => {
    const merged = rewritten(driveByHand(makeWorld(gepa, { context: { calls: 1500 } }))).flatMap(
      ({ candidate: { origin } }) =>
        origin.type === 'proposal' && origin.operator === 'merge' ? [[...origin.parents].sort().join()] : [],
    );
    expect(merged.length).toBeGreaterThan(0);
    expect(merged.length).toBeLessThanOrEqual(5);
    expect(new Set(merged).size).toBe(merged.length);
    const never = rewritten(driveByHand(makeWorld(gepa, { values: { merges: 0 } })));
    for (const { candidate } of never) expect(candidate.origin).not.toMatchObject({ operator: 'merge' });
  });

  it('remembers what did not help, and tells the generator', () => {
    const spoiled: World['result'] = (candidate) => answered(candidate.origin.type === 'start' ? 'right' : 'wrong', 1);
    const told = (remember: boolean) =>
      driveByHand(
        makeWorld(gepa, {
          values: { remember, rounds: 4 },
          context: { seeds: [startOf('Only one.')] },
          result: spoiled,
        }),
      ).asks.flatMap((ask) => (ask.kind === 'generate' ? ask.jobs.map(({ messages }) => messages[0]?.content) : []));
    expect(told(true).at(-1)).toContain('Rewritings that did worse:');
    expect(told(false).join()).not.toContain('Rewritings that did worse:');
  });
});

describe('the leaders of the fronts', () => {
  const rows = names('r1 r2 r3') as unknown as readonly ExampleId[];
  const table: Readonly<Record<string, readonly number[]>> = {
    narrow: [1, 0, 0],
    other: [0, 1, 1],
    dominated: [0, 0.9, 0.9],
    double: [0, 1, 0],
  };
  const grade = (candidate: CandidateId, row: ExampleId) => table[candidate]?.[rows.indexOf(row)];
  const leaders = (tolerance: number) => paretoLeaders(names('narrow other dominated double'), rows, grade, tolerance);

  it('are best on some row that nobody else covers; what is dominated is never drawn', () => {
    const found = leaders(0);
    expect(found.map(({ candidate, fronts }) => [candidate, fronts])).toEqual([
      ['narrow', 1],
      ['other', 2],
    ]);
    const random = createRandom('draws');
    for (let i = 0; i < 300; i++)
      expect(['narrow', 'other']).toContain(pickWeighted(found, ({ fronts }) => fronts, random).candidate);
  });

  it('share a row within the tolerance, and one always remains', () => {
    expect(leaders(0.2).map(({ candidate }) => candidate)).toEqual(names('narrow other'));
    expect(leaders(2).map(({ candidate }) => candidate)).toEqual(names('other'));
    expect(paretoLeaders(names('a b'), rows, () => undefined, 0)).toHaveLength(1);
  });

  it('keep an owner for every row, whatever the grades', () => {
    const random = createRandom('fronts');
    for (let round = 0; round < 200; round++) {
      const pool = names('a b c d e f');
      const grades = new Map(pool.map((id) => [id, rows.map(() => random.integer(3) / 2)]));
      const of = (id: CandidateId, row: ExampleId) => grades.get(id)?.[rows.indexOf(row)] ?? 0;
      const kept = paretoLeaders(pool, rows, of, 0).map(({ candidate }) => candidate);
      for (const row of rows) {
        const best = Math.max(...pool.map((id) => of(id, row)));
        expect(kept.some((id) => of(id, row) === best)).toBe(true);
      }
    }
  });
});
