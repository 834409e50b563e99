import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '#lib/clock.ts';
import type { AnswerKey } from '#core/provider.ts';
import type { Price } from '#core/budget.ts';
import type { Message, TokenLogprob } from '#core/completion.ts';

/** What a person or a test can tell the fault server to be. All times in milliseconds since the server began or was reset. */

/** The body of a completion request, as far as the server looks at it. */
export type WireBody = {
  readonly model: string;
  readonly messages: readonly Message[];
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
  readonly temperature?: number;
  readonly seed?: number;
  readonly logprobs?: boolean;
  readonly top_logprobs?: number;
  readonly stop?: string | readonly string[];
};

export type ServerAnswer = {
  readonly text: string | null;
  readonly finishReason?: string;
  readonly tokens?: readonly TokenLogprob[];
  readonly usage?: { readonly inputTokens: number; readonly outputTokens: number };
  readonly refusal?: string;
  readonly servedModel?: string;
};
/** Has to give the same answer to the same body, or runs cannot be compared. */
export type Answerer = (body: WireBody, n: number) => ServerAnswer | Promise<ServerAnswer>;

export type KeyPlan = {
  /** Completions that it still pays for; then 429 with `quotaCode`. */
  readonly quota?: number;
  readonly quotaCode?: string;
  readonly revokedAtMs?: number;
  /** 403 with these words. */
  readonly forbidden?: string;
};

export type ModelPlan = {
  readonly id: string;
  /** Longest request, at four characters a token, before `context_length_exceeded`. */
  readonly contextTokens?: number;
  /** Largest `top_logprobs`; 0: the field is answered with null. */
  readonly topLogprobs?: number;
  /** Parameters that are answered with 400. */
  readonly unsupported?: readonly string[];
};

export type Cors = {
  /** Null: no CORS header at all, and preflights are answered with 405. */
  readonly origin: string | null;
  readonly allowHeaders: string;
  /** Headers that a page may read; none by default, as on most real servers. */
  readonly expose: readonly string[];
  readonly missingOnStatus: readonly number[];
};

export type Latency =
  | { readonly type: 'fixed'; readonly ms: number }
  | { readonly type: 'uniform'; readonly minMs: number; readonly maxMs: number }
  | { readonly type: 'lognormal'; readonly medianMs: number; readonly sigma: number; readonly maxMs?: number }
  /** In turn, by the number of the request. */
  | { readonly type: 'list'; readonly ms: readonly number[] };

export type Limits = {
  /** Requests a minute and key, refilled continuously; `rpmBurst` is the size of the bucket (a minute's worth unless told). */
  readonly rpm?: number;
  readonly rpmBurst?: number;
  readonly tpm?: number;
  readonly tpmBurst?: number;
  /** Completions under way at the same time. */
  readonly concurrent?: number;
  /** What a rejected call takes out of the bucket all the same, in calls. */
  readonly rejectCost?: number;
  readonly sendHeaders?: boolean;
  readonly sendRetryAfter?: boolean;
  /** “Please try again in 1.2s” in the body. */
  readonly bodyHint?: boolean;
  /** Other rates from these moments on. */
  readonly schedule?: readonly { readonly atMs: number; readonly rpm?: number; readonly tpm?: number }[];
};

/** What happens instead of, before or to a good answer. `delayMs` comes first; `withoutCors` takes the CORS headers off this answer. */
export type Fault = FaultType & { readonly delayMs?: number; readonly withoutCors?: boolean };
type FaultType =
  /** Only the delay, or only the missing headers. */
  | { readonly type: 'none' }
  | { readonly type: 'status'; readonly status: number; readonly body?: unknown; readonly headers?: Headers }
  /** Nothing is generated: the connection is reset, or closed, or stays open without a word. */
  | { readonly type: 'rst-before' | 'fin-before' | 'hang' }
  /** The answer is made, billed, and never sent. */
  | { readonly type: 'rst-after-generation' | 'close-after-generation' }
  /** Only a share of the body. `honest`: no length was promised, so that the end looks like one. `rst`: a reset instead of an end. */
  | { readonly type: 'truncate'; readonly at?: number; readonly honest?: boolean; readonly rst?: boolean }
  | { readonly type: 'slow-headers'; readonly ms: number }
  | { readonly type: 'slow-body'; readonly bytes: number; readonly everyMs: number }
  | { readonly type: 'invalid-utf8' | 'bom' | 'gzip-bad' }
  | { readonly type: 'wrong-content-type'; readonly contentType: string }
  /** A success with this body, whatever was asked. Billed. */
  | { readonly type: 'raw'; readonly body: string; readonly contentType?: string; readonly headers?: Headers }
  | ({ readonly type: 'completion' } & CompletionFault)
  | { readonly type: 'redirect'; readonly to: string; readonly status?: number }
  /** Answers to preflights; the only fault that is about them. */
  | { readonly type: 'preflight-deny' }
  /** HTTP/2 only: the server shuts the session, or refuses the stream; the client may send it again on its own. */
  | { readonly type: 'goaway' | 'refused-stream' }
  | { readonly type: 'early-hints' }
  | { readonly type: 'huge-headers'; readonly bytes: number }
  | { readonly type: 'endless' };
