import type { Values } from '#core/fields.ts';
import crossoverText from '../meta-prompts/capo-crossover.txt?raw';
import mutationText from '../meta-prompts/capo-mutation.txt?raw';
import { commonFields, numberField } from '../parts/common-fields.ts';
import { metaPromptField } from '../parts/fill-meta-prompt.ts';
import { roundsField } from '../parts/rounds.ts';
import { rowsField } from '../parts/row-sample.ts';

export const fields = {
  ...roundsField,
  population: {
    ...numberField(
      'Population',
      'So many prompts survive each race. The paper: 10, which a few thousand calls cannot feed.',
      1,
      50,
      3,
    ),
  },
  crossovers: numberField('New prompts per round', 'Each takes two calls of the generator. The paper: 4.', 1, 20, 2),
  maxDemos: numberField(
    'Most examples in a prompt',
    'Rows that a prompt shows with their answers. The paper: 5.',
    0,
    20,
    5,
  ),
  block: numberField(
    'Rows of a block',
    'After each block the prompts that are clearly worse leave. The paper: 30.',
    2,
    500,
    10,
  ),
  alpha: numberField('Error of the test', 'How readily a prompt leaves. The paper: 0.2.', 0.01, 0.5, 0.2, 0.01),
  rotate: {
    type: 'flag',
    label: 'Other rows first in each race',
    help: 'The paper always begins with the same rows, which the prompts come to fit.',
    default: true,
    advanced: true,
  },
  rivals: {
    type: 'choice',
    label: 'Who a prompt is tested against',
    help: 'The paper tests all pairs, so that equal prompts are told apart half of the time.',
    choices: [
      { value: 'best', label: 'The best one only' },
      { value: 'all', label: 'All others, as in the paper' },
    ],
    default: 'best',
    advanced: true,
  },
  carefulTest: {
    type: 'flag',
    label: 'Careful test',
    help: 'Few equal differences are no certainty, and length only decides ties. The paper takes the length off each score, which makes the shorter of two equal prompts significantly better.',
    default: true,
    advanced: true,
  },
  penalty: numberField(
    'Price of length',
    'Only without the careful test: taken off the score of a prompt as long as the longest starting prompt. The paper: 0.05.',
    0,
    1,
    0.05,
    0.01,
  ),
  equalRows: {
    type: 'flag',
    label: 'Survivors are ordered by rows that they share',
    help: 'The paper orders them by the mean over whatever rows each has.',
    default: true,
    advanced: true,
  },
  ...rowsField,
  ...commonFields,
  crossoverPrompt: metaPromptField(crossoverText, 'Meta prompt that merges two prompts'),
  mutationPrompt: metaPromptField(mutationText, 'Meta prompt that rephrases one'),
} as const;

export type CapoValues = Values<typeof fields>;
