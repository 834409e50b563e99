import { addUsage } from '#core/budget.ts';
import type { ExampleResult, Outcome } from '#core/evaluation.ts';
import type { Dataset, Example, Split } from '#core/example.ts';
import { candidateId, datasetId, exampleId, runId, type CallKey, type ExampleId } from '#core/id.ts';
import type { SearchFact, TextName, TextPurpose } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import type { RunReport } from '#core/report.ts';
import type { JournalEntry, RunBundle, RunEvent, RunSpec } from '#core/run.ts';
import { reportOf } from '#engine/report.ts';
import { foldEntries } from '#engine/run-state.ts';
import { contrastive } from '#optimizers/contrastive.ts';

/** A small run written by hand, entry by entry, so that a test can say exactly what stands in it. */

const example = (index: number): Example => {
  const content = { inputs: { text: `Message number ${index}` }, targets: [index % 2 === 0 ? 'yes' : 'no'] };
  return { id: exampleId(content), ...content };
};

export const handMadeDataset = (rows = 30): Dataset => {
  const examples = Array.from({ length: rows }, (_, index) => example(index));
  return {
    id: datasetId({ rows }),
    name: 'Yes or no',
    source: 'yes-no.csv',
    examples,
    fields: ['text'],
    notes: [],
    importedAt: 1,
  };
};

export const start = (prompt: string): Candidate => ({ id: candidateId(prompt), prompt, origin: { type: 'start' } });
export const proposal = (prompt: string, round: number, parents: readonly Candidate[]): Candidate => ({
  id: candidateId(prompt),
  prompt,
  origin: { type: 'proposal', round, parents: parents.map(({ id }) => id) },
});

export class HandMadeRun {
  readonly dataset: Dataset;
  readonly spec: RunSpec;
  readonly entries: JournalEntry[] = [];
  readonly #texts: TextName[] = [];
  #at = 1_700_000_000_000;

  constructor(prompts: readonly string[], over: Partial<RunSpec> = {}, dataset = handMadeDataset()) {
    this.dataset = dataset;
    const ids = this.dataset.examples.map(({ id }) => id);
    this.spec = {
      id: runId(0, 7),
      name: 'Yes or no, by hand',
      seed: 7,
      dataset: { id: this.dataset.id, name: this.dataset.name },
      split: { train: ids.slice(0, 10), validation: ids.slice(10, 18), test: ids.slice(18) },
      task: {
        description: 'Say yes or no.',
        template: { messages: [{ role: 'user', content: '{{>prompt}}\n\n{{text}}' }] },
        answer: { type: 'label', labels: ['yes', 'no'] },
        metric: 'label',
        maxAnswerTokens: 8,
      },
      models: { evaluation: { provider: 'simulated', values: {} }, generator: { provider: 'simulated', values: {} } },
      optimizer: { id: contrastive.id, version: contrastive.version, values: { rounds: 2, proposals: 2 } },
      prompts,
      budget: { calls: 500 },
      concurrency: 1,
      simulated: true,
      ...over,
    };
    this.add({ type: 'run-started', version: 1, spec: this.spec });
  }

