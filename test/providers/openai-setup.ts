import { afterEach, beforeEach } from 'vitest';
import type { CompletionRequest, ModelClient } from '#core/completion.ts';
import { AppError } from '#core/error.ts';
import { defaultsOf, type Values } from '#core/fields.ts';
import type { ConnectTools } from '#core/provider.ts';
import { systemClock } from '#lib/clock.ts';
import { openAiCompatible } from '#providers/openai-compatible.ts';
import { startOpenAiServer, type OpenAiServer } from '../support/openai-server.ts';

/** A server for each test, and a client of the product that is connected to it. */

export const secret = 'sk-proj-abcdefghijklmnopqrstuvwxyz0123456789';
export const never = new AbortController().signal;
export const request: CompletionRequest = {
  messages: [{ role: 'user', content: 'Is it A or B?' }],
  maxTokens: 8,
  temperature: 0,
  seed: 3,
  topLogprobs: 2,
};
export const tokens = [
  {
    token: 'B',
    logprob: -0.1,
    alternatives: [
      { token: 'B', logprob: -0.1 },
      { token: 'A', logprob: -2.5 },
    ],
  },
];

export let server: OpenAiServer;
export function serverForEachTest(): void {
  beforeEach(async () => {
    server = await startOpenAiServer({ answer: () => ({ text: 'B', tokens }) });
  });
  afterEach(() => server.close());
}

export type Options = Values<typeof openAiCompatible.fields>;
export const optionsWith = (more: Partial<Options> = {}): Options => ({
  ...defaultsOf(openAiCompatible.fields),
  baseUrl: server.baseUrl,
  model: 'test-model',
  apiKey: secret,
  ...more,
});
export const connect = (more: Partial<Options> = {}, tools: Partial<ConnectTools> = {}): Promise<ModelClient> =>
  openAiCompatible.connect(optionsWith(more), { clock: systemClock, ...tools });

/** The AppError that the work ends with. */
export async function failure(work: Promise<unknown>): Promise<AppError> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw new Error(`an AppError was expected, not ${String(error)}`);
  return error as AppError;
}
