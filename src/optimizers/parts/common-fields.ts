import type { Field, Fields } from '#core/fields.ts';

/** A number among the settings for those who know the paper. */
export const numberField = (label: string, help: string, min: number, max: number, standard: number, step = 1) =>
  ({ type: 'number', label, help, min, max, step, default: standard, advanced: true }) as const satisfies Field;

/** Options that most optimizers share, worded once. Spread into `fields`. */
export const commonFields = {
  finalists: {
    type: 'number',
    label: 'Finalists',
    help: 'So many of the best prompts are compared on the validation rows before one is chosen. 0: the best on the training rows is taken, as the paper does, and its score is flattered.',
    min: 0,
    max: 10,
    step: 1,
    default: 2,
    advanced: true,
  },
  weight: {
    type: 'number',
    label: 'Weight of the probability',
    help: 'How much the probability of the right answer counts beside right or wrong when prompts are compared. Where the best are chosen by right answers alone, it decides between equals. 0: not at all, as in the papers.',
    min: 0,
    max: 0.5,
    step: 0.05,
    default: 0.2,
    advanced: true,
  },
  temperature: {
    type: 'number',
    label: 'Temperature of the generator',
    help: 'Higher writes more varied prompts.',
    min: 0,
    max: 2,
    step: 0.1,
    default: 1,
    advanced: true,
  },
  maxPromptLength: {
    type: 'number',
    label: 'Longest prompt (characters)',
    help: 'For what the generator writes. A starting prompt or a list of allowed answers that is longer raises it.',
    min: 50,
    max: 20000,
    step: 50,
    default: 1500,
    advanced: true,
  },
} as const satisfies Fields;
