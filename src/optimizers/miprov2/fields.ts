import type { Fields, Values } from '#core/fields.ts';
import { commonFields } from '../parts/common-fields.ts';
import { roundsField } from '../parts/rounds.ts';

export const fields = {
  instructions: {
    type: 'number',
    label: 'Instructions',
    help: 'Written once, before the search. The best starting prompt is always one more.',
    min: 1,
    max: 20,
    step: 1,
    default: 4,
  },
  demoSets: {
    type: 'number',
    label: 'Sets of worked examples',
    help: 'Drawn once, before the search. No examples at all is always one more.',
    min: 0,
    max: 20,
    step: 1,
    default: 6,
  },
  mostDemonstrations: {
    type: 'number',
    label: 'Most examples in a set',
    min: 1,
    max: 16,
    step: 1,
    default: 4,
  },
  trials: {
    type: 'number',
    label: 'Trials a round',
    help: 'Combinations that are tried on a few rows before the most promising one is tried on all.',
    min: 1,
    max: 20,
    step: 1,
    default: 5,
    advanced: true,
  },
  minibatch: {
    type: 'number',
    label: 'Rows of a trial',
    help: 'The paper takes 35.',
    min: 2,
    max: 100,
    step: 1,
    default: 12,
    advanced: true,
  },
  shared: {
    type: 'flag',
    label: 'Same rows for the trials of a round',
    help: 'Combinations are then compared with the best starting prompt on the same rows. The paper draws other rows for each trial and compares plain means.',
    default: true,
    advanced: true,
  },
  looks: {
    type: 'number',
    label: 'Looks at the data',
    help: 'So many times the generator takes notes on ten rows before it writes instructions.',
    min: 0,
    max: 10,
    step: 1,
    default: 2,
    advanced: true,
  },
  ...roundsField,
  ...commonFields,
} as const satisfies Fields;
export type MiproOptions = Values<typeof fields>;
