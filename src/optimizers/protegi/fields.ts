import type { Values } from '#core/fields.ts';
import editText from '../meta-prompts/protegi-edit.txt?raw';
import reasonText from '../meta-prompts/protegi-reason.txt?raw';
import { commonFields, numberField } from '../parts/common-fields.ts';
import { contestField } from '../parts/contest.ts';
import { metaPromptField } from '../parts/fill-meta-prompt.ts';
import { paraphraseField } from '../parts/paraphrase.ts';
import { roundsField } from '../parts/rounds.ts';
import { rowsField } from '../parts/row-sample.ts';

export const fields = {
  ...roundsField,
  beam: numberField('Prompts that are kept', 'Each is improved in each round. The paper: 4.', 1, 20, 2),
  minibatch: numberField(
    'Rows that are searched for errors',
    'Of each kept prompt, in each round. The paper: 64.',
    1,
    1000,
    64,
  ),
  reasons: numberField('Reasons per prompt', 'Each is asked for with errors of its own. The paper: 4.', 1, 16, 2),
  shownErrors: numberField('Errors shown at a time', 'The paper: 4.', 1, 30, 4),
  edits: numberField('Corrected prompts per reason', 'The paper: 1.', 1, 8, 1),
  paraphrases: numberField(
    'Variations',
    'Of each corrected prompt, and of the kept one itself. The paper: 2.',
    0,
    8,
    1,
  ),
  mostNew: numberField('Most new prompts per kept one', 'The paper: 8.', 1, 64, 4),
  unsure: {
    type: 'flag',
    label: 'Without errors, go by unsure answers',
    help: 'Where a prompt makes no error, its least sure right answers are shown. The paper asks for reasons of errors that are not there.',
    default: true,
    advanced: true,
  },
  ...contestField,
  ...rowsField,
  ...commonFields,
  reasonPrompt: metaPromptField(reasonText, 'Meta prompt that asks for a reason'),
  editPrompt: metaPromptField(editText, 'Meta prompt that corrects a prompt'),
  ...paraphraseField,
} as const;

export type ProtegiValues = Values<typeof fields>;
