import { readFileSync } from 'node:fs';
import Papa from 'papaparse';
import type { Example } from '#core/example.ts';
import { exampleId } from '#core/id.ts';
import type { AnswerKey } from '#core/provider.ts';
import type { TaskSpec } from '#core/task.ts';

/** The sample sets of the product as answer keys, for tests that want a whole task without the importers. */
type Row = Readonly<Record<string, string>>;
type Made = Omit<Example, 'id'>;

const read = (name: string): string => readFileSync(new URL(`../../public/samples/${name}`, import.meta.url), 'utf8');
const table = (name: string): readonly Row[] => Papa.parse<Row>(read(name).trim(), { header: true }).data;
const withIds = (made: readonly Made[]): readonly Example[] =>
  made.map((content) => ({ id: exampleId(content), ...content }));
const task = (description: string, data: string, rest: Pick<TaskSpec, 'answer' | 'metric'>): TaskSpec => ({
  description,
  template: { messages: [{ role: 'user', content: `{{>prompt}}\n\n${data}` }] },
  maxAnswerTokens: 24,
  ...rest,
});

export function messagesKey(): AnswerKey {
  const rows = table('customer-messages.csv');
  const labels = [...new Set(rows.map((row) => row['label'] ?? ''))].sort();
  return {
    task: task('Decide what a customer’s message to a shop is about.', '{{message}}', {
      answer: { type: 'label', labels },
      metric: 'label',
    }),
    examples: withIds(
      rows.map((row) => ({ inputs: { message: row['message'] ?? '' }, targets: [row['label'] ?? ''] })),
    ),
  };
}

export function amountsKey(): AnswerKey {
  return {
    task: task('Find the amount that the reader of this letter still has to pay.', '{{text}}', {
      answer: { type: 'number' },
      metric: 'number',
    }),
    examples: withIds(
      table('invoice-amounts.csv').map((row) => ({
        inputs: { text: row['text'] ?? '' },
        targets: [row['amount'] ?? ''],
      })),
    ),
  };
}

export function readingKey(): AnswerKey {
  const rows = read('reading-comprehension.jsonl')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { passage: string; question: string; options: string[]; answer: string });
  return {
    task: task(
      'Read the passage and answer the question about it by choosing the best option.',
      '{{passage}}\n\nQuestion: {{question}}\n{{choices}}',
      { answer: { type: 'letter' }, metric: 'choice-letter' },
    ),
    examples: withIds(
      rows.map(({ passage, question, options, answer }) => ({
        inputs: { passage, question },
        choices: options,
        targets: [answer],
      })),
    ),
  };
}
