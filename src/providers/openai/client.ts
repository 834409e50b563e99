import OpenAI, { APIConnectionError, APIError } from 'openai';
import type { CallOptions, Capabilities, ModelClient, ProbeReply } from '#core/completion.ts';
import { AppError, isAppError } from '#core/error.ts';
import { isSendable } from '#core/fields.ts';
import type { Clock } from '#lib/clock.ts';
import { completionFrom, isReport, unfinished } from './answer.ts';
import { Deadline } from './deadline.ts';
import { hintFrom } from './hints.ts';
import { parameterError, probe } from './probe.ts';
import {
  asJson,
  asRecord,
  errorOf,
  factsFrom,
  hostOf,
  isWebPage,
  parseJson,
  quoted,
  refusalFrom,
  usedUpItsLength,
  type Refusal,
} from './refusal.ts';
import {
  answersOpaquely,
  guardedFetch,
  laneOf,
  mostInFlight,
  pageOrigin,
  plainAddress,
  wholeText,
} from './transport.ts';
import { wireRequest } from './wire.ts';

/** The only file that names the SDK. It is loaded when a model is connected, not with the page. */

export type Connection = {
  readonly baseUrl: string;
  readonly model: string;
  readonly key: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly capabilities?: Capabilities;
};
/** A model client with the extra questions of "Test connection". */
export type OpenAiClient = ModelClient & {
  listModels(signal: AbortSignal): Promise<readonly string[]>;
  /** Sends the questions of `probe` at once, and tells of each before it is sent. `latencyMs` is that of the last answer. */
  examine(
    signal: AbortSignal,
    onCall: () => void,
  ): Promise<{ readonly capabilities: Capabilities; readonly latencyMs: number }>;
};

/** The SDK's own timer would fire before an answer that arrived while the machine slept; `Deadline` does not. */
const never = 2 ** 31 - 1;
/** How long to wait for a sign of life from a server that may not let the page in. */
const lookMs = 10_000;

