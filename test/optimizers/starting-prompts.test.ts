import { describe, expect, it } from 'vitest';
import { fieldsOf } from '#core/prompt.ts';
import type { AnswerFormat, TaskSpec } from '#core/task.ts';
import { makeStartingPrompts } from '#optimizers/starting-prompts.ts';
import { makeDataset, task } from '../support/builders.ts';

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
