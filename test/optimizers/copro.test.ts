import { describe, expect, it } from 'vitest';
import { copro } from '#optimizers/copro.ts';
import { driveByHand, makeWorld } from './by-hand.ts';

describe('COPRO', () => {
  const trail = driveByHand(makeWorld(copro, { context: { calls: 1200 } }));
  const asked = trail.asks.flatMap((ask) => (ask.kind === 'generate' ? [ask.jobs] : []));
  const content = (round: number): string => asked[round - 1]?.[0]?.messages[0]?.content ?? '';

  it('begins with variants of the best starting prompt, and goes on from the best attempts, the best one last', () => {
    expect(content(1).match(/^Prompt: /gm)).toHaveLength(1);
    expect(content(1)).toContain('The present instruction:');
    const scores = [...content(3).matchAll(/(\d+) % of the answers were right/g)].map((match) => Number(match[1]));
    expect(scores.length).toBeGreaterThan(3);
    expect(scores).toEqual([...scores].sort((a, b) => a - b));
    expect(scores.length).toBeLessThanOrEqual(10);
  });

  it('asks for each instruction by itself, with a seed of its own', () => {
    for (const jobs of asked) expect(new Set(jobs.map(({ seed }) => seed)).size).toBe(jobs.length);
    expect(asked[0]?.length).toBe(6);
  });

  it('asks the same words each time, and tries everything on every row, where the paper is followed', () => {
    const values = { nudge: false, race: false, mistakes: false };
    const plain = driveByHand(makeWorld(copro, { values }));
    const jobs = plain.asks.flatMap((ask) => (ask.kind === 'generate' ? [ask.jobs] : []));
    for (const some of jobs) expect(new Set(some.map(({ messages }) => messages[0]?.content)).size).toBe(1);
    expect(jobs[0]?.[0]?.messages[0]?.content).not.toContain('Wrong answers');
    const sizes = plain.asks.flatMap((ask) =>
      ask.kind === 'evaluate' && ask.split === 'train' ? [ask.examples.length] : [],
    );
    expect(new Set(sizes)).toEqual(new Set([16]));
  });

  it('shows no prompt that left a race as an attempt: its score is of other rows', () => {
    const left = trail.facts.flatMap((fact) => (fact.type === 'race-rung' ? fact.out : []));
    const shown = trail.facts.flatMap((fact) => (fact.type === 'round-started' ? fact.good : []));
    expect(left.length).toBeGreaterThan(0);
    for (const id of left) expect(shown).not.toContain(id);
  });
});
