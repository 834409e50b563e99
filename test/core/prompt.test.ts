import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import { AppError } from '#core/error.ts';
import { exampleId } from '#core/id.ts';
import type { Example } from '#core/example.ts';
import {
  fieldsOf,
  messagesWithPrompt,
  parseTemplate,
  renderMessages,
  renderQuery,
  templateProblems,
  type PromptTemplate,
} from '#core/prompt.ts';

const example = (inputs: Record<string, string>, choices?: readonly string[]): Example => {
  const content = { inputs, targets: ['A'], ...(choices ? { choices } : {}) };
  return { id: exampleId(content), ...content };
};
const user = (...contents: string[]): PromptTemplate => ({
  messages: contents.map((content) => ({ role: 'user', content })),
});
const rendered = (template: string, prompt: string, inputs: Record<string, string>): string =>
  renderMessages(user(template), prompt, example(inputs))[0]?.content ?? '';

const pieces = ['{', '}', '{{', '}}', '{{>prompt}}', '{{text}}', '>', ' ', '\n', 'text', '$&', '$1', 'é', '💬', '\\'];

describe('parsing a template', () => {
  it('loses nothing: the parts joined are the text again', () => {
    const random = createRandom('templates');
    for (let i = 0; i < 600; i++) {
      const text = Array.from({ length: random.integer(14) }, () => random.pick(pieces)).join('');
      const parts = parseTemplate(text);
      expect(parts.map((part) => part.text).join('')).toBe(text);
      expect(parts.every((part) => part.text !== '')).toBe(true);
    }
  });

  it('trims names, and takes what is no well-formed mark as text', () => {
    expect(fieldsOf('{{ text }} {{text}} {{question.stem}} {{Größe in cm}}')).toEqual([
      'text',
      'question.stem',
      'Größe in cm',
    ]);
    for (const text of ['{text}', '{{}}', '{{ }}', '{{\n}}', '{{a}', '{a}}', '{{a{b}}'])
      expect(fieldsOf(text), text).toEqual([]);
    expect(fieldsOf('{{{text}}}')).toEqual(['text']);
  });

  it('knows the place of the prompt by its exact name', () => {
    const types = (text: string) => parseTemplate(text).map(({ type }) => type);
    expect(types('{{>prompt}}')).toEqual(['prompt']);
    expect(types('{{ > prompt }}')).toEqual(['prompt']);
    for (const text of ['{{>prompts}}', '{{>other}}', '{{>}}']) expect(types(text), text).not.toContain('prompt');
  });

  it('takes no time over a brace that is never closed', () => {
    const startedAt = performance.now();
    parseTemplate(`{{${' '.repeat(20_000)}x`);
    parseTemplate('{{ a'.repeat(10_000));
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

describe('rendering', () => {
  it('D11 inserts cells as they are: marks and replacement patterns in them mean nothing', () => {
    for (const cell of ['{{answer}}', '{{>prompt}}', '$&', '$1', "$'", '$$', '{{text}}', '\\n', '{{'])
      expect(rendered('{{>prompt}}: {{text}}!', 'Sort', { text: cell, answer: 'secret' })).toBe(`Sort: ${cell}!`);
  });

  it('D11 inserts random prompts and cells in one pass', () => {
    const random = createRandom('cells');
    const text = () => Array.from({ length: 1 + random.integer(8) }, () => random.pick(pieces)).join('');
    for (let i = 0; i < 200; i++) {
      const [cell, other] = [text(), text()];
      expect(rendered('a {{x}} b {{>prompt}} c {{y}}', 'P', { x: cell, y: other })).toBe(`a ${cell} b P c ${other}`);
    }
  });

  it('puts the prompt where its mark is, in the middle too, and in any message', () => {
    expect(rendered('Text: {{text}}\n{{>prompt}}\nAnswer:', 'Sort it.', { text: 'hello' })).toBe(
      'Text: hello\nSort it.\nAnswer:',
    );
    const template: PromptTemplate = {
      messages: [
        { role: 'system', content: '{{>prompt}}' },
        { role: 'user', content: '{{text}}' },
      ],
    };
    expect(renderMessages(template, 'Sort it.', example({ text: 'hello' }))).toEqual([
      { role: 'system', content: 'Sort it.' },
      { role: 'user', content: 'hello' },
    ]);
  });

  it('fills fields that the prompt itself names, but no second prompt', () => {
    expect(rendered('{{>prompt}}', 'Sort {{text}} now.', { text: '{{text}}' })).toBe('Sort {{text}} now.');
    expect(rendered('{{>prompt}}', 'See {{>prompt}}', { text: 'x' })).toBe('See {{>prompt}}');
  });

  it('letters the options', () => {
    const [message] = renderMessages(user('{{>prompt}} {{q}}\n{{choices}}'), 'P', example({ q: 'Which?' }, ['x', 'y']));
    expect(message?.content).toBe('P Which?\nA. x\nB. y');
  });

  it('refuses a field that the row does not have, and says which there are', () => {
    for (const name of ['label', 'constructor', '__proto__', 'choices']) {
      const attempt = () => rendered(`{{>prompt}} {{${name}}}`, 'P', { text: 'x' });
      expect(attempt).toThrow(AppError);
      try {
        attempt();
      } catch (error) {
        expect(error).toMatchObject({ code: 'template-unknown-field', details: { field: name, known: ['text'] } });
      }
    }
  });

  it('shows a query without the prompt, and an export without the data', () => {
    const template = user('{{>prompt}}\n\nText: {{text}}');
    expect(renderQuery(template, example({ text: 'hello' }))).toBe('Text: hello');
    expect(messagesWithPrompt(template, 'Sort {{text}} $&.')[0]?.content).toBe('Sort {{text}} $&.\n\nText: {{text}}');
  });
});

describe('problems of a template', () => {
  it('are none for a good one', () => {
    expect(templateProblems(user('{{>prompt}}\n{{text}}'), ['text'])).toEqual([]);
  });

  it.each([
    ['{{text}}', 'no {{>prompt}}'],
    ['{{>prompt}} {{>prompt}} {{text}}', '2 times'],
    ['{{>prompt}} {{txt}}', '“txt”'],
    ['{{>prompt}}', 'shows no data'],
    ['{{>prompts}} {{text}}', 'no {{>prompt}}'],
  ])('%s', (text, sentence) => {
    expect(templateProblems(user(text), ['text']).join('\n')).toContain(sentence);
  });
});
