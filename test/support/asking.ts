import type { Capabilities, Completion, CompletionRequest, ModelClient } from '#core/completion.ts';
import { AppError } from '#core/error.ts';
import { probe } from '#providers/openai/probe.ts';

/** What a model refuses, and how many alternatives it gives for each token, however many it is asked for. */
export type Character = { readonly refuses?: readonly string[]; readonly gives?: number };

/** The simulated model with a probe that has to ask: the questions of the product, answered by this character. */
export const asking = (client: ModelClient, character: Character = {}): ModelClient => ({
  ...client,
  probe,
  complete: async (request, signal, options) => {
    if (!options?.accepts) return client.complete(request, signal, options);
    signal.throwIfAborted();
    const refusal = refusalOf(options.accepts, character);
    if (refusal) throw refusal;
    return answerProbe(request, options.accepts, character);
  },
});

/** What the first parameter that is refused and not left out comes to. */
export function refusalOf(accepts: Capabilities, { refuses = [] }: Character): AppError | undefined {
  const parameter = refuses.find((name) => !accepts.rejected.includes(name));
  if (parameter === undefined) return undefined;
  const fix = { ...accepts, rejected: [...accepts.rejected, parameter] };
  return new AppError('provider-parameter', { parameter, said: `${parameter} is not supported`, fix });
}

export function answerProbe(
  { messages }: CompletionRequest,
  accepts: Capabilities,
  { gives = 5 }: Character,
): Completion {
  const alternatives = Array.from({ length: Math.min(gives, accepts.topLogprobs) }, (_, index) => ({
    token: 'BACDEFGHIJKLMNOPQRST'.charAt(index),
    logprob: -0.1 - index,
  }));
  return {
    text: 'B',
    finishReason: 'stop',
    ...(alternatives.length > 0 ? { tokens: [{ token: 'B', logprob: -0.1, alternatives }] } : {}),
    usage: { inputTokens: messages.length + 9, outputTokens: 1 },
    latencyMs: 10,
  };
}
