import { masked } from '#lib/redact.ts';
import { AppError } from '#core/error.ts';
import { durationFrom, withinReason } from './hints.ts';

/** What a server said when it refused, in whatever dialect of the error format it speaks. */
export type Refusal = {
  readonly status: number;
  readonly message: string;
  readonly code?: string;
  readonly type?: string;
  readonly param?: string;
  /** Text of a Retry-After header, where the server lets a page read it. */
  readonly retryAfter?: { readonly value: string; readonly unit: 'ms' | 's-or-date' };
};
export type Place = { readonly baseUrl: string; readonly model: string; readonly key: string; readonly now: number };

const quotaCodes =
  /^(insufficient_quota|credit_balance_exhausted|billing_not_active|billing_hard_limit_reached|(organization|project)_(spend|usage)_limit_exceeded)$/;
const tooLong =
  /context[ _-]?(length|window|size)|maximum (context|prompt|input)|too many (input )?tokens|(prompt|input|request) is too (long|large)|string_above_max_length/i;
const filteredCodes = /^(content_policy_violation|content_filter|invalid_prompt|ResponsibleAIPolicyViolation)$/i;
const filtered =
  /content (policy|management|filter)|usage polic|safety (system|polic)|\b(flagged|moderation)\b|violat\w* [^.]{0,40}polic/i;
const unknownModel =
  /\bmodel\b[^.]{0,120}(not found|not exist|unknown|not a valid|invalid|not available|no access|not supported for)|(invalid|unknown|no such) model\b|try pulling it/i;

/** One table for all refusals. The order of the lines decides: the surest sign first. */
export function errorOf(refusal: Refusal, place: Place): AppError {
  const { status, message, code = '', type = '' } = refusal;
  const said = quoted(message, place.key);
  const host = hostOf(place.baseUrl);
  const waitMs = waitFrom(refusal, place.now);

  if (
    status === 401 ||
    code === 'invalid_api_key' ||
    /api.?key (is )?(not valid|invalid|incorrect)|invalid api.?key/i.test(message)
  )
    return new AppError('provider-unauthorized', { status, host });
  if (status === 402 || quotaCodes.test(code) || quotaCodes.test(type))
    return new AppError('provider-quota', { said, ...limitOf(`${code} ${type}`) });
  if (status === 429)
    return waitMs === undefined && /credit|billing|balance|spend/i.test(message)
      ? new AppError('provider-quota', { said })
      : new AppError('provider-rate-limited', waitMs === undefined ? {} : { retryAfterMs: waitMs });
  if (code === 'model_not_found' || ([400, 403, 404, 422].includes(status) && unknownModel.test(message)))
    return new AppError('provider-model-unknown', { model: place.model, known: [] });
  if ([400, 403, 422].includes(status) && (filteredCodes.test(code) || filtered.test(message)))
    return new AppError('row-filtered', { said });
  if (status === 403) return new AppError('provider-forbidden', { status, host, said });
  if (status === 413 || code === 'context_length_exceeded' || (status < 500 && tooLong.test(`${code} ${message}`)))
    return new AppError('row-too-long', { said });
  if (status === 404 || status === 405 || status === 410)
    return new AppError('provider-wrong-address', { url: place.baseUrl, status });
  if (status >= 500 && tooLong.test(message)) return new AppError('row-too-long', { said });
  if (status >= 500 || status === 408 || status === 409 || status === 425)
    return new AppError('provider-overloaded', { status, ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }) });
  return new AppError('provider-rejected', { status, said });
}

/**
 * Thoughts that nobody sees have used up the length of the answer: OpenAI and Azure send no answer that was cut off then, but refuse the
 * request, which was not at fault.
 */
export const usedUpItsLength = ({ status, message }: Refusal): boolean =>
  status === 400 && /could not finish the message because max_tokens|model output limit was reached/i.test(message);

/** Whose limit it is, where a code says so. */
function limitOf(codes: string): { readonly of?: 'project' | 'organization' } {
  if (/\bproject_/.test(codes)) return { of: 'project' };
  return /\borganization_/.test(codes) ? { of: 'organization' } : {};
}

const longestSaid = 300;

/** Words of the server on one line, without the key, whole or half masked as servers like to quote it. */
export function quoted(text: string, key: string): string {
  const clean = masked(text, [key]).replace(/\s+/g, ' ').trim();
  return clean.length > longestSaid ? `${clean.slice(0, longestSaid - 1)}…` : clean;
}

export const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url);

/** How long the server wants us to wait: its header, else the words "try again in 6m0s". Between 0 and ten minutes. */
function waitFrom({ retryAfter, message }: Refusal, now: number): number | undefined {
  const fromHeader = retryAfter && headerWait(retryAfter, now);
  return withinReason(fromHeader ?? spokenWait(message));
}

function headerWait({ value, unit }: NonNullable<Refusal['retryAfter']>, now: number): number | undefined {
  const text = value.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * (unit === 'ms' ? 1 : 1000);
  const date = /^\w{3}, \d{2} \w{3} \d{4} [\d:]{8} GMT$|^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : NaN;
  return date >= now ? date - now : undefined;
}

function spokenWait(message: string): number | undefined {
  const spoken = /(?:try again|retry)(?: again)?(?: after| in)\s+((?:\d+(?:\.\d+)?\s*(?:ms|h|m|s)[a-z]*\s*)+)/i.exec(
    message,
  )?.[1];
  return spoken === undefined ? undefined : durationFrom(spoken);
}

type Facts = Omit<Refusal, 'status' | 'retryAfter'>;

/** What a refusal says and when to come back, from the facts of its body and its headers. */
export function refusalFrom(status: number, facts: Facts, headers: Headers): Refusal {
  const ms = headers.get('retry-after-ms');
  const value = ms ?? headers.get('retry-after');
  return {
    status,
    ...facts,
    ...(value === null ? {} : { retryAfter: { value, unit: ms === null ? 's-or-date' : 'ms' } }),
  };
}

/** The facts of an error body: nested as the format has it, flat, a bare text, or a web page. */
export function factsFrom(body: string): Facts {
  const parsed = parseJson(body);
  if (parsed === undefined) return { message: isWebPage(body) ? 'a web page' : body };
  const whole = asRecord(Array.isArray(parsed) ? (parsed as readonly unknown[])[0] : parsed);
  const inner = whole['error'] ?? whole;
  if (typeof inner === 'string') return { message: inner };
  const error = asRecord(inner);
  const text = (name: string): string | undefined => {
    const value = error[name];
    return typeof value === 'string' ? value : undefined;
  };
  const [code, type, param] = [text('code'), text('type'), text('param')];
  return {
    message: text('message') ?? text('detail') ?? asJson(inner),
    ...(code === undefined ? {} : { code }),
    ...(type === undefined ? {} : { type }),
    ...(param === undefined ? {} : { param }),
  };
}

export const isWebPage = (text: string): boolean => /<(?:!doctype|html|head|body)\b/i.test(text);

/** JSON of anything that JSON can be read from; some of that is too deep to be written again. */
export function asJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return '{}';
  }
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The value as something whose members can be asked for; an empty one for anything else. */
export const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