export function createOpenAiClient(connection: Connection): OpenAiClient {
  const { model, key, timeoutMs, clock } = connection;
  /** Something came from this address that could be read. */
  let heard = false;
  const baseUrl = plainAddress(connection.baseUrl);
  // as a header it would fail like a server that is not there
  if (!isSendable(key))
    throw new AppError('provider-unauthorized', { status: 0, host: hostOf(baseUrl), unsendable: true });
  const sdk = new OpenAI({
    baseURL: baseUrl,
    apiKey: key === '' ? 'none' : key, // the SDK insists on one; the header is taken away again
    organization: null,
    project: null,
    ...(key === '' ? { defaultHeaders: { Authorization: null } } : {}),
    dangerouslyAllowBrowser: true, // the key is the person's own and goes to the person's own provider
    maxRetries: 0,
    timeout: never,
    logLevel: 'off',
    fetch: async (...given) => {
      const response = await guardedFetch(...given);
      heard = true;
      return response;
    },
  });
  const deadline = new Deadline(clock);
  const { capabilities } = connection;
  /** What the model accepts is known from an answer. */
  let answered = capabilities !== undefined;

  /** The data of a successful answer, or the refusal. Everything else is thrown as an AppError. */
  const send = async (
    signal: AbortSignal,
    ask: (signal: AbortSignal) => Answered,
    options: CallOptions = {},
  ): Promise<{ readonly data: unknown } | Refusal> => {
    const listen = (headers: Headers | undefined): void => {
      const hint = headers && hintFrom(headers);
      if (hint) options.hear?.(hint);
    };
    try {
      // what the person has set is the upper bound, however long the engine would wait
      const afterMs = Math.min(options.deadlineMs ?? timeoutMs, timeoutMs);
      const data = await deadline.within(afterMs, signal, async (both) => {
        const response = await ask(both).asResponse();
        const text = await wholeText(response);
        listen(response.headers);
        return saysJson(response) && text !== '' ? (JSON.parse(text) as unknown) : text;
      });
      const body = typeof data === 'string' ? parseJson(data) : data;
      if (typeof body === 'object' && body !== null) return refusalInside(body) ?? { data: body };
      if (typeof data !== 'string' || data.trim() === '')
        throw new AppError('provider-bad-answer', { found: 'an empty body' });
      // after good answers it is a captive portal or a maintenance page, and may pass
      throw answered
        ? new AppError('provider-bad-answer', { found: isWebPage(data) ? 'a web page' : 'a text that is not JSON' })
        : new AppError('provider-wrong-address', { url: baseUrl, status: 200 });
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof AppError) throw error;
      if (error instanceof APIConnectionError)
        throw error.cause instanceof AppError ? error.cause : new AppError('provider-unreachable', { url: baseUrl });
      if (error instanceof APIError) {
        listen((error as SdkError).headers);
        return refusalOf(error as SdkError);
      }
      if (error instanceof SyntaxError) throw new AppError('provider-bad-answer', { found: 'broken JSON' });
      if (error instanceof TypeError) throw new AppError('provider-unreachable', { url: baseUrl });
      throw error;
    }
  };
  const errorFor = (refusal: Refusal): AppError => errorOf(refusal, { baseUrl, model, key, now: clock.now() });

  const complete: ModelClient['complete'] = async (request, signal, options = {}) => {
    const from = clock.elapsedMs();
    const accepts = options.accepts ?? capabilities;
    const wire = wireRequest(model, request, accepts);
    try {
      const result = await send(signal, (both) => sdk.chat.completions.create(wire, { signal: both }), options);
      const latencyMs = Math.round(clock.elapsedMs() - from);
      if (!('data' in result) && !usedUpItsLength(result)) throw refusalError(result, accepts);
      const completion =
        'data' in result ? completionFrom(result.data, request, latencyMs) : unfinished(request, latencyMs);
      answered = true;
      return completion;
    } catch (error) {
      throw options.neverHeard && (await isShutOut(error, signal)) ? shutOut() : error;
    }
  };
  const refusalError = (refusal: Refusal, accepts: Capabilities | undefined): AppError => {
    const error = errorFor(refusal);
    // models that think refuse log-probabilities as if they were forbidden; a 403 of other words is no matter of parameters
    const isUnexplained =
      error.code === 'provider-rejected' || (error.code === 'provider-forbidden' && /logprobs/i.test(refusal.message));
    return (isUnexplained && parameterError(refusal, accepts, quoted(refusal.message, key))) || error;
  };

  const list = async (signal: AbortSignal, headers?: Record<string, string>): Promise<readonly string[]> => {
    const options = headers ? { headers } : {};
    const result = await send(signal, (both) => sdk.get<unknown>('/models', { ...options, signal: both }));
    if (!('data' in result)) throw errorFor(result);
    return modelNames(result.data, baseUrl);
  };

  /**
   * A page cannot see why a request failed. It is not let in where it has never read a word of this server, which answers at that very
   * moment to whoever does not want to read, and not to a free question that needs the same consent as a call.
   */
  const isShutOut = async (error: unknown, signal: AbortSignal): Promise<boolean> => {
    if (pageOrigin() === '' || heard || !isUnreachable(error)) return false;
    try {
      if (!(await deadline.within(lookMs, signal, (both) => answersOpaquely(`${baseUrl}/models`, both)))) return false;
      await list(signal, { 'content-type': 'application/json' });
      return false;
    } catch (looked) {
      signal.throwIfAborted();
      return isUnreachable(looked);
    }
  };
  const shutOut = (): AppError => new AppError('provider-cors', { url: baseUrl, origin: pageOrigin() });

  return {
    fingerprint: `openai-compatible/1/${baseUrl}/${model}`,
    lane: laneOf(baseUrl),
    mostInFlight: mostInFlight(baseUrl),
    complete,
    probe: (replies) => (capabilities ? { found: capabilities } : probe(replies)),
    async examine(signal, onCall) {
      const replies: ProbeReply[] = [];
      let latencyMs = 0;
      for (let step = probe(replies); ; step = probe(replies)) {
        if ('found' in step) return { capabilities: step.found, latencyMs };
        onCall();
        try {
          const completion = await complete(step.request, signal, { accepts: step.accepts });
          latencyMs = completion.latencyMs;
          replies.push({ completion });
        } catch (error) {
          signal.throwIfAborted();
          if (!isAppError(error)) throw error;
          replies.push({ error });
        }
      }
    },
    async listModels(signal) {
      try {
        return await list(signal);
      } catch (error) {
        if (await isShutOut(error, signal)) throw shutOut();
        // the look at it was a second try
        if (isUnreachable(error) && heard) return list(signal);
        throw error;
      }
    },
  };

  function refusalInside(body: object): Refusal | undefined {
    const { error } = asRecord(body);
    if (!isReport(error)) return undefined;
    const facts = factsFrom(asJson({ error }));
    const code = Number(asRecord(error)['code']);
    if (code >= 400 && code < 600) return { status: code, ...facts };
    throw new AppError('provider-bad-answer', { found: `an error report: ${quoted(facts.message, key)}` });
  }
}

const isUnreachable = (error: unknown): boolean => isAppError(error) && error.code === 'provider-unreachable';

/** What the SDK hands back for a call. Its answer is read here, once and in one go. */
type Answered = { asResponse(): Promise<Response> };
const saysJson = ({ headers }: Response): boolean => /[/+]json\b/i.test(headers.get('content-type') ?? '');
type SdkError = APIError;
/** The transport has brought all dialects into one form already. */
const refusalOf = ({ status, error, headers }: SdkError): Refusal =>
  refusalFrom(status ?? 0, factsFrom(asJson({ error })), headers ?? new Headers());

function modelNames(data: unknown, url: string): readonly string[] {
  const { data: list, models } = asRecord(data);
  const entries: unknown = list ?? models ?? data;
  if (!Array.isArray(entries)) throw new AppError('provider-wrong-address', { url, status: 200 });
  const names = (entries as readonly unknown[]).flatMap((entry) => {
    const { id, name } = asRecord(entry);
    return typeof id === 'string' ? id : typeof name === 'string' ? name : [];
  });
  return [...new Set(names)].sort((a, b) => a.localeCompare(b, 'en'));
}
