import { describe, expect, it } from 'vitest';
import {
  canBeShown,
  candidateWith,
  demonstrationsIn,
  findDemonstrations,
  withDemonstrations,
} from '#core/demonstrations.ts';
import type { Example } from '#core/example.ts';
import { exampleId } from '#core/id.ts';
import { distinctExamples } from '#core/split.ts';
import { instructionOf, isShownBy, renderMessages } from '#core/prompt.ts';

const template = { messages: [{ role: 'user' as const, content: '{{>prompt}}\n\n{{text}}' }] };
const row = (text: string, target = 'yes'): Example => {
  const content = { inputs: { text }, targets: [target] };
  return { id: exampleId(content), ...content };
};

describe('demonstrations', () => {
  const shown = [row('Is water wet?'), row('Is fire cold?', 'no')];
  const demonstrations = shown.map((example) => ({ example, answer: example.targets[0] ?? '' }));

  it('stand below the instruction, in their order, before the row that is asked', () => {
    const prompt = withDemonstrations('Say yes or no.', demonstrations, template);
    const [message] = renderMessages(template, prompt, row('Is snow white?'));
    const places = ['Say yes or no.', 'Is water wet?\nAnswer: yes', 'Is fire cold?\nAnswer: no', 'Is snow white?'].map(
      (text) => message?.content.indexOf(text) ?? -1,
    );
    expect(places.every((place) => place >= 0)).toBe(true);
    expect([...places].sort((a, b) => a - b)).toEqual(places);
  });

  it.each(['Q: {{text}}\nA:', 'Input: {{text}}\nOutput: ', '{{text}} =', '{{text}} →'])(
    'are answered in the place where the model has to answer: %j',
    (question) => {
      const cued = { messages: [{ role: 'user' as const, content: `{{>prompt}}\n\n${question}` }] };
      const prompt = withDemonstrations('Say yes or no.', demonstrations, cued);
      const asked = question.replace('{{text}}', 'Is water wet?').trimEnd();
      expect(prompt).toContain(`\n\n${asked} yes\n\n`);
      expect(prompt).not.toContain('Answer:');
    },
  );

  it.each(['{{text}}', '<text>{{text}}</text>'])('have a label where the template has no cue: %j', (question) => {
    const plain = { messages: [{ role: 'user' as const, content: `{{>prompt}}\n\n${question}` }] };
    const told = row('He asked:');
    const prompt = withDemonstrations('Say yes or no.', [{ example: told, answer: 'yes' }], plain);
    expect(prompt).toContain(`\n\n${question.replace('{{text}}', 'He asked:')}\nAnswer: yes\n\n`);
  });

  it('belong to the candidate: its instruction is apart, and its rows are known', () => {
    const candidate = candidateWith('Say yes or no.', demonstrations, template, { type: 'start' });
    expect(instructionOf(candidate)).toBe('Say yes or no.');
    expect(shown.every(({ id }) => isShownBy(candidate, id))).toBe(true);
    expect(isShownBy(candidate, row('Is snow white?').id)).toBe(false);
    expect(candidate.id).not.toBe(candidateWith('Say yes or no.', [], template, { type: 'start' }).id);
  });

  it('change nothing where there are none', () => {
    const candidate = candidateWith('Say yes or no.', [], template, { type: 'start' });
    expect(candidate).not.toHaveProperty('demos');
    expect(candidate.prompt).toBe('Say yes or no.');
  });

  it('are found again in the text of a prompt, in their order, with the instruction apart', () => {
    const rows = [row('Is snow white?'), ...[...shown].reverse(), row('Is fire')];
    const text = withDemonstrations('Say yes or no.', demonstrations, template);
    const found = { instruction: 'Say yes or no.', examples: shown.map(({ id }) => id) };
    expect(findDemonstrations(['Say yes or no.', text], rows, template)).toEqual([{ prompt: text, ...found }]);
    // after a change of the instruction too, whatever is in it, and with another answer than the data has
    const other = withDemonstrations(
      'Look:\n\nExamples:\n\nnone here.',
      shown.map((example) => ({ example, answer: 'Perhaps.' })),
      template,
    );
    expect(findDemonstrations([other], rows, template)).toEqual([
      { prompt: other, instruction: 'Look:\n\nExamples:\n\nnone here.', examples: found.examples },
    ]);
  });

  it('are found once where the data holds a row twice, word for word: in no part of it is the copy', () => {
    const [first, second] = shown as [Example, Example];
    const { inputs, targets } = first;
    const copy = { id: exampleId({ inputs, targets }, 1), inputs, targets };
    const text = withDemonstrations(
      'Say yes or no.',
      [first, second].map((example) => ({ example, answer: 'Step by step: … Answer: yes' })),
      template,
    );
    for (const rows of [
      [first, copy, second],
      [copy, second, first],
    ]) {
      const [found] = findDemonstrations([text], rows, template);
      expect(found?.examples).toEqual([distinctExamples(rows).find((one) => one.inputs === inputs)?.id, second.id]);
    }
  });

  it('are read back without the rows of other parts of the data that stand between and behind them', () => {
    const [first, second, third, last] = [
      row('A', 'praise'),
      row('B', 'question'),
      row('C', 'complaint'),
      row('D', 'no'),
    ];
    const all = [first, second, third, last].map((example) => ({ example, answer: example.targets[0] ?? '' }));
    const { prompt, origin, id } = candidateWith('Sort.', all, template, { type: 'start' });
    const demos = { instruction: 'Sort.', examples: [first.id, third.id], elsewhere: [second.id, last.id] };
    const shown = demonstrationsIn({ id, prompt, origin, demos }, [first, third, row('E')], template);
    expect(shown).toEqual([
      { example: first, answer: 'praise' },
      { example: third, answer: 'complaint' },
    ]);
    expect(withDemonstrations('Judge.', shown, template)).not.toMatch(/\nB\n|\nD\n/);
  });

  it('are not found in a prompt that only speaks of a row', () => {
    const rows = [...shown];
    for (const text of [
      'Is water wet?',
      'Examples:\n\nIs water wet?\nAnswer: yes',
      'So:\n\nExamples:\n\nIs water wet?',
    ])
      expect(findDemonstrations([text], rows, template)).toEqual([]);
  });

  it('are never rows whose cells hold marks, or that are too long', () => {
    expect(canBeShown(template, row('plain'), 100)).toBe(true);
    expect(canBeShown(template, row('a {{text}} b'), 100)).toBe(false);
    expect(canBeShown(template, row('plain', '{{secret}}'), 100)).toBe(false);
    expect(canBeShown(template, row('x'.repeat(101)), 100)).toBe(false);
  });
});
