import type { Fields, Values } from '#core/fields.ts';
import defaultMetaPrompt from '../meta-prompts/contrastive.txt?raw';
import { commonFields } from '../parts/common-fields.ts';
import { metaPromptField } from '../parts/fill-meta-prompt.ts';

export const fields = {
  rounds: {
    type: 'number',
    label: 'Rounds',
    help: 'How often the generator is asked for new prompts.',
    min: 1,
    max: 200,
    step: 1,
    default: 12,
  },
  proposals: {
    type: 'number',
    label: 'New prompts per round',
    help: 'Each one is a call of the generator and one evaluation on the training rows.',
    min: 1,
    max: 8,
    step: 1,
    default: 2,
  },
  strategy: {
    type: 'choice',
    label: 'Examples shown to the generator',
    help: 'Random rows show variety; the best and the worst rows (by cross entropy) show what works and what fails.',
    choices: [
      { value: 'balance', label: 'A balance of both' },
      { value: 'best_worst', label: 'Best and worst' },
      { value: 'random', label: 'Random' },
    ],
    default: 'balance',
  },
  share: {
    type: 'number',
    label: 'Share of best and worst',
    help: 'Only for the balance: 0 is all random, 1 is all best and worst.',
    min: 0,
    max: 1,
    step: 0.05,
    default: 0.5,
    advanced: true,
  },
  shownExamples: {
    type: 'number',
    label: 'How many examples are shown',
    min: 0,
    max: 30,
    step: 1,
    default: 6,
    advanced: true,
  },
  shownGood: {
    type: 'number',
    label: 'How many good prompts are shown',
    min: 1,
    max: 10,
    step: 1,
    default: 3,
    advanced: true,
  },
  shownBad: {
    type: 'number',
    label: 'How many bad prompts are shown',
    min: 0,
    max: 10,
    step: 1,
    default: 2,
    advanced: true,
  },
  tail: {
    type: 'flag',
    label: 'Always show the very worst rows',
    help: 'As the origin does. Else the hard rows are drawn from the worst third: a row with a wrong label would be shown in every round.',
    default: false,
    advanced: true,
  },
  finalists: { ...commonFields.finalists, default: 3 },
  temperature: commonFields.temperature,
  maxPromptLength: commonFields.maxPromptLength,
  metaPrompt: metaPromptField(defaultMetaPrompt),
} as const satisfies Fields;

export type ContrastiveValues = Values<typeof fields>;
