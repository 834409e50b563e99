import type { AppError } from './error.ts';

/** The model boundary. */
export type Message = { readonly role: 'system' | 'user' | 'assistant'; readonly content: string };

/** What is asked. Everything in it can change the answer, so all of it is part of the call key. */
export type CompletionRequest = {
  readonly messages: readonly Message[];
  /** Upper bound of the answer's length, in tokens. */
  readonly maxTokens: number;
  readonly temperature: number;
  readonly seed: number;
  /** How many alternatives per token are wanted, 0 for none. */
  readonly topLogprobs: number;
  /** Texts that end the answer. */
  readonly stop?: readonly string[];
};

/** Natural logarithms. */
export type TokenLogprob = {
  readonly token: string;
  readonly logprob: number;
  readonly alternatives: readonly { readonly token: string; readonly logprob: number }[];
};

/** Tokens of one call, or of several added up. `estimated`: the provider did not count them. */
export type Usage = { readonly inputTokens: number; readonly outputTokens: number; readonly estimated?: true };

export type Completion = {
  readonly text: string;
  readonly finishReason: 'stop' | 'length' | 'filter' | 'other';
  /** Absent: this model gives no log-probabilities. */
  readonly tokens?: readonly TokenLogprob[];
  readonly usage: Usage;
  readonly latencyMs: number;
  /** The model that answered, in its own words, where it says so. */
  readonly servedModel?: string;
};

/** What a model accepts, found out by asking it once. */
export type Capabilities = {
  /** Largest `top_logprobs` that was accepted and answered; 0: no log-probabilities. */
  readonly topLogprobs: number;
  /** Parameters of the wire format that this model refuses and that are left out. */
  readonly rejected: readonly string[];
};

/** Whether a limit of an answer's length reaches this model, under one of its names at least. */
export const limitsLength = ({ rejected }: Capabilities): boolean =>
  !['max_tokens', 'max_completion_tokens'].every((name) => rejected.includes(name));

/** What a server lets one read of its limits. All of it may be missing: a page often cannot see these headers. */
export type RateHint = {
  readonly requests?: RateWindow;
  readonly tokens?: RateWindow;
};
export type RateWindow = { readonly perMinute?: number; readonly remaining?: number; readonly resetMs?: number };

/** What the caller of one request decides and hears, besides the request itself. */
export type CallOptions = {
  /** Longest wait for the whole answer; absent: as the provider is set up. */
  readonly deadlineMs?: number;
  /** What to take the model to accept, in place of what the client knows: for the questions of a probe. */
  readonly accepts?: Capabilities;
  /** Asked again and again, this address has never said anything that could be read: it may be there and not let this page in. */
  readonly neverHeard?: boolean;
  /** Told what the server says of its limits, with an answer as with a refusal. */
  hear?(hint: RateHint): void;
};

/** What came of one question of a probe: an answer, or the failure that no retry helps against. */
export type ProbeReply = { readonly completion: Completion } | { readonly error: AppError };
/** The next question of a probe, with what to take the model to accept for it; or what was found. */
export type ProbeStep =
  { readonly request: CompletionRequest; readonly accepts: Capabilities } | { readonly found: Capabilities };

/**
 * One model, ready to be asked.
 * @throws AppError with a `provider-…` code for a broken system. A bad answer is an answer.
 */
export interface ModelClient {
  /** Everything besides the request that can change an answer: endpoint, model, provider settings. No secret. */
  readonly fingerprint: string;
  /** Models with the same lane share one limit of rate: the origin of their address, as a rule. No secret. */
  readonly lane: string;
  /** How many requests to this address can be under way at the same time; more would wait inside the browser. */
  readonly mostInFlight: number;
  complete(request: CompletionRequest, signal: AbortSignal, options?: CallOptions): Promise<Completion>;
  /**
   * How to find out what the model accepts: what to ask next, after these replies. Pure: whoever wants to know sends the questions, as
   * any other call, and may begin again with the replies that it has. The engine journals what was found and asks once a run.
   * @throws AppError the error of the last reply, where no other question helps.
   */
  probe(heard: readonly ProbeReply[]): ProbeStep;
}
