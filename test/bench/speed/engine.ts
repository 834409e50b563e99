import { systemClock } from '#lib/clock.ts';
import { createRandom } from '#lib/random.ts';
import type { Dataset } from '#core/example.ts';
import { exampleId, type DatasetId, type RunId } from '#core/id.ts';
import type { RunSpec } from '#core/run.ts';
import { Traffic } from '#engine/calls/traffic.ts';
import { RunSession } from '#engine/session.ts';
import { printRunBundle } from '#exporters/run-bundle.ts';
import { contrastive } from '#optimizers/contrastive.ts';
import { memoryStorage } from '#storage/index.ts';
import { createSessionTools } from '../../../src/compose.ts';

/** A set of short yes-or-no questions, all different. */
export function madeSet(rows: number): Dataset {
  const examples = Array.from({ length: rows }, (_, index) => {
    const content = { inputs: { text: `Is ${index} a number?` }, targets: ['yes'] };
    return { id: exampleId(content), ...content };
  });
  const id = `bench-${rows}` as DatasetId;
  return { id, name: 'Bench', source: 'made', examples, fields: ['text'], notes: [], importedAt: 0 };
}

export type BenchRun = {
  readonly rows: number;
  readonly prompts: readonly string[];
  readonly concurrency: number;
  readonly model: RunSpec['models']['evaluation'];
};

/** A run that evaluates these prompts on so many rows before anything else. */
export function benchRun({ rows, prompts, concurrency, model }: BenchRun): { spec: RunSpec; dataset: Dataset } {
  const dataset = madeSet(rows + 4);
  const ids = dataset.examples.map(({ id }) => id);
  const spec: RunSpec = {
    id: `bench-${rows}-${prompts.length}-${concurrency}` as RunId,
    name: 'Bench',
    seed: 1,
    dataset: { id: dataset.id, name: dataset.name },
    split: { train: ids.slice(0, rows), validation: ids.slice(rows, rows + 2), test: ids.slice(rows + 2) },
    task: {
      description: 'Say yes or no.',
      template: { messages: [{ role: 'user', content: '{{>prompt}}\n\n{{text}}' }] },
      answer: { type: 'label', labels: ['yes', 'no'] },
      metric: 'label',
      maxAnswerTokens: 4,
    },
    models: { evaluation: model, generator: model },
    optimizer: { id: contrastive.id, version: contrastive.version, values: { rounds: 1, proposals: 1 } },
    prompts,
    budget: { calls: 10 * rows * prompts.length },
    concurrency,
    simulated: model.provider === 'simulated',
  };
  return { spec, dataset };
}

/** The run as a file that the app opens: begun, and nothing done yet. */
export function benchFile(run: BenchRun): string {
  const { spec, dataset } = benchRun(run);
  return printRunBundle(dataset, [{ seq: 0, at: 0, event: { type: 'run-started', version: 1, spec } }]);
}

/**
 * Evaluates one prompt on so many rows at this address, through the whole engine (journal, ledger, limiter, client).
 * `ms`: from the first request of a row to the last result on disk.
 */
export async function evaluateRows(baseUrl: string, rows: number, concurrency: number) {
  const model = { provider: 'openai-compatible', values: { baseUrl, model: 'bench' } };
  const { spec, dataset } = benchRun({ rows, prompts: ['Answer yes or no.'], concurrency, model });
  const storage = memoryStorage();
  let resolve = (_at: number): void => undefined;
  const done = new Promise<number>((settle) => (resolve = settle));
  let began = 0;
  let right = 0;
  let answered = 0;
  const session: RunSession = new RunSession(spec.id, {
    ...createSessionTools(
      { ...storage, dataset: () => Promise.resolve(dataset) },
      () => ({}),
      new Traffic({ clock: systemClock, random: createRandom(1) }),
    ),
    seen(entries) {
      for (const { event } of entries) {
        if (event.type === 'model-probed') began = performance.now();
        if (event.type !== 'example-evaluated') continue;
        answered += 1;
        right += Number(event.result.type === 'answered' && event.result.outcome === 'right');
        if (answered === rows) resolve(performance.now());
      }
    },
  });
  await session.begin(spec);
  const cpu = process.cpuUsage();
  void session.drive();
  const ended = await done;
  session.leave();
  const used = process.cpuUsage(cpu);
  return {
    ms: ended - began,
    right,
    failedCalls: session.state.spending.failedCalls,
    cpuMs: (used.user + used.system) / 1000,
  };
}
