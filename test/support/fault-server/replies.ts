import type { CompletionFault, FaultServerConfig, KeyPlan, ModelPlan, ServerAnswer, WireBody } from './types.ts';

/** What the server says, as data: the rules of the format. */

export type Reply = {
  readonly status: number;
  /** Sent as JSON, or, where it is a text, as a web page. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

const charactersPerToken = 4;
const inputTokensOf = ({ messages }: WireBody): number =>
  Math.ceil(messages.reduce((sum, { content }) => sum + content.length, 0) / charactersPerToken);
/** What a call takes out of the bucket of tokens: what it says and the most that it may be answered. */
export const reservedTokensOf = (body: WireBody): number =>
  inputTokensOf(body) + (body.max_tokens ?? body.max_completion_tokens ?? 64);

export const refused = (
  status: number,
  code: string | null,
  message: string,
  { param = null, type = 'invalid_request_error' }: { readonly param?: string | null; readonly type?: string } = {},
): Reply => ({ status, body: { error: { message, type, param, code } } });

export const page = (text: string): string => `<!doctype html><html><body><h1>${text}</h1></body></html>`;

/** What is wrong with the key; undefined where it is good. */
export function keyRefusal(
  plans: FaultServerConfig['keys'],
  apiKey: string,
  used: number,
  nowMs: number,
): Reply | undefined {
  if (!plans) return undefined;
  const plan: KeyPlan | undefined = Object.hasOwn(plans, apiKey) ? plans[apiKey] : undefined;
  if (!plan || nowMs >= (plan.revokedAtMs ?? Infinity))
    return refused(401, 'invalid_api_key', `Incorrect API key provided: ${apiKey || 'none'}.`);
  if (plan.forbidden !== undefined) return refused(403, 'permission_denied', plan.forbidden);
  if (used >= (plan.quota ?? Infinity))
    return refused(429, plan.quotaCode ?? 'insufficient_quota', 'You exceeded your current quota.', {
      type: 'insufficient_quota',
    });
  return undefined;
}

/** What is wrong with the request; undefined where this model takes it. */
export function bodyRefusal(body: WireBody | undefined, models: readonly ModelPlan[]): Reply | undefined {
  if (!body) return refused(400, null, 'The body could not be read.', { param: 'messages' });
  const model = models.find(({ id }) => id === body.model);
  if (!model)
    return refused(404, 'model_not_found', `The model \`${body.model}\` does not exist or you lack access to it.`, {
      param: 'model',
    });
  const tooMany = (body.top_logprobs ?? 0) > (model.topLogprobs ?? 20) && model.topLogprobs !== 0;
  const bad = model.unsupported?.find((name) => Object.hasOwn(body, name)) ?? (tooMany ? 'top_logprobs' : undefined);
  if (bad !== undefined)
    return refused(400, 'unsupported_parameter', `Unsupported parameter: '${bad}' is not supported with this model.`, {
      param: bad,
    });
  return inputTokensOf(body) > (model.contextTokens ?? Infinity)
    ? refused(400, 'context_length_exceeded', 'The maximum context length of this model is exceeded.', {
        param: 'messages',
      })
    : undefined;
}

export const modelList = (models: readonly ModelPlan[]): Reply => ({
  status: 200,
  body: { object: 'list', data: models.map(({ id }) => ({ id, object: 'model', created: 1, owned_by: 'test' })) },
});

/** Tokens that this answer is charged for. */
export const usageOf = (body: WireBody, { text, usage }: ServerAnswer): NonNullable<ServerAnswer['usage']> =>
  usage ?? {
    inputTokens: inputTokensOf(body),
    outputTokens: Math.max(1, Math.ceil((text ?? '').length / charactersPerToken)),
  };

/** The body of a good answer, or of one with the faults that were asked for. */
export function completionBody(n: number, body: WireBody, answer: ServerAnswer, fault: CompletionFault = {}): unknown {
  const { inputTokens, outputTokens } = usageOf(body, answer);
  const refusal = fault.refusal ?? answer.refusal ?? null;
  const text = fault.refusal === undefined ? (fault.text ?? answer.text) : null;
  const tokens = (answer.tokens ?? []).map(({ token, logprob, alternatives }) => ({
    token,
    logprob,
    bytes: null,
    top_logprobs: alternatives.slice(0, body.top_logprobs ?? 0).map((other) => ({ ...other, bytes: null })),
  }));
  const content = fault.shortLogprobs ? tokens.slice(0, Math.floor(tokens.length / 2)) : tokens;
  const choice = {
    index: 0,
    message: { role: 'assistant', content: text, refusal },
    finish_reason: fault.finish ?? answer.finishReason ?? 'stop',
    logprobs: body.logprobs && !fault.noLogprobs ? { content, refusal: null } : null,
  };
  const sign = fault.negativeUsage ? -1 : 1;
  return {
    id: `chatcmpl-${n}`,
    object: 'chat.completion',
    created: 1,
    model: fault.servedModel ?? answer.servedModel ?? body.model,
    choices: fault.noChoices ? [] : fault.duplicateChoice ? [choice, choice] : [choice],
    ...(fault.noUsage
      ? {}
      : {
          usage: {
            prompt_tokens: sign * inputTokens,
            completion_tokens: sign * outputTokens,
            total_tokens: sign * (inputTokens + outputTokens),
          },
        }),
  };
}
