import { describe, expect, it } from 'vitest';
import type { GenerateJob, GeneratedText, Optimizer } from '#core/optimizer.ts';
import { protegi } from '#optimizers/protegi.ts';
import { driveByHand, failedResult, makeWorld, writePrompt, type World } from './by-hand.ts';
import { always, factsOf, operatorOf, right, told, written } from './trails.ts';

const optimizer = protegi as unknown as Optimizer;
const reason = 'It never says which answers there are.';
const asksForReason = (text: string): boolean => text.includes('Give one reason');
const write = (job: GenerateJob, count: number): GeneratedText =>
  job.messages.some(({ content }) => asksForReason(content))
    ? { text: reason, finish: 'stop' }
    : writePrompt(job, count);

describe('ProTeGi', () => {
  it('asks for reasons of errors, and corrects the prompt for each reason', () => {
    const trail = driveByHand(makeWorld(optimizer, { values: { rounds: 1, paraphrases: 0 }, write }));
    const [reasons = [], edits = []] = told(trail);
    expect(reasons).toHaveLength(4); // two kept prompts, two reasons each
    for (const text of reasons) expect(asksForReason(text) && text.includes('(wrong')).toBe(true);
    expect(edits).toHaveLength(4);
    for (const text of edits) expect(text).toContain(reason);
    expect(written(trail).every((one) => operatorOf(one) === 'correction')).toBe(true);
  });

  it('shows the rows that the prompt got wrong, and no others', () => {
    const world = makeWorld(optimizer, { values: { rounds: 3 }, write });
    const trail = driveByHand(world);
    const reasons = told(trail).flat().filter(asksForReason);
    expect(reasons.length).toBeGreaterThan(4);
    for (const text of reasons) expect(text).not.toContain('(right');
  });

  it('asks for no reason where there is no error, and goes by what the model was unsure of', () => {
    const run = (unsure: boolean) =>
      driveByHand(makeWorld(optimizer, { values: { rounds: 2, unsure }, write, result: always(right) }));
    const trail = run(true);
    expect(told(trail).flat().filter(asksForReason)).toEqual([]);
    expect(new Set(written(trail).map(operatorOf))).toEqual(new Set(['correction', 'paraphrase']));
    // the paper asks for reasons of errors that are not there
    expect(told(run(false)).flat().filter(asksForReason)).not.toEqual([]);
  });

  it('ends where it finds nothing to correct, and does not lay it to the generator', () => {
    const unscored = { ...right, crossEntropy: { type: 'unscored', reason: 'no-logprobs' } } as const;
    const values = { paraphrases: 0 };
    const world = makeWorld(optimizer, { values, write });
    // a row that failed may be wrong: nothing is won yet
    const result: World['result'] = (_, { id }) => (id === world.context.train[0]?.id ? failedResult : unscored);
    const trail = driveByHand({ ...world, result });
    expect(trail.generatorCalls).toBe(0);
    expect(trail.outcome.reason).toMatch(/^Nothing to correct: /);
    // other rows may bring errors
    const few = driveByHand({ ...makeWorld(optimizer, { values: { ...values, minibatch: 2 }, write }), result });
    expect(few.outcome.reason).toBe('Nothing was found to correct in 24 rounds.');
  });

  it('writes at most so many new prompts for each kept one, and keeps as many as it is told', () => {
    const values = { rounds: 3, beam: 2, mostNew: 3, paraphrases: 4 };
    const trail = driveByHand(makeWorld(optimizer, { values, write, context: { calls: 1500 } }));
    const proposed = factsOf(trail, 'candidate-proposed');
    for (const round of [1, 2, 3])
      expect(proposed.filter((fact) => fact.round === round).length).toBeLessThanOrEqual(2 * 3);
    for (const { residents } of factsOf(trail, 'archive-changed')) expect(residents.length).toBeLessThanOrEqual(2);
  });
});