  add(event: RunEvent, afterMs = 1000): this {
    this.#at += afterMs;
    this.entries.push({ seq: this.entries.length, at: this.#at, event });
    return this;
  }

  fact(fact: SearchFact): this {
    return this.add({ type: 'search', step: this.entries.length, fact });
  }

  /** What came of the last text that was written as this job. */
  cameOf(job: number, fact: Extract<SearchFact, { type: 'candidate-proposed' | 'proposal-rejected' }>): this {
    const from = this.#texts.findLast((name) => name.job === job);
    return this.fact({ ...fact, ...(from ? { from } : {}) });
  }

  /** Answers for the first rows of a split: `right` of them right, the rest ending as said. */
  answers(
    { id }: Candidate,
    split: Split,
    right: number,
    rows = this.spec.split[split].length,
    rest: Outcome = 'wrong',
  ): this {
    for (const [index, row] of this.spec.split[split].slice(0, rows).entries())
      this.add({
        type: 'example-evaluated',
        candidate: id,
        example: row,
        split,
        result: resultOf(index < right ? 'right' : rest, index),
      });
    return this;
  }

  /** An answer for each row of a split, ending as said, whose right answer is surprising by at least so many nats. */
  answersAs({ id }: Candidate, split: Split, outcome: (index: number) => Outcome, nats = 0): this {
    for (const [index, row] of this.spec.split[split].entries())
      this.add({
        type: 'example-evaluated',
        candidate: id,
        example: row,
        split,
        result: resultOf(outcome(index), index, nats),
      });
    return this;
  }

  /** One answer. `index` tells its cross entropy and its text. */
  answer({ id }: Candidate, split: Split, example: ExampleId, outcome: Outcome, index = 0): this {
    return this.add({ type: 'example-evaluated', candidate: id, example, split, result: resultOf(outcome, index) }, 40);
  }

  writes(round: number, job: number, text: string, purpose: TextPurpose = 'prompt'): this {
    const name = { step: this.entries.length, job };
    this.#texts.push(name);
    return this.add({
      type: 'text-generated',
      ...name,
      ...{ round, purpose },
      messages: [{ role: 'user', content: `Meta prompt of round ${round}` }],
      output: { text, finish: 'stop' },
      usage: { inputTokens: 100, outputTokens: 20 },
      latencyMs: 900,
      attempts: 1,
    });
  }

  get report(): RunReport {
    const report = reportOf(foldEntries(this.entries));
    if (!report) throw new Error('Bug: a run without a start');
    return report;
  }

  get bundle(): RunBundle {
    return { format: 'automated-prompt-generator/run', version: 1, dataset: this.dataset, entries: this.entries };
  }
}

function resultOf(outcome: Outcome, index: number, nats = 0): ExampleResult {
  if (outcome === 'failed') return { type: 'failed', code: 'row-too-long', message: 'Too long.', attempts: 1 };
  return {
    type: 'answered',
    outcome,
    answer: `Answer ${index} (${outcome})`,
    read: outcome === 'right' ? 'yes' : 'no',
    crossEntropy: { type: 'scored', value: nats + index / 10, bound: index === 9 ? 'at-least' : 'exact' },
    usage: addUsage({ inputTokens: 50, outputTokens: 0 }, { inputTokens: 0, outputTokens: 2 }),
    latencyMs: 250,
    attempts: 1,
    call: `call-${index}` as CallKey,
  };
}

/** A finished run of one round: one proposal is much better, the other was turned down. */
export function finishedRun(over: Partial<RunSpec> = {}): HandMadeRun {
  const [plain, poor] = [start('Say something.'), start('Umbrella soup.')];
  const good = proposal('Answer yes or no, with that word alone.', 1, [plain]);
  return new HandMadeRun([plain.prompt, poor.prompt], over)
    .answers(plain, 'train', 4)
    .answers(poor, 'train', 0, 10, 'unparsable')
    .fact({ type: 'round-started', round: 1, good: [plain.id], bad: [poor.id], examples: [example(0).id] })
    .writes(1, 0, `<prompt>${good.prompt}</prompt>`)
    .writes(1, 1, `<prompt>${plain.prompt}</prompt>`)
    .cameOf(0, { type: 'candidate-proposed', candidate: good, round: 1 })
    .cameOf(1, {
      type: 'proposal-rejected',
      round: 1,
      text: plain.prompt,
      reason: 'duplicate',
      detail: 'This prompt was there before.',
    })
    .answers(good, 'train', 9)
    .fact({ type: 'round-finished', round: 1, best: good.id, note: 'A new best prompt.' })
    .answers(good, 'validation', 7)
    .answers(plain, 'validation', 3)
    .add({
      type: 'search-ended',
      best: good.id,
      baseline: plain.id,
      reason: 'All 2 rounds are done.',
      ended: 'finished',
    })
    .answers(good, 'test', 11)
    .answers(plain, 'test', 4)
    .add({ type: 'run-ended', outcome: 'finished', reason: 'All 2 rounds are done.' });
}
