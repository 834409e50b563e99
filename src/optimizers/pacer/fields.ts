import type { Fields, Values } from '#core/fields.ts';
import defaultMetaPrompt from '../meta-prompts/pacer.txt?raw';
import { commonFields } from '../parts/common-fields.ts';

const { weight, temperature, maxPromptLength } = commonFields;

export const fields = {
  demonstrations: {
    type: 'number',
    label: 'Most worked examples in a prompt',
    help: 'Rows that a prompt may show with their answers. They may help more than the wording does, and make each call longer. 0: none.',
    min: 0,
    max: 10,
    step: 1,
    default: 4,
  },
  templates: {
    type: 'flag',
    label: 'Write some prompts without the generator',
    help: 'The task, the allowed answers and the form of the answer, put together in a few ways, and single sentences moved, left out or added: a few calls that often save many.',
    default: true,
  },
  coverage: {
    type: 'number',
    label: 'Rows before a prompt is kept',
    help: 'A new prompt has to hold its own on so many shared rows. 0: by the budget (20, 40 or 80).',
    min: 0,
    max: 1000,
    step: 1,
    default: 0,
    advanced: true,
  },
  firstRung: {
    type: 'number',
    label: 'Rows of the first comparison',
    help: 'After so many shared rows the first new prompts drop out. Where the model tells no probabilities, at least 5: on fewer rows most prompts are level.',
    min: 2,
    max: 50,
    step: 1,
    default: 3,
    advanced: true,
  },
  batch: {
    type: 'number',
    label: 'New prompts per round',
    help: '0: by the budget (1 or 4; where the model tells no probabilities, at most 2).',
    min: 0,
    max: 8,
    step: 1,
    default: 0,
    advanced: true,
  },
  restarts: {
    type: 'number',
    label: 'Fresh starts',
    help: 'Where nothing better came for long, new prompts are drafted from labelled rows, without a look at earlier ones; so many times before the search ends. 0: by the budget (1 or 3).',
    min: 0,
    max: 100,
    step: 1,
    default: 0,
    advanced: true,
  },
  weight,
  paretoShare: {
    type: 'number',
    label: 'Share of specialists among the parents',
    help: 'Parents drawn for being the best on some rows, not on average.',
    min: 0,
    max: 1,
    step: 0.1,
    default: 0.2,
    advanced: true,
  },
  temperature,
  maxPromptLength,
  metaPrompt: {
    type: 'long-text',
    label: 'Meta prompt',
    help: 'What the generator is told. The marks in double braces are filled in each time.',
    default: defaultMetaPrompt,
    advanced: true,
  },
} as const satisfies Fields;

export type PacerValues = Values<typeof fields>;

/** What the budget decides, as found in the simulated benchmark (docs/optimizers-simulated.md). */
export type Settings = {
  readonly batch: number;
  readonly coverage: number;
  readonly residents: number;
  readonly finalists: number;
  readonly restarts: number;
};

/** @param calls of the whole search. @param rows on the train side. */
export function settingsFor(values: PacerValues, calls: number, rows: number): Settings {
  const [batch, coverage, residents, finalists, restarts] =
    calls < 500 ? [1, 20, 2, 1, 1] : calls < 3000 ? [4, 40, 3, 2, 1] : [4, 80, 3, 3, 3];
  return {
    batch: values.batch || batch,
    coverage: Math.min(rows, values.coverage || coverage),
    residents,
    finalists,
    restarts: values.restarts || restarts,
  };
}
