import { describe, expect, it } from 'vitest';
import { tellingExcerpts } from '#ui/run/telling.ts';

const task = 'A message of a customer to the support of a shop is given.';

describe('the line that tells a prompt from those above it', () => {
  it('is its beginning, as long as nothing above begins alike', () => {
    expect(tellingExcerpts(['Say yes or no.', 'Say yes.', '', task])).toEqual(['Say yes or no.', 'Say yes.', '', task]);
  });

  it('begins with the first other word after a long beginning that is shared', () => {
    const prompts = [`${task} Name its label.`, `${task}\nName its kind, and nothing else.`, `${task} Think first.`];
    expect(tellingExcerpts(prompts)).toEqual([
      `${task} Name its label.`,
      '… kind, and nothing else.',
      '… Think first.',
    ]);
  });

  it('is the beginning for the same text, and for one that only ends sooner', () => {
    const long = `${task} Name its label.`;
    expect(tellingExcerpts([long, long, task], 20)).toEqual([
      'A message of a custo…',
      'A message of a custo…',
      'A message of a custo…',
    ]);
  });

  it('begins where the text does differ in a script without spaces, too', () => {
    const shared = '请阅读客户写给商店的信息并判断它属于哪一类'.repeat(5);
    expect(tellingExcerpts([`${shared}只写标签`, `${shared}先想一想`])[1]).toBe('… 先想一想');
    expect(tellingExcerpts([`${shared}\u{1F600}`, `${shared}\u{1F601}.`])[1]).toBe('… \u{1F601}.');
  });

  it('is not longer than it may be', () => {
    const prompts = Array.from(
      { length: 30 },
      (_, index) => `${task} ${'word '.repeat(index)}${String(index).repeat(200)}`,
    );
    for (const line of tellingExcerpts(prompts, 90)) expect(line.length).toBeLessThanOrEqual(91);
    expect(new Set(tellingExcerpts(prompts, 90)).size).toBe(30);
  });
});
