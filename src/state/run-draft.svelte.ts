import type { Price } from '#core/budget.ts';
import type { Dataset, SplitIds } from '#core/example.ts';
import { checkValues, defaultsOf, type FieldValue } from '#core/fields.ts';
import { runId } from '#core/id.ts';
import type { Optimizer, Plan } from '#core/optimizer.ts';
import { choicesField, templateProblems } from '#core/prompt.ts';
import type { ModelChoice, ModelRole, RunSpec } from '#core/run.ts';
import { defaultSizes, splitExamples, type SplitSizes } from '#core/split.ts';
import { guessTask } from '#core/task-guess.ts';
import type { TaskSpec } from '#core/task.ts';
import { optimizerOf, optimizers } from '#optimizers/index.ts';
import { providerOf, providers } from '#providers/index.ts';

/** A model as a form holds it: secrets are still among the values. */
export type ModelDraft = { provider: string; values: Record<string, FieldValue>; price?: Price };

/** What a new run may be opened with. */
export type DraftStart = {
  readonly prompts?: readonly string[];
  readonly task?: Partial<TaskSpec>;
  readonly models?: Partial<Record<ModelRole, ModelChoice>>;
  readonly sizes?: SplitSizes;
};

export const simulatedModel = (latencyMs = 0): ModelDraft => ({
  provider: 'simulated',
  values: { ...defaultsOf(providers.simulated.fields), latencyMs },
});

const draftOf = ({ provider, values, price }: ModelChoice): ModelDraft => ({
  provider,
  values: { ...defaultsOf(providerOf(provider)?.fields ?? {}), ...values },
  ...(price ? { price } : {}),
});

/** A run that is being set up. Everything but the choices themselves follows from them. */
export class RunDraft {
  readonly dataset: Dataset;
  name = $state('');
  seed = $state(1);
  sizes = $state.raw<SplitSizes>({ train: 0, validation: 0, test: 0 });
  task = $state.raw<TaskSpec>() as TaskSpec;
  prompts = $state<string[]>(['']);
  evaluation = $state.raw<ModelDraft>(simulatedModel());
  generator = $state.raw<ModelDraft>(simulatedModel());
  /** Generator and evaluation model are the same. */
  same = $state(true);
  optimizerId = $state<string>('contrastive');
  optimizerValues = $state.raw<Readonly<Record<string, FieldValue>>>(defaultsOf(optimizers.contrastive.fields));
  calls = $state(1000);
  costUsd = $state<number>();
  concurrency = $state(4);

  constructor(dataset: Dataset, seed: number, start: DraftStart = {}) {
    this.dataset = dataset;
    this.seed = seed;
    this.name = dataset.name;
    this.sizes = start.sizes ?? defaultSizes(dataset.examples.length);
    this.task = { ...guessTask(dataset), ...start.task };
    if (start.prompts && start.prompts.length > 0) this.prompts = [...start.prompts];
    if (start.models?.evaluation) this.evaluation = draftOf(start.models.evaluation);
    if (start.models?.generator) this.generator = draftOf(start.models.generator);
    this.same = JSON.stringify(this.evaluation) === JSON.stringify(this.generator);
  }

  get optimizer(): Optimizer {
    return optimizerOf(this.optimizerId) ?? (optimizers.contrastive as Optimizer);
  }

  /** Names that a template may use. */
  get fields(): readonly string[] {
    const choices = this.dataset.examples.some((example) => example.choices);
    return [...this.dataset.fields, ...(choices ? [choicesField] : [])];
  }

  get startingPrompts(): readonly string[] {
    return [...new Set(this.prompts.map((prompt) => prompt.trim()).filter((prompt) => prompt !== ''))];
  }

  get split(): SplitIds {
    return splitExamples(this.dataset.examples, { seed: this.seed, ...this.sizes });
  }

  get simulated(): boolean {
    return this.#models().some(({ provider }) => providerOf(provider)?.simulated ?? false);
  }

  get plan(): Plan {
    const { train, validation, test } = this.sizes;
    const { values } = checkValues(this.optimizer.fields, this.optimizerValues);
    return this.optimizer.plan(
      values,
      { train, validation, seeds: Math.max(1, this.startingPrompts.length) },
      this.calls - 2 * test,
    );
  }

  /** All calls of the plan, the comparison on the test rows included. */
  get plannedCalls(): number {
    return this.plan.evaluationCalls + this.plan.generatorCalls + 2 * this.sizes.test;
  }

  /** What keeps the run from starting, each with the way out. */
  get problems(): readonly string[] {
    const { train, validation, test } = this.sizes;
    const rows = this.dataset.examples.length;
    return [
      ...(this.startingPrompts.length === 0 ? ['Write at least one starting prompt: a poor one will do.'] : []),
      ...(train < 1 ? ['The train part needs at least one row.'] : []),
      ...(train + validation + test > rows
        ? [`The three parts ask for ${train + validation + test} rows; the data set has ${rows}.`]
        : []),
      ...templateProblems(this.task.template, this.fields),
      ...this.modelProblems('evaluation').map((problem) => `Evaluation model: ${problem}`),
      ...(this.same ? [] : this.modelProblems('generator').map((problem) => `Generator model: ${problem}`)),
      ...checkValues(this.optimizer.fields, this.optimizerValues).problems,
      ...(train < 1 ? [] : this.plan.problems),
    ];
  }

  modelProblems(role: ModelRole): readonly string[] {
    const { provider, values } = role === 'evaluation' ? this.evaluation : this.generator;
    const known = providerOf(provider);
    return known
      ? checkValues(known.fields, values).problems
      : [`The provider “${provider}” is not part of this version.`];
  }

  /** The frozen spec. `withoutSecrets` takes the keys out of a model's values and keeps them in memory. */
  toSpec(now: number, withoutSecrets: (choice: ModelChoice) => ModelChoice): RunSpec {
    const evaluation = withoutSecrets(plain(this.evaluation));
    const generator = this.same ? evaluation : withoutSecrets(plain(this.generator));
    return {
      id: runId(now, this.seed),
      name: this.name.trim() || this.dataset.name,
      seed: this.seed,
      dataset: { id: this.dataset.id, name: this.dataset.name },
      split: this.split,
      task: this.task,
      models: { evaluation, generator },
      optimizer: { id: this.optimizer.id, version: this.optimizer.version, values: { ...this.optimizerValues } },
      prompts: this.startingPrompts,
      budget: { calls: this.calls, ...(this.costUsd === undefined ? {} : { costUsd: this.costUsd }) },
      concurrency: this.concurrency,
      simulated: this.simulated,
    };
  }

  #models(): readonly ModelDraft[] {
    return this.same ? [this.evaluation] : [this.evaluation, this.generator];
  }
}

/** A copy without reactive proxies, fit for another thread. */
const plain = ({ provider, values, price }: ModelDraft): ModelChoice => ({
  provider,
  values: { ...values },
  ...(price ? { price } : {}),
});
