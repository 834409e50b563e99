import { describe, expect, it } from 'vitest';
import { guessTurns, scoreGuesses, type GuessItem } from '#core/guess-game.ts';
import type { CandidateId } from '#core/id.ts';
import { HandMadeRun, start } from '../support/hand-made-run.ts';

const runOf = (rights: readonly number[], seed = 7) => {
  const prompts = rights.map((right, index) => start(`Prompt ${index} with ${right} right`));
  const run = new HandMadeRun(
    prompts.map(({ prompt }) => prompt),
    { seed },
  );
  for (const [index, prompt] of prompts.entries()) run.answers(prompt, 'train', rights[index] ?? 0);
  return run.report;
};
const share = (item: GuessItem): number => item.accuracy.value;
const item = (name: string, value: number, prompt = name): GuessItem => ({
  id: name as CandidateId,
  prompt,
  accuracy: { value, lo: value, hi: value, n: 10 },
});

describe('turns of the game', () => {
  it('shows three prompts with clearly different accuracies where there are some', () => {
    for (let seed = 0; seed < 20; seed++) {
      const [turn = []] = guessTurns(runOf([0, 1, 1, 2, 5, 5, 6, 9, 9, 10], seed));
      const [low = 0, middle = 0, high = 0] = turn.map(share).sort((a, b) => a - b);
      expect(Math.min(middle - low, high - middle)).toBeGreaterThanOrEqual(0.15);
    }
  });

  it('never shows a prompt twice, and is the same for the same run', () => {
    const report = runOf([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const turns = guessTurns(report);
    expect(turns).toHaveLength(3);
    const ids = turns.flat().map(({ id }) => id);
    expect(new Set(ids).size).toBe(9);
    expect(guessTurns(report)).toEqual(turns);
    expect(guessTurns(runOf([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 8))).not.toEqual(turns);
  });

  it('does not always stand in the same order', () => {
    const orders = Array.from({ length: 20 }, (_, seed) =>
      guessTurns(runOf([0, 5, 10], seed))[0]
        ?.map(share)
        .join(),
    );
    expect(new Set(orders).size).toBeGreaterThan(2);
  });

  it('takes prompts of a race that saw half of the rows, and only where too few saw all', () => {
    const [a, b, c, d, e] = [start('a'), start('b'), start('c'), start('d'), start('e')];
    const texts = [a, b, c, d, e].map(({ prompt }) => prompt);
    const race = new HandMadeRun(texts).answers(a, 'train', 1).answers(b, 'train', 5, 6).answers(c, 'train', 3, 5);
    race.answers(d, 'train', 2, 4);
    expect(guessTurns(race.report).map((turn) => turn.map(({ prompt }) => prompt).sort())).toEqual([['a', 'b', 'c']]);
    const whole = new HandMadeRun(texts).answers(a, 'train', 1).answers(b, 'train', 5).answers(e, 'train', 9);
    whole.answers(c, 'train', 3, 6);
    expect(guessTurns(whole.report).map((turn) => turn.map(({ prompt }) => prompt).sort())).toEqual([['a', 'b', 'e']]);
  });

  it('needs three prompts that saw enough train rows', () => {
    expect(guessTurns(runOf([1, 2]))).toEqual([]);
    const [a, b, c] = [start('a'), start('b'), start('c')];
    const run = new HandMadeRun(['a', 'b', 'c'])
      .answers(a, 'train', 1)
      .answers(b, 'train', 5)
      .answers(c, 'train', 3, 4);
    expect(guessTurns(run.report)).toEqual([]);
  });

  it('still makes a game of prompts that are all alike', () => {
    expect(guessTurns(runOf([5, 5, 5]))).toHaveLength(1);
  });
});

describe('score of the guesses', () => {
  const items = [item('a', 0.2), item('b', 0.5), item('c', 0.9)];

  it('is the mean distance in points', () => {
    expect(scoreGuesses(items, [0.2, 0.5, 0.9]).points).toBeCloseTo(0);
    expect(scoreGuesses(items, [0.3, 0.4, 0.6]).points).toBeCloseTo(50 / 3);
  });

  it('names the pair that was taken the wrong way round and lies furthest apart', () => {
    const { lesson } = scoreGuesses(items, [0.8, 0.7, 0.3]);
    expect(lesson).toMatchObject({ type: 'reversed', better: items[2], worse: items[0] });
  });

  it('does not call level guesses a right order', () => {
    expect(scoreGuesses(items, [0.5, 0.5, 0.5]).lesson).toMatchObject({ type: 'level', gap: 0.7 });
  });

  it('holds no order against the guesses that the rows themselves do not tell', () => {
    const close = [item('a', 0.6), item('b', 0.63), item('c', 0.66)].map(({ accuracy: { value }, ...rest }) => ({
      ...rest,
      accuracy: { value, lo: value - 0.1, hi: value + 0.1, n: 80 },
    }));
    expect(scoreGuesses(close, [0.5, 0.5, 0.5]).lesson.type).toBe('too-close');
    expect(scoreGuesses(close, [0.9, 0.5, 0.1]).lesson.type).toBe('too-close');
  });

  it('says so when the longest prompt is not the best, else that the order was right', () => {
    expect(scoreGuesses([item('a', 0.2, 'x'.repeat(50)), item('b', 0.9)], [0.1, 0.2]).lesson.type).toBe(
      'long-is-not-good',
    );
    expect(scoreGuesses([item('a', 0.2), item('b', 0.9, 'longer')], [0.1, 0.2]).lesson.type).toBe('right-order');
  });
});
