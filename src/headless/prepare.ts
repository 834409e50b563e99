import { basename } from 'node:path';
import type { Budget, Price } from '#core/budget.ts';
import { findDemonstrations } from '#core/demonstrations.ts';
import { trainRows, type Dataset, type SplitIds } from '#core/example.ts';
import { fieldProblem, type Field, type FieldValue } from '#core/fields.ts';
import { runId } from '#core/id.ts';
import type { Mapping, Table } from '#core/import.ts';
import { choicesField, fieldsOf, templateProblems, type PromptTemplate } from '#core/prompt.ts';
import type { ModelChoice, RunSpec } from '#core/run.ts';
import { defaultSizes, distinctExamples, splitExamples } from '#core/split.ts';
import { guessTask } from '#core/task-guess.ts';
import type { TaskSpec } from '#core/task.ts';
import { readPrompts } from '#exporters/best-prompts.ts';
import { applyMapping, guessMapping } from '#importers/mapping.ts';
import { readFile } from '#importers/index.ts';
import { optimizerOf, optimizers } from '#optimizers/index.ts';
import { makeStartingPrompts } from '#optimizers/starting-prompts.ts';
import { metricOf, metrics } from '#metrics/index.ts';
import { trialOf } from '#state/trial.ts';
import { UsageError, type Given } from './arguments.ts';
import { dataWords } from './data-words.ts';
import { readBytes, readText } from './files.ts';
import { mappingProblem, templateFileProblem } from './template-file.ts';
import type { SecretsOf } from '../compose.ts';

type TemplateFile = Partial<Omit<TaskSpec, 'template'>> & {
  readonly messages?: PromptTemplate['messages'];
  readonly mapping?: Partial<Mapping>;
};

/** `notes`: what the data was taken for, in lines. */
type Prepared = { readonly dataset: Dataset; readonly spec: RunSpec; readonly notes: readonly string[] };

/** Files and arguments → a run that can begin. @throws UsageError, or the same AppErrors as the app. */
export async function prepare(given: Given, now: number): Promise<Prepared> {
  const template = given.template === undefined ? {} : await readTemplate(given.template);
  const { dataset, mapping } = await readDataset(given.data, template.mapping, now);
  const task: TaskSpec = { ...taskOf(template, dataset), ...(given.reading ? { reading: given.reading } : {}) };
  const split = splitOf(dataset, given);
  const starts = await startingPrompts(given.prompts, task, dataset, split);
  const models = modelsOf(given);
  const spec: RunSpec = {
    id: runId(now, given.seed),
    name: given.name ?? `${dataset.name}, seed ${given.seed}`,
    seed: given.seed,
    dataset: { id: dataset.id, name: dataset.name },
    split,
    task,
    models,
    optimizer: await optimizerChoice(given),
    ...starts,
    budget: budgetOf(given, models),
    concurrency: given.concurrency,
    simulated: models.evaluation.provider === 'simulated' || models.generator.provider === 'simulated',
  };
  return { dataset, spec: given.trial ? trialOf(spec) : spec, notes: dataWords(dataset, mapping, task) };
}

/** The ceilings that were given. @throws UsageError for a limit in dollars without prices: it would be none. */
function budgetOf({ budget }: Given, { evaluation, generator }: RunSpec['models']): Budget {
  const unknown = evaluation.price ? (generator.price ? undefined : '--generator-price') : '--price';
  if (budget.costUsd !== undefined && unknown !== undefined)
    throw new UsageError(`--cost: give ${unknown} IN/OUT as well, in US dollars for a million tokens.`);
  const { calls, ...rest } = budget;
  return { calls, ...Object.fromEntries(Object.entries(rest).filter(([, limit]) => limit !== undefined)) };
}

