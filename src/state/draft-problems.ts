import type { Budget } from '#core/budget.ts';
import { trainRows } from '#core/example.ts';
import { checkValues } from '#core/fields.ts';
import { fieldsOf, templateProblems } from '#core/prompt.ts';
import { firstCallProblems } from '#engine/first-call.ts';
import { unboundedProblems } from '#engine/unbounded.ts';
import type { RunDraft } from './run-draft.svelte.ts';

/** The part of the page where something can be mended. */
export type Place = 'data' | 'task' | 'prompts' | 'evaluation' | 'generator' | 'optimizer' | 'budget';
export type Problem = { readonly place: Place; readonly text: string };

/** Bounds of the plain numbers of a draft, for the check here and for the controls on screen. */
export const bounds = {
  seed: { min: 0, max: 999_999_999 },
  maxAnswerTokens: { min: 1, max: 32_000 },
  estimateSamples: { min: 0, max: 20 },
  calls: { min: 1, max: 1_000_000 },
  tokens: { min: 100, max: 10_000_000_000 },
  costUsd: { min: 0.01, max: 10_000 },
  minutes: { min: 1, max: 100_000 },
  rounds: { min: 1, max: 1000 },
  concurrency: { min: 1, max: 64 },
} as const;

type Range = { readonly min: number; readonly max: number };
const isWhole = (value: number, { min, max }: Range): boolean =>
  Number.isInteger(value) && value >= min && value <= max;
const inWords = ({ min, max }: Range): string => `from ${min.toLocaleString('en')} to ${max.toLocaleString('en')}`;

/** What keeps a draft from starting, in the order of the page, each with the way out. */
export function findProblems(draft: RunDraft): readonly Problem[] {
  const at = (place: Place, texts: readonly string[]): readonly Problem[] => texts.map((text) => ({ place, text }));
  const data = dataProblems(draft);
  const budget = budgetProblems(draft);
  const options = checkValues(draft.optimizer.fields, draft.optimizerValues).problems;
  const task = taskProblems(draft);
  const prompts = promptProblems(draft);
  // what cannot be filled in cannot be measured
  const first = data.length + budget.length + task.length + prompts.length > 0 ? [] : firstProblems(draft);
  // a budget that does not hold one call holds no plan either: the nearer reason is enough
  const planned = data.length + budget.length + options.length + first.length > 0 ? [] : draft.forecast.problems;
  return [
    ...at('data', data),
    ...at('task', task),
    ...at('prompts', prompts),
    ...draft.models.roles.flatMap((role) =>
      at(
        role,
        draft.models
          .problemsOf(role)
          .map((text) => `${role === 'evaluation' ? 'Evaluation model' : 'Generator model'}: ${text}`),
      ),
    ),
    ...at('optimizer', options),
    ...at('budget', [...budget, ...planned, ...first]),
  ];
}

function dataProblems({ sizes, parts, usableRows: rows, seed }: RunDraft): readonly string[] {
  const { train, validation, test } = sizes;
  if (![train, validation, test].every((size) => Number.isInteger(size) && size >= 0))
    return ['Each part of the data needs a whole number of rows.'];
  return [
    ...(train < 1 ? ['The training part needs at least one row.'] : []),
    ...(train >= 1 && parts.train < 1 && train + validation + test <= rows
      ? [
          'No row is left for the training part: rows that ask the same stay in one part. Import the data with other input columns, or ask for fewer rows in the other parts.',
        ]
      : []),
    ...(train + validation + test > rows
      ? [`The three parts ask for ${train + validation + test} rows; the data set has ${rows}.`]
      : []),
    ...(isWhole(seed, bounds.seed) ? [] : [`The seed must be a whole number ${inWords(bounds.seed)}.`]),
  ];
}

function taskProblems({ task, fields, dataset }: RunDraft): readonly string[] {
  const { answer, template } = task;
  return [
    ...(answer.type === 'label' && answer.labels.length < 2 ? ['Name at least two labels.'] : []),
    ...(answer.type === 'letter' && !dataset.examples.every(({ choices }) => choices)
      ? ['An answer by letter needs options in every row; this data has none. Choose another kind of answer.']
      : []),
    ...(isWhole(task.maxAnswerTokens, bounds.maxAnswerTokens)
      ? []
      : [`Longest answer: a whole number of tokens ${inWords(bounds.maxAnswerTokens)} is wanted.`]),
    ...(isWhole(task.estimateSamples ?? 0, bounds.estimateSamples)
      ? []
      : [`Further answers per row: between 0 and ${bounds.estimateSamples.max}.`]),
    ...templateProblems(template, fields),
  ];
}

function promptProblems({ prompts, fields }: RunDraft): readonly string[] {
  return prompts.flatMap((prompt, index) =>
    unknownFields(prompt, fields).map(
      (name) => `Starting prompt ${index + 1} names “${name}”, which is no field of the data.`,
    ),
  );
}

/** Fields that a text names and the data does not have. */
export const unknownFields = (text: string, known: readonly string[]): readonly string[] =>
  fieldsOf(text).filter((name) => !known.includes(name));

/** A limit in money needs prices, or it would be none. */
export const needsPrices =
  'A limit in dollars needs the prices of the models: give them under Models, or empty the limit.';

/** What is wrong with the ceilings of a run. `priced`: the prices of both models are known. */
export function limitProblems({ calls, tokens, costUsd, minutes, rounds }: Budget, priced: boolean): readonly string[] {
  const whole = (label: string, value: number | undefined, range: Range): readonly string[] =>
    value === undefined || isWhole(value, range)
      ? []
      : [`${label}: a whole number ${inWords(range)} is wanted, or nothing.`];
  return [
    ...(isWhole(calls, bounds.calls) ? [] : [`Calls at most: a whole number ${inWords(bounds.calls)} is wanted.`]),
    ...whole('Tokens at most', tokens, bounds.tokens),
    ...(costUsd === undefined || (costUsd >= bounds.costUsd.min && costUsd <= bounds.costUsd.max)
      ? []
      : [`Dollars at most: a number ${inWords(bounds.costUsd)} is wanted, or nothing.`]),
    ...(costUsd !== undefined && !priced ? [needsPrices] : []),
    ...whole('Minutes at most', minutes, bounds.minutes),
    ...whole('Rounds at most', rounds, bounds.rounds),
  ];
}

function budgetProblems(draft: RunDraft): readonly string[] {
  const priced = draft.models.evaluation.price !== undefined && draft.models.of('generator').price !== undefined;
  return [
    ...limitProblems(draft.budget, priced),
    ...unboundedProblems(
      draft.budget,
      { evaluation: draft.models.evaluation, generator: draft.models.of('generator') },
      { evaluation: draft.models.capabilitiesOf('evaluation'), generator: draft.models.capabilitiesOf('generator') },
    ),
    ...(isWhole(draft.concurrency, bounds.concurrency)
      ? []
      : [`Calls at the same time: between ${bounds.concurrency.min} and ${bounds.concurrency.max}.`]),
  ];
}

function firstProblems({ budget, task, startingPrompts, models, split, dataset }: RunDraft): readonly string[] {
  if (budget.tokens === undefined && budget.costUsd === undefined) return [];
  return firstCallProblems(
    { budget, task, prompts: startingPrompts, models: { evaluation: models.evaluation } },
    trainRows(dataset, split),
  );
}
