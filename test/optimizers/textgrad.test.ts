import { describe, expect, it } from 'vitest';
import { textgrad } from '#optimizers/textgrad.ts';
import { answered, driveByHand, makeWorld, writePrompt, type World } from './by-hand.ts';

const isCritique = (content = ''): boolean => content.includes('Give feedback on the instruction');
/** Critiques can be told from one another; rewritings are prompts. */
const write: World['write'] = (job, count) =>
  isCritique(job.messages[0]?.content)
    ? { text: `Critique number ${count}.`, finish: 'stop' }
    : writePrompt(job, count);
const contents = (trail: ReturnType<typeof driveByHand>): readonly string[] =>
  trail.asks.flatMap((ask) =>
    ask.kind === 'generate'
      ? ask.jobs.flatMap(({ messages }) => messages.slice(0, 1).map(({ content }) => content))
      : [],
  );
const worse: World['result'] = (candidate) => answered(candidate.origin.type === 'start' ? 'right' : 'wrong', 1);

describe('TextGrad', () => {
  it('criticizes each wrong answer by itself, then rewrites once with all of the critiques', () => {
    const told = contents(driveByHand(makeWorld(textgrad, { write, values: { rounds: 1 } })));
    const critiques = told.filter(isCritique);
    expect(critiques.length).toBeGreaterThan(0);
    for (const content of critiques) {
      expect(content.match(/^Example: /gm)).toHaveLength(1);
      expect(content).toContain('(wrong');
    }
    expect(told).toHaveLength(critiques.length + 1);
    for (const [index] of critiques.entries()) expect(told.at(-1)).toContain(`- Critique number ${index}.`);
  });

  it('draws from earlier feedback, or leaves it out', () => {
    const last = (memory: number): string =>
      contents(driveByHand(makeWorld(textgrad, { write, values: { memory, rounds: 4 } }))).at(-1) ?? '';
    expect(
      last(2)
        .split('Feedback on earlier versions:')[1]
        ?.match(/Critique number/g),
    ).toHaveLength(2);
    expect(last(0)).not.toContain('Feedback on earlier versions:');
  });

  it('keeps the old prompt where the new one is worse, unless the paper is followed', () => {
    const kept = (accept: string) => {
      const { facts, outcome } = driveByHand(
        makeWorld(textgrad, { write, values: { accept, rounds: 3, finalists: 0 }, result: worse }),
      );
      return { judged: facts.flatMap((fact) => (fact.type === 'proposal-judged' ? [fact.accepted] : [])), outcome };
    };
    for (const accept of ['gate', 'validation']) {
      const { judged, outcome } = kept(accept);
      expect(judged).toEqual([false, false, false]);
      expect(outcome.best).toBe(outcome.baseline);
    }
    const { judged, outcome } = kept('always');
    expect(judged).toEqual([true, true, true]);
    expect(outcome.best).not.toBe(outcome.baseline);
  });

  it('keeps the prompt when the generator writes none', () => {
    const silent: World['write'] = (job, count) =>
      isCritique(job.messages[0]?.content) ? write(job, count) : { text: '', finish: 'stop' };
    const { outcome, generatorCalls } = driveByHand(makeWorld(textgrad, { write: silent }));
    expect(outcome.best).toBe(outcome.baseline);
    expect(generatorCalls).toBeLessThanOrEqual(6 * 5);
  });

  it('asks for critiques with more tokens where a generator thinks them away, and blames it for no prompt that it was not asked for', () => {
    const thinking: World['write'] = (job, count) =>
      isCritique(job.messages[0]?.content) && job.maxTokens < 1000
        ? { text: '<think>Let me see', finish: 'length' }
        : write(job, count);
    const helped = driveByHand(makeWorld(textgrad, { write: thinking }));
    expect(helped.facts.some(({ type }) => type === 'candidate-proposed')).toBe(true);
    const mute = driveByHand(makeWorld(textgrad, { write: () => ({ text: '', finish: 'length' }) }));
    expect(mute.outcome.reason).toBe('The generator gave no feedback in 6 rounds.');
  });
});
