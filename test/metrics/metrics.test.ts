import { describe, expect, it } from 'vitest';
import type { Completion } from '#core/completion.ts';
import type { Example } from '#core/example.ts';
import { exampleId } from '#core/id.ts';
import type { AnswerFormat } from '#core/task.ts';
import { metrics } from '#metrics/index.ts';

const completion = (text: string): Completion => ({
  text,
  finishReason: 'stop',
  usage: { inputTokens: 1, outputTokens: 1 },
  latencyMs: 1,
});
const row = (targets: readonly string[], choices?: readonly string[]): Example => {
  const content = { inputs: { text: 'x' }, targets, ...(choices ? { choices } : {}) };
  return { id: exampleId(content), ...content };
};
/** 1 right, 0 wrong, undefined: no answer could be read. */
const score = (id: keyof typeof metrics, text: string, example: Example, format: AnswerFormat = { type: 'text' }) => {
  const result = metrics[id].score(example, completion(text), format);
  return result.type === 'scored' ? result.value : undefined;
};

describe('choice-letter', () => {
  const example = row(['B'], ['a dog', 'a cat']);
  it.each([
    ['B', 1],
    ['Answer: b', 1],
    ['a cat', 1],
    ['A', 0],
    ['a dog', 0],
    ['C', undefined],
    ['A dog is a mammal', undefined],
    ['', undefined],
  ])('%j: %s', (text, value) => {
    expect(score('choice-letter', text, example, { type: 'letter' })).toBe(value);
  });
});

describe('label', () => {
  const format: AnswerFormat = { type: 'label', labels: ['spam', 'not spam'] };
  it.each([
    ['spam', 1],
    ['Not spam.', 0],
    ['perhaps', undefined],
  ])('%j: %s', (text, value) => {
    expect(score('label', text, row(['spam']), format)).toBe(value);
  });
});

describe('exact', () => {
  it.each([
    ['The Old Man', ['the old man'], 1],
    ['“the old man.”', ['the old man'], 1],
    ['the old man and the sea', ['the old man'], 0],
    ['second', ['first', 'second'], 1],
    [' ', ['first'], undefined],
    ['?', ['?'], 1],
    ['!', ['?'], undefined],
  ])('%j for %j: %s', (text, targets, value) => {
    expect(score('exact', text, row(targets))).toBe(value);
  });
});

describe('number', () => {
  it.each([
    ['It is $1,284.50.', ['1284.5'], 1],
    ['1284.49', ['1284.5'], 0],
    ['0.0000002', ['0.0000001'], 0],
    ['0.333333', ['0.3333333333'], 1],
    ['0', ['0'], 1],
    ['0.00001', ['0'], 0],
    ['two', ['2'], undefined],
    ['2', ['two', '2'], 1],
    ['2', ['two'], undefined],
  ])('%j for %j: %s', (text, targets, value) => {
    expect(score('number', text, row(targets), { type: 'number' })).toBe(value);
  });
});

describe('contains', () => {
  it.each([
    ['She moved to New York in May.', ['New York', 'NYC'], 1],
    ['She moved to NYC.', ['New York', 'NYC'], 1],
    ['She moved to Newark.', ['New'], 0],
    ['', ['New York'], undefined],
  ])('%j for %j: %s', (text, targets, value) => {
    expect(score('contains', text, row(targets))).toBe(value);
  });
});

describe('strict', () => {
  it('forgives nothing', () => {
    expect(score('strict', 'Yes', row(['Yes']))).toBe(1);
    for (const text of ['yes', 'Yes.', ' Yes', 'Yes\n', '']) expect(score('strict', text, row(['Yes']))).toBe(0);
  });
});
