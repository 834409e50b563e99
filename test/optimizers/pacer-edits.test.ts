import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import { editOf, sentencesOf } from '#optimizers/pacer/edits.ts';
import { forms, templatePrompts } from '#optimizers/parts/templates.ts';
import type { TaskSpec } from '#core/task.ts';
import { exampleOf } from './by-hand.ts';

const instruction = 'Two animals are given. Write the larger one. Copy it exactly, e.g. 3.5 cats.';
const sources = { forms: forms.text, others: ['Write the larger one. Think of their weight.'] };
const edits = Array.from({ length: 200 }, (_, seed) => editOf(instruction, sources, createRandom(`edit ${seed}`)));

describe('an edit', () => {
  it('moves, leaves out or adds one whole sentence, and says which', () => {
    const own = sentencesOf(instruction);
    expect(own).toHaveLength(3);
    const kinds = new Set<string>();
    for (const edit of edits) {
      if (!edit) continue;
      const now = sentencesOf(edit.instruction);
      const added = now.filter((sentence) => !own.includes(sentence));
      const gone = own.filter((sentence) => !now.includes(sentence));
      expect(added.length + gone.length).toBeLessThanOrEqual(1);
      for (const sentence of [...added, ...gone]) expect(edit.why).toContain(sentence);
      expect(edit.instruction).not.toBe(instruction);
      kinds.add(edit.why.split(' ')[0] ?? '');
    }
    expect([...kinds].sort()).toEqual(['Adds', 'Begins', 'Leaves', 'Takes']);
  });

  it('takes from other prompts only what is new, and never leaves nothing', () => {
    const taken = edits.flatMap((edit) => (edit?.why.startsWith('Takes') ? [edit.why] : []));
    expect(new Set(taken)).toEqual(new Set(['Takes over “Think of their weight.” from another prompt.']));
    for (let seed = 0; seed < 50; seed++) {
      const edit = editOf('Sort.', { forms: [], others: [] }, createRandom(`alone ${seed}`));
      expect(edit).toBeUndefined();
    }
  });
});

describe('templates', () => {
  const task = (type: 'text' | 'number'): TaskSpec => ({
    description: 'A word is given. The answer is its opposite',
    template: { messages: [{ role: 'user', content: '{{>prompt}}\n\n{{text}}' }] },
    answer: { type },
    metric: 'exact',
    maxAnswerTokens: 8,
  });
  const rows = (target: (index: number) => string, count = 12) =>
    Array.from({ length: count }, (_, index) => ({ ...exampleOf(`row ${index}`), targets: [target(index)] }));

  it('ask for the form that all right answers share', () => {
    const ofAll = (target: (index: number) => string, count?: number): string =>
      templatePrompts(task('text'), rows(target, count), []).join('\n');
    expect(ofAll((index) => `cold${index}`)).toContain('Answer with one word.');
    expect(ofAll((index) => (index === 3 ? 'very cold' : 'cold'))).toContain('Answer with at most two words.');
    expect(ofAll((index) => 'abc'[index % 3] ?? '')).toContain('Answer with one letter.');
    expect(ofAll((index) => (index === 3 ? 'as cold as ice can be' : 'cold'))).not.toContain('Answer with');
    expect(ofAll(() => 'cold', 4)).not.toContain('Answer with');
    expect(templatePrompts(task('number'), rows(String), []).join('\n')).not.toContain('word.');
  });

  it('are all different, and begin with the task or with the form', () => {
    for (const type of ['text', 'number'] as const) {
      const made = templatePrompts(task(type), rows(String), []);
      expect(new Set(made).size).toBe(made.length);
      expect(made[0]).toMatch(/^A word is given\. The answer is its opposite\. /);
      expect(made[1]?.startsWith(forms[type][0])).toBe(true);
    }
  });
});
