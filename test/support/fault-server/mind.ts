import type { Completion, CompletionRequest } from '#core/completion.ts';
import { defaultsOf } from '#core/fields.ts';
import type { AnswerKey } from '#core/provider.ts';
import { systemClock } from '#lib/clock.ts';
import { simulated } from '#providers/simulated.ts';
import type { Answerer, WireBody } from './types.ts';

/** What was asked for, in our own words: the inverse of what the client does to a request whose every parameter the model accepts. */
export const requestFrom = (body: WireBody): CompletionRequest => ({
  messages: body.messages,
  maxTokens: body.max_tokens ?? body.max_completion_tokens ?? 256,
  temperature: body.temperature ?? 1,
  seed: body.seed ?? 0,
  topLogprobs: body.logprobs ? (body.top_logprobs ?? 0) : 0,
  ...(body.stop === undefined ? {} : { stop: typeof body.stop === 'string' ? [body.stop] : body.stop }),
});

/** The simulated model behind the wire: whole runs work against the server as they do in the page. */
export function simulatedMind(answerKey: AnswerKey | undefined): Answerer {
  const client = simulated.connect(defaultsOf(simulated.fields), {
    clock: systemClock,
    ...(answerKey ? { answerKey } : {}),
  });
  return async (body) => {
    const completion: Completion = await (await client).complete(requestFrom(body), new AbortController().signal);
    return {
      text: completion.text,
      finishReason: completion.finishReason,
      usage: completion.usage,
      ...(completion.tokens ? { tokens: completion.tokens } : {}),
    };
  };
}

/** Repeats what it was asked, for tests that only need to tell answers apart. */
export const echo: Answerer = ({ messages }) => ({ text: `echo ${messages.at(-1)?.content ?? ''}` });
