import { parseArgs } from 'node:util';
import { fieldProblem, type Field } from '#core/fields.ts';

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
  concurrency: text,
  optimizer: text,
  set: { type: 'string', multiple: true },
  'meta-prompt': text,
  'budget-calls': text,
  'budget-tokens': text,
  seed: text,
  json: text,
  run: text,
  name: text,
  quiet: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

export type Arguments = ReturnType<typeof readArguments>;

/** @throws UsageError naming the argument and what was wrong with it. */
export function readArguments(words: readonly string[]) {
  let values;
  try {
    ({ values } = parseArgs({ args: [...words], options, strict: true, allowPositionals: false }));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  const wholeNumber = (name: keyof typeof values, least: number): number | undefined => {
    const given = values[name];
    if (typeof given !== 'string') return undefined;
    const number = Number(given);
    if (given.trim() === '' || !Number.isSafeInteger(number) || number < least)
      throw new UsageError(`--${name}: a whole number of at least ${least} is wanted, not “${given}”.`);
    return number;
  };
  const wanted = (name: 'data' | 'prompts' | 'model'): string => {
    const given = values[name];
    if (given === undefined || given === '') throw new UsageError(`--${name} is missing.`);
    return given;
  };
  const address = (name: 'base-url' | 'generator-base-url'): string | undefined => {
    const given = values[name];
    const problem = given === undefined ? undefined : fieldProblem(addressField, given);
    if (problem !== undefined) throw new UsageError(`--${name}: ${problem}`);
    return given;
  };
  if (values.help) return { help: true as const };
  const baseUrl = address('base-url');
  const generatorBaseUrl = address('generator-base-url');
  if (generatorBaseUrl !== undefined && baseUrl === undefined)
    throw new UsageError('--generator-base-url: give --base-url as well; without it the simulated model is used.');
  return {
    help: false as const,
    data: wanted('data'),
    template: values.template,
    prompts: wanted('prompts'),
    sizes: { train: wholeNumber('train', 1), validation: wholeNumber('validation', 0), test: wholeNumber('test', 0) },
    baseUrl,
    model: baseUrl === undefined ? values.model : wanted('model'),
    generatorModel: values['generator-model'],
    generatorBaseUrl,
    concurrency: wholeNumber('concurrency', 1) ?? 4,
    optimizer: values.optimizer ?? 'contrastive',
    set: values.set ?? [],
    metaPrompt: values['meta-prompt'],
    budget: { calls: wholeNumber('budget-calls', 1) ?? 1000, tokens: wholeNumber('budget-tokens', 1) },
    seed: wholeNumber('seed', 0) ?? 1,
    json: values.json,
    run: values.run,
    name: values.name,
    quiet: values.quiet ?? false,
  };
}