async function readDataset(
  path: string,
  given: Partial<Mapping> | undefined,
  now: number,
): Promise<{ readonly dataset: Dataset; readonly mapping: Mapping }> {
  const name = basename(path);
  const table = await readFile(
    { name, blob: new Blob([await readBytes(path, 'data')]) },
    {},
    () => undefined,
    new AbortController().signal,
  );
  const problem = given && mappingProblem(given, table.columns);
  if (problem !== undefined) throw new UsageError(`--template: ${problem}`);
  const mapping = mappingOf(table, given);
  return { dataset: applyMapping(table, mapping, name.replace(/\.[^.]*$/, ''), now), mapping };
}

/** What was given, and a guess at the rest. Another answer than the guessed one is nothing to be read, and may have another form. */
function mappingOf(table: Table, given: Partial<Mapping> = {}): Mapping {
  const { inputs, target, choices, ...form } = guessMapping(table);
  const isGuessed = given.target === undefined || String(given.target) === String(target);
  return {
    inputs: inputs.filter((name) => !given.target?.includes(name)),
    target,
    ...(choices ? { choices } : {}),
    ...(isGuessed ? form : {}),
    ...given,
  };
}

async function readTemplate(path: string): Promise<TemplateFile> {
  const text = await readText(path, 'template');
  if (!path.endsWith('.json')) return { messages: [{ role: 'user', content: text.replace(/\s+$/, '') }] };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`--template: ${path} is not valid JSON (${error instanceof Error ? error.message : ''}).`);
  }
  const problem = templateFileProblem(value);
  if (problem !== undefined) throw new UsageError(`--template: ${path}: ${problem}`);
  return value as TemplateFile;
}

const knownFields = (dataset: Dataset): readonly string[] => [
  ...dataset.fields,
  ...(dataset.examples.some(({ choices }) => choices) ? [choicesField] : []),
];

function taskOf({ messages, mapping: _, ...given }: TemplateFile, dataset: Dataset): TaskSpec {
  const task: TaskSpec = { ...guessTask(dataset, given), ...given, ...(messages ? { template: { messages } } : {}) };
  const problems = templateProblems(task.template, knownFields(dataset));
  if (problems.length > 0) throw new UsageError(`--template: ${problems.join(' ')}`);
  if (metricOf(task.metric)?.kind !== 'right-or-wrong')
    throw new UsageError(
      `--template: the metric “${task.metric}” is unknown. Known: ${Object.values(metrics)
        .filter(({ kind }) => kind === 'right-or-wrong')
        .map(({ id }) => id)
        .join(', ')}.`,
    );
  return task;
}

/** From the file, or made of the task where there is none. */
async function startingPrompts(
  path: string | undefined,
  task: TaskSpec,
  dataset: Dataset,
  split: SplitIds,
): Promise<Pick<RunSpec, 'prompts' | 'madePrompts' | 'promptDemos'>> {
  if (path !== undefined) {
    const prompts = await readStartingPrompts(path, knownFields(dataset));
    const promptDemos = findDemonstrations(prompts, dataset.examples, task.template);
    return { prompts, ...(promptDemos.length > 0 ? { promptDemos } : {}) };
  }
  const madePrompts = makeStartingPrompts(task, trainRows(dataset, split), guessTask(dataset, task).description);
  return { prompts: madePrompts, madePrompts };
}

async function readStartingPrompts(path: string, known: readonly string[]): Promise<readonly string[]> {
  const text = await readText(path, 'prompts');
  const prompts = path.endsWith('.json') ? readPrompts(text, basename(path)) : text.split(/^---+\s*$/m);
  const kept = prompts.map((prompt) => prompt.trim()).filter((prompt) => prompt !== '');
  if (kept.length === 0) throw new UsageError(`--prompts: ${path} holds no prompt.`);
  const unknown = kept.flatMap(fieldsOf).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UsageError(
      `--prompts: a prompt names {{${unknown}}}, which the data does not have. Fields of the data: ${known.join(', ')}.`,
    );
  return kept;
}

