/** Only where answers of a model are shown. */
export const warnOfMistakes = 'Warn of the mistake that the examples show most often.';

/** One a proposal, in turn: the same generator with the same history then looks in different directions. */
export const ideas: readonly string[] = [
  'Make it short: one or two sentences.',
  'Begin with what the model has to decide, then say how to answer.',
  'List the allowed answers or the form of the answer first, then the task.',
  'Say what to look for in the input before answering.',
  'Write it as a numbered list of two to four steps that ends with the form of the answer.',
  'Say what each allowed answer means, or what a right answer looks like.',
  warnOfMistakes,
  'Use a strict tone: say what the model must not write.',
  'Give the model a fitting role in the first sentence.',
  'Put the most important rule last, as a reminder of the form of the answer.',
];
