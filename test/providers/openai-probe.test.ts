import { describe, expect, it } from 'vitest';
import type { Capabilities, ModelClient, ProbeReply } from '#core/completion.ts';
import { isAppError } from '#core/error.ts';
import type { ServerOptions } from '../support/openai-server.ts';
import { connect, failure, never, request, server, serverForEachTest } from './openai-setup.ts';

serverForEachTest();

/** Sends the questions one after the other, as the engine does. */
async function ask(client: ModelClient): Promise<{ readonly capabilities: Capabilities; readonly calls: number }> {
  const replies: ProbeReply[] = [];
  for (let step = client.probe(replies); ; step = client.probe(replies)) {
    if ('found' in step) return { capabilities: step.found, calls: replies.length };
    replies.push(
      await client.complete(step.request, never, { accepts: step.accepts }).then(
        (completion) => ({ completion }),
        (error: unknown) => {
          if (!isAppError(error)) throw error;
          return { error };
        },
      ),
    );
  }
}

describe('probing', () => {
  const many = Array.from({ length: 20 }, (_, i) => ({ token: `t${i}`, logprob: -i - 0.1 }));
  const listed = [{ token: 't0', logprob: -0.1, alternatives: many }];
  const probe = async (set: Partial<ServerOptions>) => {
    server.set({ answer: () => ({ text: 't0', tokens: listed }), ...set });
    return ask(await connect());
  };

  it.each([
    ['everything, in one call', {}, { topLogprobs: 20, rejected: [] }, 1],
    ['at most 8', { maxTopLogprobs: 8 }, { topLogprobs: 8, rejected: [] }, 2],
    ['at most 5', { maxTopLogprobs: 5 }, { topLogprobs: 5, rejected: [] }, 3],
    ['no log-probabilities', { refuse: ['logprobs'] }, { topLogprobs: 0, rejected: ['logprobs'] }, 2],
    ['the newer name of the length', { refuse: ['max_tokens'] }, { topLogprobs: 20, rejected: ['max_tokens'] }, 2],
    [
      'little, like a model that thinks first',
      { refuse: ['max_tokens', 'temperature', 'logprobs', 'stop'] },
      { topLogprobs: 0, rejected: ['max_tokens', 'temperature', 'logprobs', 'stop'] },
      5,
    ],
    [
      'no seed, and does not say so',
      { refuse: ['seed'], vague: true },
      { topLogprobs: 20, rejected: ['seed', 'stop'] },
      2,
    ],
    ['silently none', { fault: () => ({ noLogprobs: true }) }, { topLogprobs: 0, rejected: [] }, 2],
  ])('R16 finds that a model takes %s', async (_, set, capabilities, calls) => {
    expect(await probe(set)).toEqual({ capabilities, calls });
    expect(server.completions).toHaveLength(calls);
  });

  it('R16 gives up log-probabilities that are forbidden, and nothing else that is', async () => {
    const message = 'You are not allowed to request logprobs from this model';
    const forbidden = (words: string) => ({
      status: 403,
      body: { error: { message: words, param: null, code: null } },
    });
    const asksForThem = ({ body }: { readonly body?: object }): boolean => body !== undefined && 'logprobs' in body;
    expect(await probe({ fault: (call) => (asksForThem(call) ? forbidden(message) : {}) })).toEqual({
      capabilities: { topLogprobs: 0, rejected: ['logprobs'] },
      calls: 2,
    });
    server.set({ fault: () => forbidden('You are not allowed to use this project, stop.') });
    expect(await failure(connect().then(ask))).toMatchObject({ code: 'provider-forbidden' });
  });

  it('a model whose thoughts use up the length has answered', async () => {
    const message =
      'Could not finish the message because max_tokens or model output limit was reached. Please try again with higher max_tokens.';
    server.set({ fault: () => ({ status: 400, body: { error: { message, type: 'invalid_request_error' } } }) });
    const client = await connect();
    expect(await client.complete(request, never)).toMatchObject({
      text: '',
      finishReason: 'length',
      usage: { outputTokens: request.maxTokens, estimated: true },
    });
    expect((await ask(client)).capabilities).toEqual({ topLogprobs: 0, rejected: [] });
  });

  it('finds how many alternatives are really given', async () => {
    const three = [{ token: 't0', logprob: -0.1, alternatives: many.slice(0, 3) }];
    expect(await probe({ answer: () => ({ text: 't0', tokens: three }) })).toMatchObject({
      capabilities: { topLogprobs: 3 },
    });
  });

  it('goes straight to a limit that the refusal names', async () => {
    const message = 'top_logprobs: must be less than or equal to 5';
    const found = await probe({
      fault: ({ body }) => ((body?.top_logprobs ?? 0) > 5 ? { status: 422, body: { detail: message } } : undefined),
    });
    expect(found).toEqual({ capabilities: { topLogprobs: 5, rejected: [] }, calls: 2 });
  });

  it('keeps to what it found', async () => {
    server.set({ refuse: ['max_tokens', 'seed'] });
    const { capabilities } = await ask(await connect());
    const client = await connect({}, { capabilities });
    expect((await client.complete(request, never)).text).toBe('B');
  });

  it('passes on what has nothing to do with parameters, after one call', async () => {
    server.set({ key: 'another' });
    expect((await failure(ask(await connect()))).code).toBe('provider-unauthorized');
    expect(server.completions).toHaveLength(1);
  });

  it('gives up after a few calls on a server that refuses everything', async () => {
    server.set({
      fault: ({ method }) => (method === 'POST' ? { status: 400, body: { error: { message: 'no' } } } : undefined),
    });
    expect((await failure(ask(await connect()))).code).toBe('provider-rejected');
    expect(server.completions.length).toBeLessThanOrEqual(6);
  });
});
