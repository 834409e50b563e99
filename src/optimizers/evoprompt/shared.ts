import type { Values } from '#core/fields.ts';
import type { OptimizerContext, Plan } from '#core/optimizer.ts';
import type { ExampleId } from '#core/id.ts';
import { tellTaskField } from '../parts/about-task.ts';
import { commonFields } from '../parts/common-fields.ts';
import { paraphraseField } from '../parts/paraphrase.ts';
import { roundsField } from '../parts/rounds.ts';
import { planSampled, rowsField, sharedRows, type SampledSearch } from '../parts/row-sample.ts';

/** What both forms of EvoPrompt share: options, costs and rows. */
export const evoFields = {
  ...roundsField,
  population: {
    type: 'number',
    label: 'Population',
    help: 'So many prompts are kept, and as many new ones are written in each round. The paper: 10, which takes thousands of calls.',
    min: 3,
    max: 50,
    step: 1,
    default: 5,
  },
  ...tellTaskField,
  ...rowsField,
  ...commonFields,
  temperature: { ...commonFields.temperature, default: 0.5 },
  ...paraphraseField,
} as const;
type Options = Values<typeof evoFields>;

/** As many as the paper has. */
const generations = 10;

const costsOf = ({ rows, rounds, finalists, population }: Options, seeds: number): SampledSearch => ({
  rows,
  rounds,
  finalists,
  goodRounds: generations,
  start: (each) => seeds * each,
  round: (each) => population * each,
  generatorCalls: population,
  beyond: (all) => ({ texts: all * population }),
  words: (each) => `${seeds} starting prompts × ${each} rows, then ${population} new ones × ${each} rows`,
});

type Sizes = { readonly train: number; readonly validation: number; readonly seeds: number };

export const planEvolution = (values: Options, sizes: Sizes, calls: number): Plan =>
  planSampled(costsOf(values, sizes.seeds), sizes, calls);

export const evolutionRows = (context: OptimizerContext, values: Options): readonly ExampleId[] =>
  sharedRows(context, costsOf(values, context.seeds.length));
