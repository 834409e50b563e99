/** The built-in sample sets: texts of our own (public/samples/LICENSE.md), and prompts to start from. */
export type Sample = {
  readonly id: string;
  readonly file: string;
  readonly name: string;
  readonly description: string;
  /** Two mediocre prompts and two of gibberish, as in the origin. */
  readonly prompts: readonly string[];
  /** What the rows ask for, in better words than a guess from the columns. */
  readonly task: string;
};

const gibberish = [
  'Nine umbrellas argue with the moon about soup.',
  'xq zz 41 blorp under ladder seven, thank you kindly',
] as const;

export const samples: readonly Sample[] = [
  {
    id: 'reading',
    file: 'reading-comprehension.jsonl',
    name: 'Reading comprehension',
    description: '64 short passages, each with a question and four options. One option is right.',
    prompts: [
      'Here is a passage and a question. Tell me what you think.',
      'Look at the options and discuss which of them could fit.',
      ...gibberish,
    ],
    task: 'Read the passage and choose the option that answers the question. The answer is the letter of the right option.',
  },
  {
    id: 'messages',
    file: 'customer-messages.csv',
    name: 'Customer messages',
    description: '156 messages to the support of a shop, each with one of six labels.',
    prompts: ['What is this message about?', 'Read what the customer says and react to it.', ...gibberish],
    task: 'Say which kind of request a customer message is. The label says what the customer wants done.',
  },
  {
    id: 'amounts',
    file: 'invoice-amounts.csv',
    name: 'Amounts to be paid',
    description: '84 short business texts; the answer is the amount that is still to be paid.',
    prompts: ['Look at the numbers in this text.', 'Summarise this text for the bookkeeper.', ...gibberish],
    task: 'Find the amount of money that is still to be paid now. The answer is that number with two decimals and without a currency.',
  },
];

export const recordedRun = { file: 'recorded-run.json', name: 'A recorded run with real local models' } as const;
const sampleUrl = (file: string): string => new URL(`samples/${file}`, document.baseURI).href;

export async function fetchSample(file: string): Promise<Blob> {
  const response = await fetch(sampleUrl(file));
  if (!response.ok) throw new Error(`The sample ${file} could not be loaded (${response.status}).`);
  return response.blob();
}
