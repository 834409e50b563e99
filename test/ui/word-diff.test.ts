import { describe, expect, it } from 'vitest';
import { diffOf, isRewritten } from '#ui/parts/word-diff.ts';

const short = 'Answer with exactly one of: account, delivery, payment. Do not explain, do not write a sentence.';

describe('a change of a prompt', () => {
  it.each([
    ['nothing', short, short, false],
    ['sentences that were added', short, `You are an expert. ${short} When in doubt, take the closest one.`, false],
    ['sentences that were left out', `You are an expert. ${short}`, short, false],
    ['one word', short, short.replace('payment', 'return'), false],
    ['every word', short, 'What might the writer want? Say it in your own language, please, and take your time.', true],
    [
      'a short text that became a long other one',
      short,
      `${'Compare the text with each label and take the closest one. Rely on what is written there. '.repeat(6)} Write exactly one of: account, delivery, payment, and not a sentence.`,
      true,
    ],
  ])('%s', async (_, before, after, rewritten) => {
    const pieces = await diffOf(before, after);
    const textOf = (left: string): string => pieces.flatMap(({ type, text }) => (type === left ? [] : text)).join('');
    expect([textOf('added'), textOf('removed')]).toEqual([before, after]);
    expect(isRewritten(pieces)).toBe(rewritten);
  });
});
