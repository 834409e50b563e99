/** Words of the trade that stand on several screens, each explained once, for someone who knows percentages and nothing more. */
export const terms = {
  'cross-entropy': {
    term: 'Cross entropy',
    words:
      'How surprised the model was by the right answer: 0 where it was sure of it, more the less likely it held it to be. The mean over the rows is shown, and lower is better. It tells prompts apart that have as many rows right.',
  },
  tokens: {
    term: 'Tokens',
    words:
      'The pieces in which models read and write: a short word, or a part of a long one, about four letters of English each. Providers count and charge them, those that go in and those that come out.',
  },
  baseline: {
    term: 'Baseline',
    words: 'The best of the starting prompts: what a new prompt has to beat.',
  },
  nats: {
    term: 'Nats',
    words:
      'The unit of cross entropy. 0 nats: the model held the right answer for certain; 0.69: for one chance in two; 2.30: for one in ten; 4.61: for one in a hundred.',
  },
  interval: {
    term: '95 % interval',
    words:
      'The rows are a sample: other rows of the same kind would give another score. The interval is drawn so wide that, over many such samples, it holds the true value in 95 of 100. More rows make it narrower.',
  },
  'log-probabilities': {
    term: 'Log-probabilities',
    words:
      'Some models say for each piece of their answer how likely they held it to be, and what they might have written instead. From this, one answer is enough to measure the cross entropy.',
  },
} as const;

export type TermId = keyof typeof terms;