function splitOf(dataset: Dataset, { sizes, seed, data }: Given): SplitIds {
  const rows = distinctExamples(dataset.examples).length;
  const guessed = defaultSizes(rows);
  const wanted = {
    train: sizes.train ?? guessed.train,
    validation: sizes.validation ?? guessed.validation,
    test: sizes.test ?? guessed.test,
  };
  const total = wanted.train + wanted.validation + wanted.test;
  if (total > rows) {
    const repeats = dataset.examples.length - rows;
    throw new UsageError(
      `--train ${wanted.train}, --validation ${wanted.validation} and --test ${wanted.test} ask for ${total} rows; ${data} has ${rows} usable ones${repeats > 0 ? `, and ${repeats} that only repeat others` : ''}.`,
    );
  }
  return splitExamples(dataset.examples, { seed, ...wanted });
}

function modelsOf(given: Given): RunSpec['models'] {
  const { evaluation, generator } = choicesOf(given);
  const own = given.generatorModel !== undefined || given.generatorBaseUrl !== undefined;
  const prices = {
    evaluation: given.prices.evaluation,
    generator: given.prices.generator ?? (own ? undefined : given.prices.evaluation),
  };
  return { evaluation: priced(evaluation, prices.evaluation), generator: priced(generator, prices.generator) };
}

const priced = (choice: ModelChoice, price: Price | undefined): ModelChoice => (price ? { ...choice, price } : choice);

function choicesOf(given: Given): RunSpec['models'] {
  const { baseUrl, model } = given;
  if (baseUrl === undefined) {
    const simulated: ModelChoice = { provider: 'simulated', values: {} };
    return { evaluation: simulated, generator: simulated };
  }
  const choice = (url: string, name: string | undefined): ModelChoice => ({
    provider: 'openai-compatible',
    values: {
      baseUrl: url,
      model: name ?? '',
      ...(given.timeoutSeconds === undefined ? {} : { timeoutSeconds: given.timeoutSeconds }),
    },
  });
  return {
    evaluation: choice(baseUrl, model),
    generator: choice(given.generatorBaseUrl ?? baseUrl, given.generatorModel ?? model),
  };
}

/** The key of each endpoint, from the environment: a command line is seen by every process of the machine. */
export function secretsFromEnvironment({ baseUrl, generatorBaseUrl }: Given): SecretsOf {
  const key = process.env['APG_API_KEY'] ?? '';
  return ({ values }) => {
    const ownKey =
      generatorBaseUrl !== undefined && generatorBaseUrl !== baseUrl && values['baseUrl'] === generatorBaseUrl;
    return { apiKey: ownKey ? (process.env['APG_GENERATOR_API_KEY'] ?? '') : key };
  };
}

async function optimizerChoice({ optimizer: id, set, metaPrompt }: Given): Promise<RunSpec['optimizer']> {
  const optimizer = optimizerOf(id);
  if (!optimizer)
    throw new UsageError(`--optimizer: “${id}” is unknown. Known: ${Object.keys(optimizers).join(', ')}.`);
  const values: Record<string, FieldValue> = {};
  for (const pair of set) {
    const [name = '', ...rest] = pair.split('=');
    const field = Object.hasOwn(optimizer.fields, name) ? optimizer.fields[name] : undefined;
    if (!field || rest.length === 0)
      throw new UsageError(`--set ${pair}: NAME=VALUE is wanted. Names: ${Object.keys(optimizer.fields).join(', ')}.`);
    const value = valueOf(field, rest.join('='));
    const problem = fieldProblem(field, value);
    if (problem !== undefined) throw new UsageError(`--set ${pair}: ${problem}`);
    values[name] = value;
  }
  if (metaPrompt !== undefined) {
    if (!Object.hasOwn(optimizer.fields, 'metaPrompt'))
      throw new UsageError(`--meta-prompt: “${optimizer.label}” has no meta prompt.`);
    values['metaPrompt'] = await readText(metaPrompt, 'meta-prompt');
  }
  return { id, version: optimizer.version, values };
}

/** A word of the command line as a value of this field; what is no such value is left for the field to refuse. */
function valueOf(field: Field, word: string): FieldValue {
  if (field.type === 'number') return word.trim() === '' ? NaN : Number(word);
  if (field.type === 'flag' && (word === 'true' || word === 'false')) return word === 'true';
  return word;
}
