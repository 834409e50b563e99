import type { Fields, Values } from '#core/fields.ts';
import { commonFields } from '../parts/common-fields.ts';
import { roundsField } from '../parts/rounds.ts';

export const fields = {
  minibatch: {
    type: 'number',
    label: 'Rows a round',
    help: 'All prompts of a round answer the same rows. The paper takes 32, and refuses smaller sets.',
    min: 2,
    max: 100,
    step: 1,
    default: 16,
  },
  variants: {
    type: 'number',
    label: 'Prompts that are compared',
    help: 'So many prompts of the pool answer the rows of a round, the better ones more often.',
    min: 1,
    max: 12,
    step: 1,
    default: 6,
  },
  steps: {
    type: 'number',
    label: 'New prompts a round',
    help: 'One for each of the rows where the prompts differ most. The paper makes 6.',
    min: 1,
    max: 12,
    step: 1,
    default: 4,
  },
  mostDemonstrations: {
    type: 'number',
    label: 'Most worked examples in a prompt',
    help: '0: advice only.',
    min: 0,
    max: 16,
    step: 1,
    default: 4,
  },
  softness: {
    type: 'number',
    label: 'Temperature of the draw',
    help: 'Low draws the best prompts of the pool nearly always, high draws all of them alike.',
    min: 0.01,
    max: 2,
    step: 0.01,
    default: 0.2,
    advanced: true,
  },
  paired: {
    type: 'flag',
    label: 'Compare prompts on the rows they share',
    help: 'The paper compares means over other rows as if they were the same.',
    default: true,
    advanced: true,
  },
  teach: {
    type: 'flag',
    label: 'Learn from rows that no prompt gets right',
    help: 'The right answer of the data then stands in for the good answer. The paper leaves such rows out.',
    default: true,
    advanced: true,
  },
  ...roundsField,
  ...commonFields,
} as const satisfies Fields;
export type SimbaOptions = Values<typeof fields>;
