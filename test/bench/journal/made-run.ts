import { callKey, candidateId, datasetId, exampleId, runId } from '#core/id.ts';
import type { JournalEntry, RunEvent } from '#core/run.ts';

/** A run as long as wanted: prompts that are asked about 2,000 rows each, ten labels, latencies and entropies that differ. */

export const benchRun = runId(Date.UTC(2026, 0, 2), 1);
const rows = Array.from({ length: 2000 }, (_, row) => exampleId({ inputs: { row: String(row) }, targets: ['a'] }));
const labels = [
  'billing',
  'delivery',
  'returns',
  'account',
  'praise',
  'complaint',
  'question',
  'spam',
  'press',
  'other',
];
/** A hash a row would take longer than what is measured: the last digits of one hash are counted on. */
const call = callKey('bench', {});
const promptOf = (order: number): string => `Prompt number ${order}`;

export function* entriesFrom(first: number, end: number): Generator<JournalEntry> {
  for (let seq = first; seq < end; seq++) yield { seq, at: 1_760_000_000_000 + seq * 20, event: eventOf(seq) };
}

function eventOf(seq: number): RunEvent {
  if (seq === 0) return started;
  const order = Math.floor(seq / 2001);
  const prompt = promptOf(order);
  const candidate = candidates.get(order) ?? candidateId(prompt);
  candidates.set(order, candidate);
  if (seq % 2001 === 0)
    return {
      type: 'search',
      step: seq,
      fact: {
        type: 'candidate-proposed',
        candidate: { id: candidate, prompt, origin: { type: 'start' } },
        round: order,
      },
    };
  const label = labels[(seq * 7919) % labels.length] ?? '';
  return {
    type: 'example-evaluated',
    candidate,
    example: rows[(seq % 2001) - 1] as (typeof rows)[number],
    split: seq % 3 === 0 ? 'validation' : 'train',
    result: {
      type: 'answered',
      outcome: seq % 4 === 0 ? 'wrong' : 'right',
      answer: label,
      read: label,
      crossEntropy: { type: 'scored', value: ((seq * 104_729) % 10_007) / 1000, bound: 'exact' },
      usage: { inputTokens: 200 + (seq % 97), outputTokens: 1 + (seq % 5) },
      latencyMs: 200 + ((seq * 31) % 900) + (seq % 7) / 10,
      attempts: 1,
      call: `${call.slice(0, 48)}${seq.toString(16).padStart(16, '0')}` as typeof call,
    },
  };
}

const candidates = new Map<number, ReturnType<typeof candidateId>>([[0, candidateId(promptOf(0))]]);

const started: RunEvent = {
  type: 'run-started',
  version: 1,
  spec: {
    id: benchRun,
    name: 'A long run',
    seed: 1,
    dataset: { id: datasetId({ name: 'bench' }), name: 'bench' },
    split: { train: rows, validation: [], test: [] },
    task: {
      description: '',
      template: { messages: [{ role: 'user', content: '{{>prompt}} {{text}}' }] },
      answer: { type: 'text' },
      metric: 'exact-match',
      maxAnswerTokens: 8,
    },
    models: { evaluation: { provider: 'simulated', values: {} }, generator: { provider: 'simulated', values: {} } },
    optimizer: { id: 'bench', values: {}, version: 1 },
    prompts: [promptOf(0)],
    budget: { calls: 2_000_000 },
    concurrency: 4,
    simulated: true,
  },
};
