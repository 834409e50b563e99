import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ErrorCode } from '#core/error.ts';
import { defaultsOf } from '#core/fields.ts';
import { systemClock } from '#lib/clock.ts';
import { openAiCompatible } from '#providers/openai-compatible.ts';
import type { CallRecord, Fault } from '../support/openai-replies.ts';
import { pageFetch } from '../support/page-fetch.ts';
import { connect, failure, never, optionsWith, request, secret, server, serverForEachTest } from './openai-setup.ts';

/** A page that is not let in cannot tell so from a lost connection: what the client makes of it. */

serverForEachTest();
const page = 'https://prompts.example';
const node = fetch;
const inPage = (): void => {
  vi.stubGlobal('fetch', pageFetch(page, node));
  vi.stubGlobal('origin', page);
};
beforeEach(inPage);
afterEach(() => vi.unstubAllGlobals());

const isCall = ({ method }: CallRecord): boolean => method === 'POST';
/** Of the requests that these are, the first so many are lost. */
const losing = (
  times: number,
  which: (call: CallRecord) => boolean = isCall,
): ((call: CallRecord) => Fault | undefined) => {
  let lost = 0;
  return (call) => (which(call) && ++lost <= times ? { drop: 'before' } : undefined);
};
const code = async (neverHeard: boolean): Promise<ErrorCode> =>
  (await failure((await connect()).complete(request, never, { neverHeard }))).code;

describe('a call of which nothing comes back', () => {
  it('N15 from a server that allows no page, where never a word was heard: the page is not let in', async () => {
    server.set({ cors: 'none' });
    expect(await failure((await connect()).complete(request, never, { neverHeard: true }))).toMatchObject({
      code: 'provider-cors',
      details: { url: server.baseUrl, origin: page },
    });
    expect(server.completions, 'nothing that costs').toEqual([]);
  });

  it('N15 from a server that answers a free question without asking for consent, and refuses it to calls', async () => {
    const deaf: typeof fetch = (input, init) =>
      init?.method === 'OPTIONS' ? Promise.resolve(new Response(null, { status: 405 })) : node(input, init);
    vi.stubGlobal('fetch', pageFetch(page, deaf));
    const client = await connect({ apiKey: '' });
    expect((await failure(client.complete(request, never, { neverHeard: true }))).code).toBe('provider-cors');
  });

  it('N04 is lost, and no more, while the server was heard before', async () => {
    server.set({ cors: 'none' });
    expect(await code(false)).toBe('provider-unreachable');
  });

  it('N04 is lost, and no more, where the page is let in', async () => {
    server.set({ fault: losing(1) });
    expect(await code(true)).toBe('provider-unreachable');
  });

  it('N07 is lost where the beginning of an answer could be read', async () => {
    server.set({ fault: (call) => (isCall(call) ? { drop: 'middle' } : undefined) });
    expect(await code(true)).toBe('provider-unreachable');
    expect(server.calls.filter(({ method }) => method === 'GET')).toEqual([]);
  });

  it('N16 is no sign of it where only refusals cannot be read', async () => {
    const refusing = pageFetch(page, node);
    vi.stubGlobal('fetch', (async (input, init) => {
      if (init?.method === 'POST') throw new TypeError('Failed to fetch');
      return refusing(input, init);
    }) satisfies typeof fetch);
    expect(await code(true)).toBe('provider-unreachable');
  });

  it('N12 is lost where nobody is', async () => {
    const client = await connect();
    await server.close();
    expect((await failure(client.complete(request, never, { neverHeard: true }))).code).toBe('provider-unreachable');
  });

  it('N04 N15 is never that outside of a page, whatever the server allows', async () => {
    vi.unstubAllGlobals();
    server.set({ cors: 'none', fault: losing(1) });
    expect(await code(true)).toBe('provider-unreachable');
    server.set({ fault: losing(9, ({ method }) => method === 'GET') });
    const { error } = (await openAiCompatible.test(optionsWith(), { clock: systemClock }, never)) as {
      error?: { code: ErrorCode };
    };
    expect(error?.code).toBe('provider-unreachable');
  });
});

describe('testing a connection', () => {
  const test = () =>
    openAiCompatible.test(
      { ...defaultsOf(openAiCompatible.fields), baseUrl: server.baseUrl, model: 'test-model', apiKey: secret },
      { clock: systemClock },
      never,
    );

  it('N04 gets over one lost connection', async () => {
    server.set({ fault: losing(1, ({ method }) => method === 'GET') });
    expect(await test()).toMatchObject({ ok: true, listed: true });
  });

  it('N04 tells a question that was lost, once the list of models was read', async () => {
    server.set({ fault: losing(1) });
    expect(await test()).toMatchObject({ ok: false, error: { code: 'provider-unreachable' }, calls: 1 });
  });
});
