import { describe, expect, it } from 'vitest';
import { fieldsOf } from '#core/prompt.ts';
import type { AnswerFormat, TaskSpec } from '#core/task.ts';
import { makeStartingPrompts } from '#optimizers/starting-prompts.ts';
import { makeDataset, task } from '../support/builders.ts';
import { exampleOf } from './by-hand.ts';

const { examples } = makeDataset(9);
const guessed = 'The model gets one text, “text”.';
const made = (over: Partial<TaskSpec> = {}): readonly string[] =>
  makeStartingPrompts({ ...task, ...over }, examples, guessed);
const formats: readonly AnswerFormat[] = [
  { type: 'letter' },
  { type: 'label', labels: ['praise', 'question'] },
  { type: 'number' },
  { type: 'text' },
];

describe('starting prompts that are made from the task', () => {
  it('say what the task is and which answers are allowed, each in another way', () => {
    const prompts = made();
    expect(prompts.length).toBeGreaterThan(1);
    expect(new Set(prompts).size).toBe(prompts.length);
    for (const prompt of prompts) {
      expect(prompt).toContain(task.description);
      expect(prompt).toContain('praise, complaint, question');
    }
  });

  it('leave out a description that was only guessed from the names of the columns, and still name the labels', () => {
    for (const prompt of made({ description: ` ${guessed}` })) {
      expect(prompt).not.toContain('The model gets');
      expect(prompt).toContain('praise, complaint, question');
    }
  });

  it('are one neutral prompt where nothing is known but the form of the answer', () => {
    for (const answer of [{ type: 'number' }, { type: 'text' }] as const) {
      const prompts = made({ answer, description: guessed });
      expect(prompts).toHaveLength(1);
      expect(prompts[0]).toMatch(/answer/i);
    }
  });

  it.each([
    ['one word', ['yes', 'no', 'perhaps', 'never'], 'Answer with one word.'],
    ['one letter', ['a', 'b', 'c', 'd'], 'Answer with one letter.'],
    ['sentences without spaces', ['今天天气很好，适合出去散步。', '不知道', '明天', '可能会下雨'], undefined],
    ['single signs of such a script', ['是', '否', '对', '错'], undefined],
    ['addresses', ['a@example.org', 'b@example.org', 'https://example.org', 'c'], undefined],
    ['code', ['{"a":1}', '{"b":2}', '{}', '[]'], undefined],
  ])('say of texts what all right answers have in common, where that can be counted: %s', (_, targets, shape) => {
    const rows = [...targets, ...targets].map((target, index) => exampleOf(`row ${index}`, target));
    const prompts = makeStartingPrompts({ ...task, answer: { type: 'text' } }, rows, guessed);
    const told = prompts.join(' ').match(/Answer with (?:one|at most) [a-z]+(?: words)?\./)?.[0];
    expect(told).toBe(shape);
  });

  it.each(formats)('are whole texts, without marks, for a $type, whatever the description', (answer) => {
    const hostile = 'Read {{text}} and {{nothing}}.';
    for (const description of ['', '   ', guessed, task.description, hostile]) {
      const prompts = made({ answer, description });
      expect(prompts.length).toBeGreaterThan(0);
      for (const prompt of prompts) {
        expect(prompt).toBe(prompt.replace(/\s+/g, ' ').trim());
        expect(prompt).toMatch(/\S\.$/);
        expect(fieldsOf(prompt)).toEqual([]);
      }
    }
    expect(made({ answer: { type: 'label', labels: ['{{a}}', '{{b}}'] } })).toHaveLength(1);
  });
});
