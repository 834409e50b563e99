import type { IncomingHttpHeaders } from 'node:http';
import type { AnswerKey } from '#core/provider.ts';
import type { ServerAnswer, WireBody } from './fault-server/types.ts';

/** What the test server says to a call, as data: the rules of the format and the misbehaviour that a test asked for. */

export type CallRecord = {
  /** Counted from 1, preflights included. */
  readonly n: number;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Of a completion that could be read. */
  readonly body?: WireBody;
  readonly startedAt: number;
  /** When the whole response had been handed to the network. */
  finishedAt?: number;
  status?: number;
  /** The client went away before it had the whole response. */
  clientGone: boolean;
};
/** What happens to a call instead of, or before, a good answer. Several may be combined with `delayMs`. */
export type Fault = {
  readonly delayMs?: number;
  readonly status?: number;
  /** Body of an error, or of a strange success; an object is sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** A web page with this status (200 unless told). */
  readonly html?: boolean;
  /** Never answers. */
  readonly hang?: boolean;
  /** Cuts the connection: before any answer, in the middle of the body, or after the answer was made. */
  readonly drop?: 'before' | 'middle' | 'after';
  readonly noUsage?: boolean;
  readonly noLogprobs?: boolean;
  /** This one answer lacks the CORS headers. */
  readonly noCors?: boolean;
};

export type ServerOptions = {
  /** What is answered. Without it the simulated model answers, from `answerKey` where there is one. */
  readonly answer?: (body: WireBody, n: number) => ServerAnswer | Promise<ServerAnswer>;
  readonly answerKey?: AnswerKey;
  readonly models?: readonly string[];
  /** Where it is given, another key is refused with 401. */
  readonly key?: string;
  /** `full`: any page, any header. `restricted`: preflights allow content-type and authorization only. */
  readonly cors?: 'full' | 'restricted' | 'none';
  readonly latencyMs?: number;
  readonly maxTopLogprobs?: number;
  /** Parameters that are answered with 400. */
  readonly refuse?: readonly string[];
  /** 400s do not say which parameter they are about. */
  readonly vague?: boolean;
  /** Longest request in characters before `context_length_exceeded`. */
  readonly contextCharacters?: number;
  readonly fault?: (call: CallRecord) => Fault | undefined;
  /** Path below which the API lives. */
  readonly prefix?: string;
};

export type Reply =
  | { readonly type: 'silence' }
  | { readonly type: 'cut' }
  | { readonly type: 'sent'; readonly status: number; readonly body: unknown; readonly headers?: Fault['headers'] };
export type Mind = (body: WireBody) => ServerAnswer | Promise<ServerAnswer>;

const sent = (status: number, body: unknown, headers?: Fault['headers']): Reply => ({
  type: 'sent',
  status,
  body,
  ...(headers ? { headers } : {}),
});
const refused = (status: number, code: string | null, message: string, param: string | null = null): Reply =>
  sent(status, { error: { message, type: 'invalid_request_error', param, code } });
const page = (text: string): string => `<!doctype html><html><body><h1>${text}</h1></body></html>`;

export async function replyTo(call: CallRecord, options: ServerOptions, fault: Fault, mind: Mind): Promise<Reply> {
  if (fault.hang) return { type: 'silence' };
  if (fault.drop === 'before') return { type: 'cut' };
  if (fault.html) return sent(fault.status ?? 200, page('Hello'), fault.headers);
  if (fault.status !== undefined || fault.body !== undefined)
    return sent(fault.status ?? 200, fault.body ?? { error: { message: 'injected' } }, fault.headers);

  const { key, models = ['test-model', 'other-model'], prefix = '/v1' } = options;
  if (![`${prefix}/models`, `${prefix}/chat/completions`].includes(call.path)) return sent(404, page('Not found'));
  if (key !== undefined && call.headers.authorization !== `Bearer ${key}`)
    return refused(401, 'invalid_api_key', `Incorrect API key provided: ${call.headers.authorization ?? 'none'}.`);
  if (call.method === 'GET')
    return sent(200, {
      object: 'list',
      data: models.map((id) => ({ id, object: 'model', created: 1, owned_by: 'test' })),
    });
  const { body } = call;
  if (!body) return refused(400, null, 'The body could not be read.', 'messages');
  const refusal = refusalOf(body, options, models);
  if (refusal) return refusal;
  const answer = await (options.answer ?? mind)(body, call.n);
  return fault.drop === 'after' ? { type: 'cut' } : sent(200, wireAnswer(call, body, answer, fault), fault.headers);
}

function refusalOf(body: WireBody, options: ServerOptions, models: readonly string[]): Reply | undefined {
  if (!models.includes(body.model))
    return refused(
      404,
      'model_not_found',
      `The model \`${body.model}\` does not exist or you lack access to it.`,
      'model',
    );
  const tooMany = (body.top_logprobs ?? 0) > (options.maxTopLogprobs ?? 20) ? 'top_logprobs' : undefined;
  const bad = (options.refuse ?? []).find((name) => Object.hasOwn(body, name)) ?? tooMany;
  if (bad !== undefined)
    return options.vague
      ? refused(400, null, 'Bad request.')
      : refused(400, 'unsupported_parameter', `Unsupported parameter: '${bad}' is not supported with this model.`, bad);
  const size = body.messages.reduce((sum, { content }) => sum + content.length, 0);
  return size > (options.contextCharacters ?? Infinity)
    ? refused(400, 'context_length_exceeded', 'The maximum context length of this model is exceeded.', 'messages')
    : undefined;
}

function wireAnswer(call: CallRecord, body: WireBody, answer: ServerAnswer, fault: Fault): unknown {
  const { text, tokens = [], finishReason = 'stop', refusal = null, servedModel = body.model } = answer;
  const { inputTokens, outputTokens } = answer.usage ?? { inputTokens: 5, outputTokens: 1 };
  const content = tokens.map(({ token, logprob, alternatives }) => ({
    token,
    logprob,
    bytes: null,
    top_logprobs: alternatives.slice(0, body.top_logprobs ?? 0).map((other) => ({ ...other, bytes: null })),
  }));
  const logprobs = body.logprobs && !fault.noLogprobs ? { content, refusal: null } : null;
  return {
    id: `chatcmpl-${call.n}`,
    object: 'chat.completion',
    created: 1,
    model: servedModel,
    choices: [
      { index: 0, message: { role: 'assistant', content: text, refusal }, finish_reason: finishReason, logprobs },
    ],
    ...(fault.noUsage
      ? {}
      : {
          usage: {
            prompt_tokens: inputTokens,
            completion_tokens: outputTokens,
            total_tokens: inputTokens + outputTokens,
          },
        }),
  };
}
