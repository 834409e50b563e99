import { describe, expect, it } from 'vitest';
import { instructionOf } from '#core/prompt.ts';
import { promptwizard } from '#optimizers/promptwizard.ts';
import { driveByHand, makeWorld, resultOf } from './by-hand.ts';

describe('PromptWizard', () => {
  const world = makeWorld(promptwizard, { context: { calls: 1200 } });
  const trail = driveByHand(world);
  const proposed = trail.facts.flatMap((fact) => (fact.type === 'candidate-proposed' ? [fact] : []));
  const by = (name: string) =>
    proposed.filter(({ candidate: { origin } }) => origin.type === 'proposal' && origin.operator === name);

  it('writes variants by different ways of thinking in one round, and polishes the best in the next', () => {
    expect(new Set(by('style').map(({ round }) => round % 2))).toEqual(new Set([1]));
    for (const name of ['refine', 'expert', 'hard examples'])
      expect(new Set(by(name).map(({ round }) => round % 2))).toEqual(new Set([0]));
    const first = by('style').filter(({ round }) => round === 1);
    const whys = first.map(({ candidate: { origin } }) => (origin.type === 'proposal' ? origin.why : ''));
    expect(new Set(whys).size).toBe(first.length);
  });

  it('puts the expert in front of the whole instruction', () => {
    const all = [...world.context.seeds, ...proposed.map(({ candidate }) => candidate)];
    for (const { candidate } of by('expert')) {
      const parent = all.find(({ id }) => candidate.origin.type === 'proposal' && id === candidate.origin.parents[0]);
      expect(parent && instructionOf(candidate).endsWith(`\n\n${instructionOf(parent)}`)).toBe(true);
    }
  });

  it('shows rows that the best prompt got wrong, with their right answers, before any others', () => {
    const [hard] = by('hard examples');
    const all = [...world.context.seeds, ...proposed.map(({ candidate }) => candidate)];
    const origin = hard?.candidate.origin;
    const base = all.find(({ id }) => origin?.type === 'proposal' && id === origin.parents[0]);
    if (!hard || !base) throw new Error('hard examples were tried');
    const wrong = world.context.train.filter((row) => {
      const result = resultOf(base, row);
      return result.type === 'answered' && result.outcome !== 'right';
    });
    const shown = hard.candidate.demos?.examples ?? [];
    expect(shown.filter((id) => wrong.some((row) => row.id === id))).toHaveLength(Math.min(shown.length, wrong.length));
  });

  it('judges on a few single questions where the paper is followed: no more than six, and no more after a wrong one', () => {
    const single = driveByHand(makeWorld(promptwizard, { values: { judge: 'single', rounds: 1 } }));
    const questions = new Map<string, number>();
    for (const ask of single.asks)
      if (ask.kind === 'evaluate' && ask.examples.length === 1)
        for (const { id } of ask.candidates) questions.set(id, (questions.get(id) ?? 0) + 1);
    expect(questions.size).toBeGreaterThan(1);
    for (const count of questions.values()) expect(count).toBeLessThanOrEqual(3);
  });
});
