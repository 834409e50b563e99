import type { Completion, TokenLogprob } from '#core/completion.ts';
import type { Metric, Score } from '#core/score.ts';
import type { AnswerFormat } from '#core/task.ts';
import type { Example } from '#core/example.ts';
import { normalize } from './reading.ts';

/** The origin's floor of a probability. A bound beyond it would measure the rounding of the returned log-probabilities. */
export const floorProbability = 1e-4;

/** Up to this share of the right tokens, tokens that could also begin a wrong answer change less than the second decimal place. */
const negligible = 0.01;

/**
 * Cross entropy of the right answer in nats: −ln p of its first token, summed over the ways to write that token (case, leading
 * space, opening quote or bracket). Not among the listed tokens: at least −ln of the mass that the list leaves over.
 */
export const crossEntropy: Metric = {
  id: 'cross-entropy',
  label: 'Cross entropy',
  description:
    'How surprised the model is by the right answer (0 = certain of it). Needs log-probabilities of the model.',
  direction: 'minimize',
  kind: 'amount',
  score: (example, completion, format) => crossEntropyOf(example, completion, format),
};

function crossEntropyOf(example: Example, completion: Completion, format: AnswerFormat): Score {
  if (!completion.tokens) return { type: 'unscored', reason: 'no-logprobs' };
  const answers = answersOf(example, format);
  const token = answerToken(completion.tokens, answers);
  if (!token) return { type: 'unscored', reason: 'no-answer' };
  const mass = { right: 0, wrong: 0, unclear: 0 };
  for (const { token: text, logprob } of listed(token)) mass[kindOf(text, answers)] += probability(logprob);
  if (mass.right > 0 && mass.unclear <= negligible * mass.right) return nats(mass.right, 'exact');
  // a token that could begin a right answer as well as a wrong one may be the right one: only as much is known
  if (mass.right > 0) return nats(mass.right + mass.unclear, 'at-least');
  return nats(Math.max(1 - mass.wrong, floorProbability), 'at-least');
}

const nats = (probability: number, bound: 'exact' | 'at-least'): Score => ({
  type: 'scored',
  value: Math.max(0, -Math.log(probability)),
  bound,
});

/** Servers send odd numbers for "never" (−9999, null) and, by rounding, more than certainty. */
const probability = (logprob: number): number => (Number.isNaN(logprob) ? 0 : Math.min(1, Math.exp(logprob)));

/** The alternatives, and the token itself where it was drawn from further down. */
const listed = (token: TokenLogprob): TokenLogprob['alternatives'] =>
  token.alternatives.some((other) => other.token === token.token) ? token.alternatives : [...token.alternatives, token];

/** As compared here: no emphasis, quotes, brackets, currency signs or marks of tokenizers before it. */
const start = (text: string): string => normalize(text.replace(/^[Ġ▁\s]+/u, '').replace(/^[$€£¥]\s*/u, ''));

/** What may be answered, with the sides told apart. The wrong answers are known for labels only. */
type Answers = readonly { readonly text: string; readonly right: boolean }[];

function answersOf(example: Example, format: AnswerFormat): Answers {
  const right = new Set(example.targets.map(start));
  const wrong = format.type === 'label' ? format.labels.map(start).filter((label) => !right.has(label)) : [];
  return [
    ...[...right].map((text) => ({ text, right: true })),
    ...wrong.map((text) => ({ text, right: false })),
  ].filter(({ text }) => text !== '');
}

/** The first token that carries an answer: emphasis, quotes, brackets, currency signs and line breaks before it carry none. */
function answerToken(tokens: readonly TokenLogprob[], answers: Answers): TokenLogprob | undefined {
  const signed = answers.some(({ text }) => /^[-+]/.test(text));
  const content = signed ? /[\p{L}\p{N}+-]/u : /[\p{L}\p{N}]/u;
  return tokens.find(({ token }) => content.test(token.replace(/^[Ġ▁]+/u, ''))) ?? tokens[0];
}

/** Which side's answers this token can begin. A token that is a whole answer is that answer, unless a longer one goes on after it. */
function kindOf(token: string, answers: Answers): 'right' | 'wrong' | 'unclear' {
  const begin = start(token);
  if (begin === '') return 'wrong';
  const endsAt = (whole: string, part: string): boolean => !/^[\p{L}\p{N}]/u.test(whole.slice(part.length));
  const isWhole = answers.some(({ text }) => text === begin);
  const possible = answers.filter(
    ({ text }) =>
      (text.startsWith(begin) && (!isWhole || endsAt(text, begin))) || (begin.startsWith(text) && endsAt(begin, text)),
  );
  if (possible.length === 0 || possible.every(({ right }) => !right)) return 'wrong';
  return possible.every(({ right }) => right) ? 'right' : 'unclear';
}
