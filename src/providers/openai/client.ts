import OpenAI, { APIConnectionError, APIError } from 'openai';
import type { CallOptions, Capabilities, Completion, CompletionRequest, ModelClient } from '#core/completion.ts';
import { AppError } from '#core/error.ts';
import type { Clock } from '#lib/clock.ts';
import { completionFrom, isReport } from './answer.ts';
import { Deadline } from './deadline.ts';
import { hintFrom } from './hints.ts';
import { parameterError, probe, type Outcome, type Probed } from './probe.ts';
import {
  asJson,
  asRecord,
  errorOf,
  factsFrom,
  isWebPage,
  parseJson,
  redact,
  refusalFrom,
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
  /** As `probe`, with the time of the last call; counts each call before it is sent. */
  examine(signal: AbortSignal, onCall: () => void): Promise<Probed>;
};

/** The SDK's own timer would fire before an answer that arrived while the machine slept; `Deadline` does not. */
const never = 2 ** 31 - 1;

export function createOpenAiClient(connection: Connection): OpenAiClient {
  const { model, key, timeoutMs, clock } = connection;
  const baseUrl = plainAddress(connection.baseUrl);
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
    fetch: guardedFetch,
  });
  const deadline = new Deadline(clock);
  let capabilities = connection.capabilities;
  let answered = false;

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

  const tryOnce = async (
    request: CompletionRequest,
    signal: AbortSignal,
    accepts?: Capabilities,
    options?: CallOptions,
  ): Promise<Outcome> => {
    const from = clock.elapsedMs();
    const wire = wireRequest(model, request, accepts);
    const result = await send(signal, (both) => sdk.chat.completions.create(wire, { signal: both }), options);
    if (!('data' in result)) return { type: 'refused', refusal: result, error: errorFor(result) };
    const completion: Completion = completionFrom(result.data, request, Math.round(clock.elapsedMs() - from));
    answered = true;
    return { type: 'answered', completion };
  };

  const examine: OpenAiClient['examine'] = async (signal, onCall) => {
    try {
      const probed = await probe((request, accepts) => tryOnce(request, signal, accepts), onCall);
      capabilities = probed.capabilities;
      return probed;
    } catch (error) {
      throw await explained(error, signal);
    }
  };
  /** A page cannot see why a request failed. Asked without the wish to read the answer, a living server answers all the same. */
  const explained = async (error: unknown, signal: AbortSignal): Promise<unknown> => {
    if (!(error instanceof AppError) || error.code !== 'provider-unreachable') return error;
    return (await answersOpaquely(`${baseUrl}/models`, signal))
      ? new AppError('provider-cors', { url: baseUrl, origin: pageOrigin() })
      : error;
  };

  return {
    fingerprint: `openai-compatible/1/${baseUrl}/${model}`,
    lane: laneOf(baseUrl),
    mostInFlight: mostInFlight(baseUrl),
    async complete(request, signal, options) {
      const outcome = await tryOnce(request, signal, capabilities, options);
      if (outcome.type === 'refused')
        throw parameterError(outcome, capabilities, redact(outcome.refusal.message, key)) ?? outcome.error;
      return outcome.completion;
    },
    async probe(signal) {
      if (connection.capabilities) return { capabilities: connection.capabilities, calls: 0 };
      const probed = await examine(signal, () => undefined);
      return { capabilities: probed.capabilities, calls: probed.calls };
    },
    examine,
    async listModels(signal) {
      try {
        const result = await send(signal, (both) => sdk.get<unknown>('/models', { signal: both }));
        if (!('data' in result)) throw errorFor(result);
        return modelNames(result.data, baseUrl);
      } catch (error) {
        throw await explained(error, signal);
      }
    },
  };

  function refusalInside(body: object): Refusal | undefined {
    const { error } = asRecord(body);
    if (!isReport(error)) return undefined;
    const facts = factsFrom(asJson({ error }));
    const code = Number(asRecord(error)['code']);
    if (code >= 400 && code < 600) return { status: code, ...facts };
    throw new AppError('provider-bad-answer', { found: `an error report: ${redact(facts.message, key)}` });
  }
}

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
