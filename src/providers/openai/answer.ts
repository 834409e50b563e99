import type { Completion, CompletionRequest, TokenLogprob, Usage } from '#core/completion.ts';
import { AppError } from '#core/error.ts';
import { asRecord } from './refusal.ts';

/** The gate for what a server calls a success: either a whole answer comes out, or an error that says what came instead. */
export function completionFrom(data: unknown, request: CompletionRequest, latencyMs: number): Completion {
  const body = asRecord(data);
  const choices = body['choices'];
  if (!Array.isArray(choices)) throw badAnswer(`an answer without “choices”; it has ${partsOf(body)}`);
  if (choices.length !== 1) throw badAnswer(`an answer with ${choices.length} choices instead of one`);
  const choice = asRecord((choices as readonly unknown[])[0]);
  const message = asRecord(choice['message']);
  const { content, refusal } = message;
  const calls = message['tool_calls'] ?? message['function_call'];
  if (content === undefined && typeof refusal !== 'string' && !calls) throw badAnswer('a choice without a message');
  if (typeof content !== 'string' && content !== null && content !== undefined)
    throw badAnswer('content that is not a text');
  const reason = choice['finish_reason'];
  // an answer that does not say how it ended was cut off on its way
  if (typeof reason !== 'string' || reason === '') throw badAnswer('an answer that does not say why it ends');
  if (isReport(choice['error']) || brokenOff.has(reason)) throw badAnswer('an answer that broke off with an error');
  if (typeof content === 'string' && isMangled(content)) throw badAnswer('characters that are no valid UTF-8');

  const refused = typeof content !== 'string' && typeof refusal === 'string';
  const raw = typeof content === 'string' ? content : refused ? refusal : '';
  const { text, from, unfinished } = withoutThoughts(raw);
  const tokens = tokensFrom(asRecord(choice['logprobs'])['content'], raw, from, request.topLogprobs);
  const servedModel = body['model'];
  return {
    text,
    finishReason: unfinished ? 'length' : refused ? 'filter' : finishReasonOf(reason),
    ...(tokens ? { tokens } : {}),
    usage: usageFrom(body['usage']) ?? estimatedUsage(request, raw),
    latencyMs,
    ...(typeof servedModel === 'string' && servedModel !== '' ? { servedModel } : {}),
  };
}

/** An answer of which the length was used up before its first word. What it took is not told, so it counts at the most. */
export const unfinished = (request: CompletionRequest, latencyMs: number): Completion => ({
  text: '',
  finishReason: 'length',
  usage: { ...estimatedUsage(request, ''), outputTokens: request.maxTokens },
  latencyMs,
});

const badAnswer = (found: string): AppError => new AppError('provider-bad-answer', { found });
/** Names only: a server that repeats what it was sent must not get a key into an error. */
const partsOf = (body: Readonly<Record<string, unknown>>): string =>
  Object.keys(body).slice(0, 8).join(', ').slice(0, 100) || 'nothing';

/** The server gave up on the way, as DeepSeek and vLLM say it: what came by then is no answer. */
const brokenOff: ReadonlySet<string> = new Set([
  'error',
  'abort',
  'aborted',
  'cancelled',
  'insufficient_system_resource',
]);

/** Whether the value reports an error; some servers always send the member, and leave it empty. */
export const isReport = (error: unknown): boolean => Boolean(error) && error !== 'null';

/** What could not be decoded was replaced, and the rest may be of another text altogether. */
function isMangled(text: string): boolean {
  const replaced = text.split('\ufffd').length - 1;
  return replaced > 0 && replaced >= text.length * 0.01;
}

function finishReasonOf(reason: string): Completion['finishReason'] {
  if (['stop', 'eos', 'eos_token', 'end_turn', 'stop_sequence'].includes(reason)) return 'stop';
  if (['length', 'max_tokens'].includes(reason)) return 'length';
  return reason === 'content_filter' ? 'filter' : 'other';
}

/**
 * Thoughts are not part of the answer. A template may have written the opening mark into the question, so the closing one alone
 * counts as well; an opening one alone means that the thinking used up all tokens and no answer came.
 */
function withoutThoughts(raw: string): { readonly text: string; readonly from: number; readonly unfinished: boolean } {
  const opens = /^\s*<think>/.test(raw);
  const end = raw.lastIndexOf('</think>');
  if (end < 0)
    return opens ? { text: '', from: raw.length, unfinished: true } : { text: raw, from: 0, unfinished: false };
  if (!opens && raw.includes('<think>')) return { text: raw, from: 0, unfinished: false };
  const after = raw.slice(end + '</think>'.length);
  const text = after.trimStart();
  return { text, from: raw.length - text.length, unfinished: false };
}

/** The tokens of the answer proper, most likely alternatives first. Undefined where the server gave none. */
function tokensFrom(content: unknown, raw: string, from: number, top: number): readonly TokenLogprob[] | undefined {
  if (top <= 0 || !Array.isArray(content)) return undefined;
  const items = content as readonly unknown[];
  const all = items.flatMap((item) => tokenFrom(item, top) ?? []);
  // with one of them missing, nobody knows which word the others belong to
  if (all.length === 0 || all.length < items.length) return undefined;
  const joined = all.map(({ token }) => token).join('');
  if (joined.length + 1 < raw.length * 0.9) return undefined;
  // some servers list the tokens of a separate chain of thought before those of the content
  const start = Math.max(0, joined.lastIndexOf(raw)) + from;
  let end = 0;
  return all.filter(({ token }) => {
    end += token.length;
    return end > start;
  });
}

function tokenFrom(item: unknown, top: number): TokenLogprob | undefined {
  const one = entryFrom(item);
  const listed = asRecord(item)['top_logprobs'];
  if (!one) return undefined;
  const alternatives = Array.isArray(listed) ? listed.flatMap((other) => entryFrom(other) ?? []) : [];
  return { ...one, alternatives: alternatives.sort((a, b) => b.logprob - a.logprob).slice(0, top) };
}

function entryFrom(item: unknown): { readonly token: string; readonly logprob: number } | undefined {
  const { token, logprob } = asRecord(item);
  if (typeof token !== 'string' || typeof logprob !== 'number' || !(logprob < 0.01)) return undefined;
  // JSON has no minus infinity; servers write −9999 or so, and rounding can leave a trace above zero
  return { token, logprob: Math.min(0, logprob) };
}

/** More than any model takes; a count beyond it is a mistake of the server, and would empty a budget. */
const mostTokens = 100_000_000;

/**
 * What the answer took. Some servers leave the thoughts out of the tokens of the answer, and charge for them: they are in the sum, or
 * told beside it.
 */
function usageFrom(usage: unknown): Usage | undefined {
  const { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: total, ...rest } = asRecord(usage);
  const thoughts = asRecord(rest['completion_tokens_details'])['reasoning_tokens'];
  const isCount = (value: unknown): value is number =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= mostTokens;
  if (!isCount(inputTokens) || !isCount(outputTokens)) return undefined;
  if (isCount(total)) return { inputTokens, outputTokens: Math.max(outputTokens, total - inputTokens) };
  const apart = isCount(thoughts) && thoughts > outputTokens ? thoughts : 0;
  return { inputTokens, outputTokens: outputTokens + apart };
}

const charactersPerToken = 4;
const estimatedUsage = (request: CompletionRequest, answer: string): Usage => ({
  inputTokens: request.messages.reduce(
    (sum, { content }) => sum + Math.ceil(content.length / charactersPerToken) + 4,
    0,
  ),
  outputTokens: Math.ceil(answer.length / charactersPerToken),
  estimated: true,
});
