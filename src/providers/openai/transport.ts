import { noteRequest } from '#lib/requests.ts';
import { AppError } from '#core/error.ts';
import { factsFrom } from './refusal.ts';

/** An answer larger than this is no answer to anything we ask. */
const maxBodyBytes = 4 * 1024 * 1024;
/** All that a server has to know. An allow-list, because each further header needs the server's consent before a page may send it. */
const allowedHeaders = ['accept', 'authorization', 'content-type'];

/**
 * The only way out to the network. Redirects are not followed, because they would carry the prompt to a host that nobody chose: asked
 * for by hand, a page sees that there was one, and nothing else. No cookies, no cache, no referrer.
 */
export async function guardedFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const given = init?.headers instanceof Headers ? init.headers : new Headers(init?.headers);
  const headers: Record<string, string> = {};
  for (const name of allowedHeaders) {
    const value = given.get(name);
    if (value !== null) headers[name] = value;
  }
  const response = await counted(input, {
    ...init,
    headers,
    redirect: 'manual',
    credentials: 'omit',
    cache: 'no-store',
    referrerPolicy: 'no-referrer',
  });
  if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400))
    throw new AppError('provider-redirects', { url: addressOf(input) });
  if (response.ok) return response; // its body is read by `wholeText`
  // errors come in many dialects: nested, flat, bare text, a web page; from here on there is one
  const { status, headers: answered } = response;
  return new Response(JSON.stringify({ error: factsFrom(await wholeText(response)) }), { status, headers: answered });
}

/** As fetch; whoever keeps the book of requests hears what became of it. */
async function counted(input: string | URL | Request, init: RequestInit): Promise<Response> {
  const url = input instanceof Request ? input.url : String(input);
  try {
    const response = await fetch(input, init);
    noteRequest(url, response.ok || response.type === 'opaque' ? 'answered' : 'refused');
    return response;
  } catch (error) {
    noteRequest(url, 'failed');
    throw error;
  }
}

const addressOf = (input: string | URL | Request): string =>
  plainAddress(input instanceof Request ? input.url : String(input));

/** The text of an answer, which has an upper bound. @throws as the stream of the body does, and AppError `provider-bad-answer` */
export async function wholeText({ body }: Response): Promise<string> {
  if (!body) return '';
  const reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      size += next.value.byteLength;
      if (size > maxBodyBytes)
        throw new AppError('provider-bad-answer', { found: `more than ${maxBodyBytes >> 20} MB` });
      text += decoder.decode(next.value, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    reader.cancel().catch(() => undefined);
    throw error;
  }
}

/** The address without anything that could be a secret, and without the slash at its end. */
export function plainAddress(address: string): string {
  if (!URL.canParse(address)) return address;
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname}`.replace(/\/+$/, '');
}

/** Who shares a limit of rate with whom: all that is asked at one origin. */
export const laneOf = (address: string): string => (URL.canParse(address) ? new URL(address).origin : address);

/**
 * How many requests may be under way at an address. Over HTTP/1.1, which is all that http:// gives, a browser opens six connections to
 * a host and lets further requests wait where no deadline sees them; one of the six stays free for a connection test.
 */
export const mostInFlight = (address: string): number =>
  pageOrigin() !== '' && address.startsWith('http://') ? 5 : 256;

/**
 * Whether a server is there although the page may not read its answers: such a request needs nobody's consent, and its answer says
 * nothing but that it came.
 */
export async function answersOpaquely(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    await counted(url, {
      mode: 'no-cors',
      credentials: 'omit',
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
      signal,
    });
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

/** The origin that a server would have to allow; empty outside a page. */
export const pageOrigin = (): string => (typeof origin === 'string' ? origin : '');
