import type { Capabilities, CompletionRequest, Message } from '#core/completion.ts';

/** The body of a request. A type of our own: `max_tokens` is deprecated by its inventor and the only name that many servers know. */
export type WireRequest = {
  readonly model: string;
  readonly messages: Message[];
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
  readonly temperature?: number;
  readonly seed?: number;
  readonly logprobs?: true;
  readonly top_logprobs?: number;
  readonly stop?: string[];
};

/** What a server may refuse, by its name on the wire. */
export type Parameter = 'max_tokens' | 'max_completion_tokens' | 'temperature' | 'seed' | 'logprobs' | 'stop';

/** The request as this model accepts it: what it refuses is left out, and no more alternatives are asked for than it gives. */
export function wireRequest(model: string, request: CompletionRequest, capabilities?: Capabilities): WireRequest {
  const refuses = (name: Parameter): boolean => capabilities?.rejected.includes(name) ?? false;
  const top = Math.min(request.topLogprobs, capabilities?.topLogprobs ?? request.topLogprobs);
  return {
    model,
    messages: [...request.messages],
    ...(!refuses('max_tokens')
      ? { max_tokens: request.maxTokens }
      : refuses('max_completion_tokens')
        ? {}
        : { max_completion_tokens: request.maxTokens }),
    ...(refuses('temperature') ? {} : { temperature: request.temperature }),
    ...(refuses('seed') ? {} : { seed: request.seed }),
    ...(top > 0 && !refuses('logprobs') ? { logprobs: true, top_logprobs: top } : {}),
    ...(request.stop && request.stop.length > 0 && !refuses('stop') ? { stop: [...request.stop] } : {}),
  };
}
