import type { Completion } from '#core/completion.ts';
import type { Dataset } from '#core/example.ts';
import { callKey, candidateId, datasetId, exampleId, runId, type RunId } from '#core/id.ts';
import type { Attempt, JournalWrite, StoredAnswer } from '#core/journal.ts';
import type { JournalEntry, RunEvent, RunHead } from '#core/run.ts';
import type { Storage } from '#storage/index.ts';

/** Things to keep, always the same ones. */

export const completionOf = (text: string): Completion => ({
  text,
  finishReason: 'stop',
  tokens: [{ token: text, logprob: -0.25, alternatives: [{ token: text, logprob: -0.25 }] }],
  usage: { inputTokens: 12, outputTokens: 1 },
  latencyMs: 80,
});

export const datasetOf = (name: string, rows: number, importedAt: number): Dataset => ({
  id: datasetId({ name, rows }),
  name,
  source: `${name}.csv`,
  examples: Array.from({ length: rows }, (_, index) => {
    const inputs = { text: `Message ${index} of ${name}`, language: index % 2 ? 'de' : 'en' };
    return { id: exampleId({ inputs, targets: ['yes'] }), inputs, targets: ['yes'] };
  }),
  fields: ['text', 'language'],
  notes: [{ code: 'duplicate-row', message: 'Line 3 is the same as line 2.', lines: [3] }],
  importedAt,
});

export const headOfRun = (id: RunId, startedAt: number): RunHead => ({
  id,
  name: `Run ${id}`,
  dataset: datasetId({ name: 'one' }),
  startedAt,
  simulated: true,
});

/** A write that says where it goes by its first entry; without entries, at the start of a journal. */
export const writeOf = (
  entries: readonly JournalEntry[],
  answers: readonly StoredAnswer[] = [],
  rest: Partial<JournalWrite> = {},
): JournalWrite => ({ next: entries[0]?.seq ?? 0, entries, answers, sent: [], settled: [], ...rest });

export const attemptOf = (id: string): Attempt => ({
  id,
  call: callKey('test', { id }),
  role: 'evaluation',
  reserved: { inputTokens: 100, outputTokens: 8 },
});

/** `count` entries from this sequence number on; number 0 is the start of a run. */
export const entriesOf = (run: RunId, first: number, count: number): readonly JournalEntry[] =>
  Array.from({ length: count }, (_, index) => ({
    seq: first + index,
    at: 1_700_000_000_000 + first + index,
    event: first + index === 0 ? started(run) : evaluated(first + index),
  }));

const started = (id: RunId): RunEvent => ({
  type: 'run-started',
  version: 1,
  spec: {
    id,
    name: 'A run',
    seed: 7,
    dataset: { id: datasetId({ name: 'one' }), name: 'one' },
    split: { train: [], validation: [], test: [] },
    task: {
      description: 'Say yes.',
      template: { messages: [{ role: 'user', content: '{{>prompt}} {{text}}' }] },
      answer: { type: 'text' },
      metric: 'exact-match',
      maxAnswerTokens: 8,
    },
    models: { evaluation: { provider: 'simulated', values: {} }, generator: { provider: 'simulated', values: {} } },
    optimizer: { id: 'test', values: {}, version: 1 },
    prompts: ['Answer.'],
    budget: { calls: 100 },
    concurrency: 4,
    simulated: true,
  },
});

const evaluated = (seq: number): RunEvent => ({
  type: 'example-evaluated',
  candidate: candidateId('Answer.'),
  example: exampleId({ inputs: { text: String(seq) }, targets: ['yes'] }),
  split: 'train',
  result: {
    type: 'answered',
    outcome: 'right',
    answer: 'yes',
    crossEntropy: { type: 'scored', value: 0.25, bound: 'exact' },
    usage: { inputTokens: 12, outputTokens: 1 },
    latencyMs: 80,
    attempts: 1,
    call: callKey('test', { seq }),
  },
});

/** One of everything, as a golden database holds it; what reading it must give back. */
export const golden = {
  run: runId(Date.UTC(2026, 0, 2), 1),
  call: callKey('golden', { text: 'paid for' }),
  completion: completionOf('\ud800 paid for \0'),
  dataset: datasetOf('one', 3, 1_700_000_000_000),
  attempt: attemptOf('under way'),
  setting: { theme: 'dark' },
};

export async function fillGolden({ journal, library, settings }: Storage): Promise<void> {
  const { run, call, completion, dataset, setting } = golden;
  await library.putDataset(dataset);
  await library.putRun(headOfRun(run, 1_700_000_000_000));
  await journal.append(run, writeOf(entriesOf(run, 0, 3), [{ call, completion }]));
  await journal.append(run, writeOf(entriesOf(run, 3, 2), [], { sent: [golden.attempt] }));
  await settings.set('look', setting);
}
