import type { AnswerFormat } from '#core/task.ts';

/** The sentences that the simulated generator builds prompts from. Each kind comes in several wordings, because looks deceive. */
export type BlockKind = 'role' | 'task' | 'allowed' | 'contract' | 'hint' | 'chatty';
export type Block = { readonly kind: BlockKind; readonly text: string };

const roles = [
  'You are a careful reader.',
  'You are an expert at exactly this kind of work.',
  'You are precise and give short answers.',
  'You are an experienced colleague who knows this task well.',
  'You are a patient examiner.',
];
const contracts: Readonly<Record<AnswerFormat['type'], readonly string[]>> = {
  letter: [
    'Write only the letter, nothing else.',
    'Your whole reply is one single letter.',
    'Answer with just the letter and no other words.',
    'Reply with exactly one letter; do not explain it.',
    'Give the letter alone, without any explanation.',
  ],
  label: [
    'Reply with the label only, nothing else.',
    'Write just the label, spelled exactly as it is given.',
    'Your whole reply is one single label.',
    'Answer with exactly one label and no explanation.',
    'Give the label alone, in the same spelling, and nothing but the label.',
  ],
  number: [
    'Write only the number, nothing else.',
    'Answer with just the amount in digits, without any currency.',
    'Your whole reply is one single number.',
    'Reply with exactly one number; do not explain it.',
    'Give the number alone, with its decimals and no other words.',
  ],
  text: [
    'Write only the result, nothing else.',
    'Answer with just the wanted words and no explanation.',
    'Reply with exactly the answer, as short as it can be.',
    'Give the result alone, without any explanation.',
  ],
};
const commonHints = [
  'Read everything carefully before you decide.',
  'Rely on what the text says, not on what sounds likely but is not stated.',
  'When in doubt, take the answer with the clearest evidence.',
  'Look for the part that settles it and decide by that.',
  'First find what is really asked for, then answer it.',
  'Do not be misled by single words that merely sound right; go by the main point.',
];
const hints: Readonly<Record<AnswerFormat['type'], readonly string[]>> = {
  letter: [
    'Compare the options with each other and take the best one.',
    'Rule out each option that the text does not support.',
    'If two options seem right, prefer the one that answers the question itself.',
  ],
  label: [
    'If several labels could fit, take the one for what the writer wants done.',
    'Compare the text with each label and take the closest one.',
    'Go by the main purpose of the text rather than by its tone.',
  ],
  number: [
    'If there are several amounts, take the one that is still to be paid in the end.',
    'Compare each number with the question rather than taking the largest one.',
    'Take off what has been paid already before you decide.',
  ],
  text: ['Keep to the form that the examples have rather than inventing one.', 'Take the closest fitting words.'],
};
const chatty = [
  'Explain how you came to it.',
  'Take your time and share your thoughts.',
  'Be friendly and answer in full sentences.',
  'This matters a lot to me.',
];
const taskFrames: readonly ((task: string) => string)[] = [
  (task) => task,
  (task) => `Task: ${task}`,
  (task) => `Your task: ${task}`,
  (task) => `This is what you have to do. ${task}`,
];
const allowedFrames: readonly ((answers: string) => string)[] = [
  (answers) => `The allowed answers are: ${answers}.`,
  (answers) => `Choose one of these: ${answers}.`,
  (answers) => `Possible answers: ${answers}.`,
  (answers) => `Pick the answer from this list: ${answers}.`,
];

/** Order in which the kinds stand in a prompt. */
export const kinds = ['role', 'task', 'allowed', 'hint', 'chatty', 'contract'] as const satisfies readonly BlockKind[];

/** Every sentence that can be written for this task. */
export function blocksFor(about: {
  readonly format: AnswerFormat['type'];
  readonly task: string | undefined;
  readonly allowed: readonly string[];
}): readonly Block[] {
  const { format, task, allowed } = about;
  const of = (kind: BlockKind, texts: readonly string[]): readonly Block[] => texts.map((text) => ({ kind, text }));
  return [
    ...of('role', roles),
    ...of('task', task === undefined ? ['Do what is asked with the input.'] : taskFrames.map((frame) => frame(task))),
    ...of('allowed', allowed.length === 0 ? [] : allowedFrames.map((frame) => frame(allowed.join(', ')))),
    ...of('contract', contracts[format]),
    ...of('hint', [...hints[format], ...commonHints]),
    ...of('chatty', chatty),
  ];
}
