import { parseArgs } from 'node:util';
import type { Price } from '#core/budget.ts';
import { fieldProblem, type Field } from '#core/fields.ts';
import type { AnswerReading } from '#core/task.ts';
import { defaultOptimizer } from '#optimizers/index.ts';
import { pageProblem } from '#state/origin.ts';

/** A mistake on the command line: shown with a pointer to --help, exit code 2. */
export class UsageError extends Error {}

const addressField: Field = { type: 'url', label: 'Address', default: '' };

const text = { type: 'string' } as const;
const options = {
  data: text,
  template: text,
  prompts: text,
  train: text,
  validation: text,
  test: text,
  'base-url': text,
  model: text,
  'generator-model': text,
  'generator-base-url': text,
  timeout: text,
  concurrency: text,
  optimizer: text,
  set: { type: 'string', multiple: true },
  'meta-prompt': text,
  'budget-calls': text,
  'budget-tokens': text,
  calls: text,
  tokens: text,
  cost: text,
  minutes: text,
  rounds: text,
  price: text,
  'generator-price': text,
  trial: { type: 'boolean' },
  'read-after': text,
  'read-tag': text,
  'read-json': text,
  'read-last-line': { type: 'boolean' },
  journal: text,
  seed: text,
  json: text,
  run: text,
  name: text,
  quiet: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** What was asked for, where it was not the help. */
export type Given = Exclude<ReturnType<typeof readArguments>, { help: true }>;

/** @throws UsageError naming the argument and what was wrong with it. */
export function readArguments(words: readonly string[]) {
  let values;
  try {
    ({ values } = parseArgs({ args: [...words], options, strict: true, allowPositionals: false }));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  const wholeNumber = (name: keyof typeof values, least: number, most = Infinity): number | undefined => {
    const given = values[name];
    if (typeof given !== 'string') return undefined;
    const number = Number(given);
    if (given.trim() === '' || !Number.isSafeInteger(number) || number < least || number > most)
      throw new UsageError(
        `--${name}: a whole number ${most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`} is wanted, not “${given}”.`,
      );
    return number;
  };
  const wanted = (name: 'data' | 'model'): string => {
    const given = values[name];
    if (given === undefined || given === '') throw new UsageError(`--${name} is missing.`);
    return given;
  };
  const address = (name: 'base-url' | 'generator-base-url'): string | undefined => {
    const given = values[name];
    // a run must be one that the app can go on with, so an address that no page may talk to is none here either
    const problem =
      given === undefined ? undefined : (fieldProblem(addressField, given) ?? pageProblem({ baseUrl: given }));
    if (problem !== undefined) throw new UsageError(`--${name}: ${problem}`);
    return given;
  };
  const price = (name: 'price' | 'generator-price'): Price | undefined => {
    const given = values[name];
    if (given === undefined) return undefined;
    const [inputUsd = NaN, outputUsd = NaN, ...rest] = given
      .split('/')
      .map((part) => (part.trim() ? Number(part) : NaN));
    if (rest.length > 0 || !(inputUsd >= 0) || !(outputUsd >= 0) || !Number.isFinite(inputUsd + outputUsd))
      throw new UsageError(
        `--${name}: IN/OUT in US dollars for a million tokens is wanted, such as 0.15/0.6, not “${given}”.`,
      );
    return { inputUsd, outputUsd };
  };
  const cost = (): number | undefined => {
    const given = values.cost;
    if (given === undefined) return undefined;
    if (given.trim() === '' || !(Number(given) > 0) || !Number.isFinite(Number(given)))
      throw new UsageError(`--cost: US dollars above zero are wanted, not “${given}”.`);
    return Number(given);
  };
  const reading = (): AnswerReading | undefined => {
    const { 'read-after': mark, 'read-tag': name, 'read-json': field, 'read-last-line': lastLine } = values;
    const rules: readonly AnswerReading[] = [
      ...(mark === undefined ? [] : [{ type: 'after', mark } as const]),
      ...(name === undefined ? [] : [{ type: 'tag', name } as const]),
      ...(field === undefined ? [] : [{ type: 'json', field } as const]),
      ...(lastLine ? [{ type: 'last-line' } as const] : []),
    ];
    if (rules.length > 1)
      throw new UsageError('--read-after, --read-tag, --read-json, --read-last-line: give one of them.');
    if ([mark, name, field].includes('')) throw new UsageError('--read-…: a text is wanted.');
    return rules[0];
  };
  if (values.help) return { help: true as const };
  const baseUrl = address('base-url');
  const generatorBaseUrl = address('generator-base-url');
  if (generatorBaseUrl !== undefined && baseUrl === undefined)
    throw new UsageError('--generator-base-url: give --base-url as well; without it the simulated model is used.');
  if (baseUrl === undefined)
    for (const name of ['model', 'generator-model'] as const)
      if (values[name] !== undefined)
        throw new UsageError(`--${name}: give --base-url as well; without it the simulated model is used.`);
  const prices = { evaluation: price('price'), generator: price('generator-price') };
  return {
    help: false as const,
    data: wanted('data'),
    template: values.template,
    prompts: values.prompts,
    sizes: { train: wholeNumber('train', 1), validation: wholeNumber('validation', 0), test: wholeNumber('test', 0) },
    baseUrl,
    model: baseUrl === undefined ? undefined : wanted('model'),
    generatorModel: values['generator-model'],
    generatorBaseUrl,
    timeoutSeconds: wholeNumber('timeout', 1, 3600),
    concurrency: wholeNumber('concurrency', 1) ?? 4,
    optimizer: values.optimizer ?? defaultOptimizer,
    set: values.set ?? [],
    metaPrompt: values['meta-prompt'],
    prices,
    budget: {
      calls: wholeNumber('calls', 1) ?? wholeNumber('budget-calls', 1) ?? 1000,
      tokens: wholeNumber('tokens', 1) ?? wholeNumber('budget-tokens', 1),
      costUsd: cost(),
      minutes: wholeNumber('minutes', 1),
      rounds: wholeNumber('rounds', 1),
    },
    trial: values.trial ?? false,
    reading: reading(),
    journal: values.journal,
    seed: wholeNumber('seed', 0) ?? 1,
    json: values.json,
    run: values.run,
    name: values.name,
    quiet: values.quiet ?? false,
  };
}