type Headers = Readonly<Record<string, string>>;

export type CompletionFault = {
  readonly text?: string;
  readonly finish?: string;
  readonly refusal?: string;
  readonly noChoices?: boolean;
  readonly duplicateChoice?: boolean;
  readonly noLogprobs?: boolean;
  readonly shortLogprobs?: boolean;
  readonly noUsage?: boolean;
  readonly negativeUsage?: boolean;
  readonly servedModel?: string;
  readonly headers?: Headers;
};

export type Rule = {
  /** Stands in the ledger. */
  readonly name: string;
  readonly when?: When;
  /** Share of the matching requests. */
  readonly p?: number;
  /** Only the first so many; with `schedule: 'by-key'`, the first so many of each call. */
  readonly times?: number;
  /** Only each so-manieth. */
  readonly every?: number;
  readonly fault?: Fault;
  readonly latency?: Latency;
};
export type When = {
  readonly method?: string;
  /** End of the path. */
  readonly path?: string;
  readonly model?: string;
  /** Anywhere in the body. */
  readonly contains?: string;
  readonly call?: string;
  readonly apiKey?: string;
  readonly attempt?: number;
  readonly from?: number;
  readonly to?: number;
  readonly afterMs?: number;
  readonly beforeMs?: number;
  readonly header?: string;
  readonly reusedConnection?: boolean;
};

export type FaultServerConfig = {
  readonly seed: number;
  /**
   * What chance hangs on: the order of arrival, or the call and how often it has come. By key, a run that was interrupted meets the
   * same faults as one that was not.
   */
  readonly schedule: 'by-arrival' | 'by-key';
  /** Absent: any key is good, and none. */
  readonly keys?: Readonly<Record<string, KeyPlan>>;
  readonly models: readonly ModelPlan[];
  readonly cors: Cors;
  readonly latency: Latency;
  readonly perTokenMs: number;
  readonly limits: Limits;
  /** First match wins. */
  readonly rules: readonly Rule[];
  readonly price: Price;
  /** Absent: the simulated model, which knows the right answers where it is given an `answerKey`. */
  readonly answer?: Answerer;
  readonly answerKey?: AnswerKey;
  /** Asked before the rules, by tests that decide in code. */
  readonly decide?: (arrival: Arrival) => Fault | undefined;
};

/** A request and what the rules may look at. */
export type Arrival = {
  readonly row: LedgerRow;
  readonly raw: string;
  readonly apiKey: string;
  readonly headers: IncomingHttpHeaders;
};

export type FaultServerOptions = Partial<FaultServerConfig> & {
  readonly protocol?: 'h1' | 'h2';
  /** 0: a free one. */
  readonly port?: number;
  readonly keepAliveMs?: number;
  /** HTTP/2: streams at the same time. */
  readonly maxStreams?: number;
  /** Path below which the API lives. */
  readonly prefix?: string;
  readonly clock?: Clock;
};

export const defaultConfig: FaultServerConfig = {
  seed: 1,
  schedule: 'by-arrival',
  models: [{ id: 'test-model' }, { id: 'other-model' }],
  cors: { origin: '*', allowHeaders: 'content-type, authorization', expose: [], missingOnStatus: [] },
  latency: { type: 'fixed', ms: 0 },
  perTokenMs: 0,
  limits: {},
  rules: [],
  price: { inputUsd: 1, outputUsd: 4 },
};

/** One request, as the server saw it. */
export type LedgerRow = {
  /** Counted from 1, preflights included. */
  readonly n: number;
  readonly atMs: number;
  /** The same moment by the clock on the wall, to be laid beside a journal. */
  readonly at: number;
  readonly connection: number;
  /** Others had come on this connection before: the case in which a browser may send a request again without a word. */
  readonly reusedConnection: boolean;
  readonly protocol: 'h1' | 'h2';
  readonly method: string;
  readonly path: string;
  /** Hash of the body of a completion request: equal requests are the same call. */
  readonly call?: string;
  readonly body?: WireBody;
  /** How often this call has come, this one included. */
  readonly attempt: number;
  /** The first eight characters of the key. */
  readonly keyStart: string;
  /** The key stands anywhere but in the authorization header. */
  readonly keyElsewhere: boolean;
  readonly headerNames: readonly string[];
  rule?: string;
  /** A word where no status was sent. */
  status?: number | 'reset' | 'closed' | 'silence';
  /** Generation was finished, whether or not the client got it. */
  billed: boolean;
  /** All of the response was handed to the network. */
  completed: boolean;
  clientGone: boolean;
  headersAtMs?: number;
  doneAtMs?: number;
  /** Of an error, as its body named it. */
  code?: string;
  /** How long a refusal told the client to wait. */
  hintMs?: number;
  /** Whether a page could have read that hint: from an exposed header, or from the body. */
  hintReadable?: boolean;
  usage?: { readonly inputTokens: number; readonly outputTokens: number };
  costUsd?: number;
};
