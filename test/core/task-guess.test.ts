import { describe, expect, test } from 'vitest';
import type { Dataset, Example } from '#core/example.ts';
import { datasetId, exampleId } from '#core/id.ts';
import { renderMessages, templateProblems } from '#core/prompt.ts';
import { guessTask } from '#core/task-guess.ts';

type Row = { inputs: Readonly<Record<string, string>>; targets: readonly string[]; choices?: readonly string[] };

function datasetOf(rows: readonly Row[]): Dataset {
  const examples: readonly Example[] = rows.map((row) => ({ id: exampleId(row), ...row }));
  return {
    id: datasetId({ rows: examples.map(({ id }) => id) }),
    name: 'a set',
    source: 'a.csv',
    examples,
    fields: Object.keys(rows[0]?.inputs ?? {}),
    notes: [],
    importedAt: 0,
  };
}

const rows = (count: number, row: (i: number) => Row): Dataset =>
  datasetOf(Array.from({ length: count }, (_, i) => row(i)));
const contentOf = (dataset: Dataset): string => guessTask(dataset).template.messages[0]?.content ?? '';

const sets: Readonly<Record<string, readonly [dataset: Dataset, metric: string, answer: string]>> = {
  'multiple choice': [
    rows(8, (i) => ({ inputs: { question: `which ${i}` }, targets: ['B'], choices: ['one', 'two', 'three'] })),
    'choice-letter',
    'letter',
  ],
  'few labels': [
    rows(12, (i) => ({ inputs: { text: `t ${i}` }, targets: [i % 2 ? 'spam' : 'ham'] })),
    'label',
    'label',
  ],
  'dozens of labels': [
    rows(310, (i) => ({ inputs: { text: `t ${i}` }, targets: [`intent ${i % 77}`] })),
    'label',
    'label',
  ],
  'more answers than anybody can list': [
    rows(400, (i) => ({ inputs: { text: `t ${i}` }, targets: [`intent ${i % 101}`] })),
    'exact',
    'text',
  ],
  'names of which some come back': [
    rows(300, (i) => ({ inputs: { text: `t ${i}` }, targets: [i < 240 ? `town ${i % 20}` : `village ${i}`] })),
    'exact',
    'text',
  ],
  'coded labels': [rows(12, (i) => ({ inputs: { text: `t ${i}` }, targets: [String(i % 3)] })), 'label', 'label'],
  'results of a calculation': [
    rows(40, (i) => ({ inputs: { text: `t ${i}` }, targets: [`$${(i * i).toLocaleString('en')}`] })),
    'number',
    'number',
  ],
  dates: [
    rows(12, (i) => ({ inputs: { text: `Sent on ${i + 10}.05.` }, targets: [`${i + 10}.05.2024`] })),
    'exact',
    'text',
  ],
  'lists of numbers': [rows(12, (i) => ({ inputs: { t: `t${i}` }, targets: [`${i}, ${i + 1}, 7`] })), 'exact', 'text'],
  'phone numbers': [rows(12, (i) => ({ inputs: { t: `t${i}` }, targets: [`030 12345${i + 10}`] })), 'exact', 'text'],
  'codes that begin with 0': [
    rows(12, (i) => ({ inputs: { t: `t${i}` }, targets: [`010${i + 10}`] })),
    'exact',
    'text',
  ],
  'numbers of many writings': [
    rows(14, (i) => ({
      inputs: { t: `t${i}` },
      targets: [['−3', '$ 1,284.50', '1.284,50', '12\u00a0345', '1 284,50', '0.5 %', '12,34,567'][i % 7] ?? '', '7'],
    })),
    'number',
    'number',
  ],
  'words of their own': [rows(12, (i) => ({ inputs: { word: `w${i}` }, targets: [`other ${i}`] })), 'exact', 'text'],
  'spans of a passage': [
    rows(12, (i) => ({ inputs: { text: `A long passage about town ${i} and its people.` }, targets: [`town ${i}`] })),
    'contains',
    'text',
  ],
  'one of two words, which repeating both would get': [
    rows(12, (i) => ({ inputs: { text: `cat${i}, dog${i}` }, targets: [`dog${i}`] })),
    'exact',
    'text',
  ],
  'several accepted answers': [rows(12, (i) => ({ inputs: { w: `w${i}` }, targets: ['x', 'y'] })), 'exact', 'text'],
};

describe.each(Object.entries(sets))('%s', (_, [dataset, metric, answer]) => {
  const task = guessTask(dataset);

  test('is judged as it should be', () => {
    expect(task.metric).toBe(metric);
    expect(task.answer.type).toBe(answer);
  });

  test('has a template that can be filled, and room for each answer', () => {
    expect(templateProblems(task.template, [...dataset.fields, 'choices'])).toEqual([]);
    for (const example of dataset.examples) {
      const [message] = renderMessages(task.template, 'Do it.', example);
      expect(message?.content.startsWith('Do it.\n\n')).toBe(true);
      for (const text of Object.values(example.inputs)) expect(message?.content).toContain(text);
      expect(Math.max(...example.targets.map(({ length }) => length))).toBeLessThanOrEqual(task.maxAnswerTokens * 2);
    }
  });

  test('is described with what goes in and what may come out', () => {
    for (const field of dataset.fields) expect(task.description).toContain(`“${field}”`);
    if (task.answer.type === 'label') for (const label of task.answer.labels) expect(task.description).toContain(label);
    if (task.answer.type === 'letter') expect(task.description).toContain('A, B, C.');
  });
});

describe('labels', () => {
  const [upper, lower, other] = ['Positive', 'positive', 'negative'];
  const dataset = rows(40, (i) => ({
    inputs: { text: `t ${i}` },
    targets: [[lower, upper, lower, other][i % 4] ?? ''],
  }));

  test('that differ in case alone are one, as most rows have it', () => {
    expect(guessTask(dataset).answer).toEqual({ type: 'label', labels: ['negative', 'positive'] });
  });
});

describe('what is known is not guessed', () => {
  const ratings = rows(40, (i) => ({ inputs: { text: `t ${i}` }, targets: [String(1 + (i % 5))] }));

  test('and the rest goes with it', () => {
    expect(guessTask(ratings)).toMatchObject({ answer: { type: 'label' }, metric: 'label' });
    expect(guessTask(ratings, { answer: { type: 'number' } })).toMatchObject({
      answer: { type: 'number' },
      metric: 'number',
      description: expect.stringContaining('the last number of its answer') as string,
    });
    const task = guessTask(ratings);
    expect(guessTask(ratings, task)).toEqual(task);
  });

  test('options alone are described without a text', () => {
    const pairs = rows(8, (i) => ({ inputs: {}, targets: ['A'], choices: [`one ${i}`, `two ${i}`] }));
    expect(guessTask(pairs).description).toMatch(/^The model gets a list of lettered options\./);
  });
});

describe('the template', () => {
  test('one input stands alone', () => {
    expect(contentOf(rows(3, (i) => ({ inputs: { text: `t${i}` }, targets: [`u${i}`] })))).toBe(
      '{{>prompt}}\n\n{{text}}',
    );
  });

  test('several inputs have names, a long passage comes first, options come last', () => {
    const dataset = rows(3, (i) => ({
      inputs: { question: `q${i}`, 'story.full_text': 'long '.repeat(60) },
      targets: ['A'],
      choices: ['x', 'y'],
    }));
    expect(contentOf(dataset)).toBe(
      '{{>prompt}}\n\nStory full text: {{story.full_text}}\nQuestion: {{question}}\n{{choices}}',
    );
  });
});
