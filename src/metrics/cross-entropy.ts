import type { Completion, TokenLogprob } from '#core/completion.ts';
import type { Metric, Score } from '#core/score.ts';
import type { AnswerFormat } from '#core/task.ts';
import type { Example } from '#core/example.ts';
import { normalize } from './reading.ts';

/** The origin's floor of a probability. A bound beyond it would measure the rounding of the returned log-probabilities. */
export const floorProbability = 1e-4;

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
  const token = answerToken(completion.tokens);
  if (!token) return { type: 'unscored', reason: 'no-answer' };
  const others = otherAnswers(example, format);
  const listed = token.alternatives.length > 0 ? token.alternatives : [token];
  let right = 0;
  let mass = 0;
  for (const { token: text, logprob } of listed) {
    const p = Math.exp(logprob);
    mass += p;
    if (begins(text, example.targets, others)) right += p;
  }
  if (right > 0) return { type: 'scored', value: -Math.log(Math.min(1, right)), bound: 'exact' };
  return { type: 'scored', value: -Math.log(Math.min(1, Math.max(1 - mass, floorProbability))), bound: 'at-least' };
}

/** The first token with a letter or a digit: emphasis, quotes, brackets and line breaks before the answer carry no answer. */
const answerToken = (tokens: readonly TokenLogprob[]): TokenLogprob | undefined =>
  tokens.find(({ token }) => /[\p{L}\p{N}]/u.test(token)) ?? tokens[0];

/** The answers that would be wrong for this row, where they are known: a token that could begin one of them says nothing. */
function otherAnswers(example: Example, format: AnswerFormat): readonly string[] {
  if (format.type !== 'label') return [];
  return format.labels.filter((label) => !example.targets.some((target) => normalize(target) === normalize(label)));
}

/** Whether this token is the beginning of a right answer, and of no wrong one. */
function begins(token: string, targets: readonly string[], others: readonly string[]): boolean {
  const start = normalize(token);
  if (start === '') return false;
  const starts = (answer: string): boolean => {
    const whole = normalize(answer);
    return whole.startsWith(start) || (start.startsWith(whole) && !/^[\p{L}\p{N}]/u.test(start.slice(whole.length)));
  };
  return targets.some(starts) && !others.some(starts);
}
