import { exampleId, runId, type DatasetId } from '#core/id.ts';
import type { Dataset, Example } from '#core/example.ts';
import type { RunSpec } from '#core/run.ts';
import type { TaskSpec } from '#core/task.ts';
import { contrastive } from '#optimizers/contrastive.ts';

const colours = ['red', 'green', 'blue', 'amber', 'violet'];
const things = ['parcel', 'kettle', 'lantern', 'ladder', 'carpet', 'mirror', 'bucket', 'basket', 'garden', 'window'];
const labels = ['praise', 'complaint', 'question'] as const;
const openings = {
  praise: 'I am very happy with the',
  complaint: 'Nothing works with the',
  question: 'Could you tell me how to clean the',
} as const;

/** A small labelled set of made-up messages: every row different, three labels in turn. */
export function makeDataset(rows: number): Dataset {
  const examples: Example[] = Array.from({ length: rows }, (_, index) => {
    const label = labels[index % labels.length] as (typeof labels)[number];
    const text = `${openings[label]} ${colours[index % colours.length] ?? ''} ${things[index % things.length] ?? ''} from order ${1000 + index}.`;
    const content = { inputs: { text }, targets: [label] };
    return { id: exampleId(content), ...content };
  });
  return {
    id: `set-${rows}` as DatasetId,
    name: 'Messages',
    source: 'made',
    examples,
    fields: ['text'],
    notes: [],
    importedAt: 0,
  };
}

export const task: TaskSpec = {
  description: 'Say whether a message of a customer is praise, a complaint or a question.',
  template: { messages: [{ role: 'user', content: '{{>prompt}}\n\n{{text}}' }] },
  answer: { type: 'label', labels },
  metric: 'label',
  maxAnswerTokens: 12,
};

export const startingPrompts = [
  'What is this message about?',
  'Read this and react to it.',
  'Nine umbrellas argue with the moon about soup.',
  'xq zz 41 blorp under ladder seven',
];

/** A run of the contrastive optimizer on the simulated model. */
export function makeSpec(
  dataset: Dataset,
  over: Partial<RunSpec> & { readonly values?: RunSpec['optimizer']['values'] } = {},
): RunSpec {
  const { values, ...rest } = over;
  const ids = dataset.examples.map(({ id }) => id);
  const third = Math.floor(ids.length / 3);
  const seed = rest.seed ?? 1;
  return {
    id: runId(0, seed),
    name: 'Test run',
    seed,
    dataset: { id: dataset.id, name: dataset.name },
    split: { train: ids.slice(0, third), validation: ids.slice(third, 2 * third), test: ids.slice(2 * third) },
    task,
    models: { evaluation: { provider: 'simulated', values: {} }, generator: { provider: 'simulated', values: {} } },
    optimizer: { id: contrastive.id, version: contrastive.version, values: { rounds: 3, proposals: 2, ...values } },
    prompts: startingPrompts,
    budget: { calls: 100_000 },
    concurrency: 1,
    simulated: true,
    ...rest,
  };
}
