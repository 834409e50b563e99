import type { Capabilities, CompletionRequest, ProbeReply, ProbeStep } from '#core/completion.ts';
import { AppError, type ErrorDetails } from '#core/error.ts';
import type { Refusal } from './refusal.ts';
import type { Parameter } from './wire.ts';

/** Uses everything that a run may use, so that one accepted call settles all. */
const question: CompletionRequest = {
  messages: [{ role: 'user', content: 'Reply with the letter B and nothing else.' }],
  maxTokens: 16,
  temperature: 0,
  seed: 1,
  topLogprobs: 20,
  stop: ['\n\n\n'],
};
const ladder = [20, 8, 5, 0];
const mostQuestions = 9;

/** Finds out what a model accepts, giving in to one refusal after the other. One question where the model takes everything. */
export function probe(heard: readonly ProbeReply[]): ProbeStep {
  let accepts = everything;
  for (const [index, reply] of heard.entries()) {
    if ('error' in reply) {
      const less = index + 1 < mostQuestions ? conceded(accepts, reply.error) : undefined;
      if (!less) throw reply.error;
      accepts = less;
      continue;
    }
    const { tokens = [] } = reply.completion;
    const given = Math.max(0, ...tokens.map(({ alternatives }) => alternatives.length));
    // taken without a word and then ignored: some servers do so only with long lists
    if (given > 0 || accepts.topLogprobs <= 5) return { found: { ...accepts, topLogprobs: given } };
    accepts = { ...accepts, topLogprobs: 5 };
  }
  return { request: question, accepts };
}

/** What to leave out after a failure; undefined where it is not about a parameter. */
function conceded(accepts: Capabilities, { code, details }: AppError): Capabilities | undefined {
  if (code === 'provider-parameter') return (details as ErrorDetails[typeof code]).fix;
  return code === 'provider-rejected'
    ? concede(accepts, { message: (details as ErrorDetails[typeof code]).said })
    : undefined;
}

type Words = Pick<Refusal, 'message' | 'param'>;

const everything: Capabilities = { topLogprobs: question.topLogprobs, rejected: [] };
const complaint =
  /unsupported|not supported|does ?n[o']t support|unrecogni[sz]ed|unknown|unexpected|not permitted|not allowed|deprecated|invalid value|must be|extra inputs/i;

/**
 * A refusal without a reason of another kind, when it names a parameter that we sent: the error that says which, and what to leave out.
 * Undefined for any other refusal.
 */
export function parameterError(
  refusal: Refusal,
  accepts: Capabilities = everything,
  said: string,
): AppError | undefined {
  const parameter = culpritOf(refusal);
  if (parameter === undefined || (refusal.param !== parameter && !complaint.test(`${refusal.code} ${refusal.message}`)))
    return undefined;
  const fix = concede(accepts, refusal);
  return fix && new AppError('provider-parameter', { parameter, said, fix });
}

/** What to leave out after a refusal that names a parameter, or nothing; undefined where nothing is left. */
function concede(now: Capabilities, refusal: Words): Capabilities | undefined {
  const without = (...names: readonly Parameter[]): Capabilities => ({
    ...now,
    rejected: [...now.rejected, ...names],
  });
  const open = (name: Parameter): boolean => !now.rejected.includes(name);
  const culprit = culpritOf(refusal);
  if (culprit === 'top_logprobs' || culprit === 'logprobs') {
    const limit = Number(
      /(?:<=|at most|less than or equal to|maximum|max|between 0 and|up to)\D{0,20}(\d+)/i.exec(refusal.message)?.[1],
    );
    if (limit > 0 && limit < now.topLogprobs) return { ...now, topLogprobs: limit };
    if (culprit === 'logprobs') return open('logprobs') ? { ...without('logprobs'), topLogprobs: 0 } : undefined;
    if (now.topLogprobs > 0) return { ...now, topLogprobs: ladder.find((step) => step < now.topLogprobs) ?? 0 };
  }
  if (culprit !== undefined && culprit !== 'top_logprobs' && open(culprit)) return without(culprit);
  // nothing was named: give up first what a run misses least
  if (open('seed') && open('stop')) return without('seed', 'stop');
  if (now.topLogprobs > 0) return { ...without('logprobs'), topLogprobs: 0 };
  if (open('temperature')) return without('temperature');
  return open('max_tokens') ? without('max_tokens') : undefined;
}

/** The parameter that the server complains about: the one it names as such, else the first that its message names. */
function culpritOf({ param = '', message }: Words): Parameter | 'top_logprobs' | undefined {
  const names = [
    'top_logprobs',
    'logprobs',
    'max_completion_tokens',
    'max_tokens',
    'temperature',
    'seed',
    'stop',
  ] as const;
  const exact = names.find((name) => name === param);
  if (exact) return exact;
  const places = names
    .map((name) => ({ name, place: message.search(new RegExp(`\\b${name}\\b`, 'i')) }))
    .filter(({ place }) => place >= 0)
    .sort((a, b) => a.place - b.place);
  return places[0]?.name;
}
