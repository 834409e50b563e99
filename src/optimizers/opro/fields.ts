import type { Values } from '#core/fields.ts';
import defaultMetaPrompt from '../meta-prompts/opro.txt?raw';
import { commonFields } from '../parts/common-fields.ts';
import { metaPromptField } from '../parts/fill-meta-prompt.ts';
import { roundsField } from '../parts/rounds.ts';
import { rowsField } from '../parts/row-sample.ts';

export const fields = {
  ...roundsField,
  proposals: {
    type: 'number',
    label: 'New prompts per round',
    help: 'All are written from the same history. The paper: 8.',
    min: 1,
    max: 32,
    step: 1,
    default: 4,
  },
  race: {
    type: 'flag',
    label: 'Race the new prompts',
    help: 'The rows double and the worse half leaves. The paper measures each prompt on all rows of its subset.',
    default: true,
  },
  exemplars: {
    type: 'choice',
    label: 'Inputs shown to the generator',
    help: 'The paper shows random ones by default.',
    choices: [
      { value: 'wrong', label: 'Those that the best prompt gets wrong' },
      { value: 'random', label: 'Random, as in the paper' },
    ],
    default: 'wrong',
  },
  shown: {
    type: 'number',
    label: 'How many prompts are shown',
    min: 1,
    max: 100,
    step: 1,
    default: 20,
    advanced: true,
  },
  shownExamples: {
    type: 'number',
    label: 'How many inputs are shown',
    min: 0,
    max: 30,
    step: 1,
    default: 3,
    advanced: true,
  },
  floor: {
    type: 'number',
    label: 'Least score that is shown',
    help: 'Prompts below it are left out of the history, unless all are below.',
    min: 0,
    max: 1,
    step: 0.05,
    default: 0.1,
    advanced: true,
  },
  ...rowsField,
  ...commonFields,
  metaPrompt: metaPromptField(defaultMetaPrompt),
} as const;

export type OproValues = Values<typeof fields>;
