import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CompletionRequest, ProbeReply } from '#core/completion.ts';
import { checkValues, defaultsOf, secretsOf, type FieldValue, type Values } from '#core/fields.ts';
import { renderMessages } from '#core/prompt.ts';
import type { ConnectTools, Provider } from '#core/provider.ts';
import { isAbortError } from '#lib/abort.ts';
import { systemClock } from '#lib/clock.ts';
import { providers } from '#providers/index.ts';
import { startOpenAiServer, type OpenAiServer } from '../support/openai-server.ts';
import { readingKey } from '../support/sample-tasks.ts';

/** What every provider has to keep to, so that the engine can use any of them without knowing which it is. */

const secret = 'sk-a-very-secret-key-1234567890';
const key = readingKey();
const [example] = key.examples;
if (!example) throw new Error('the sample set is empty');
const request: CompletionRequest = {
  messages: renderMessages(
    key.task.template,
    'Read the passage and write only the letter of the best option.',
    example,
  ),
  maxTokens: 16,
  temperature: 0,
  seed: 7,
  topLogprobs: 12,
};

let server: OpenAiServer;
beforeAll(async () => {
  server = await startOpenAiServer({ answerKey: key, key: secret });
});
afterAll(() => server.close());

/** Options that a test can run with; a provider with a server of its own needs a line here. */
const optionsFor = (provider: Provider): Values => {
  const own: Readonly<Record<string, Readonly<Record<string, FieldValue>>>> = {
    'openai-compatible': { baseUrl: server.baseUrl, model: 'test-model', apiKey: secret },
  };
  return { ...defaultsOf(provider.fields), ...own[provider.id] } as Values;
};
const tools: ConnectTools = { clock: systemClock, answerKey: key };
const never = new AbortController().signal;

describe.each(Object.entries(providers) as [string, Provider][])('%s', (id, provider) => {
  const connect = (more: Partial<ConnectTools> = {}) => provider.connect(optionsFor(provider), { ...tools, ...more });

  it('describes itself, and its options are valid', () => {
    expect(provider.id).toBe(id);
    expect(provider.label).not.toBe('');
    expect(provider.description).toMatch(/\.$/);
    expect(checkValues(provider.fields, optionsFor(provider)).problems).toEqual([]);
  });

  it('gives the same answer to the same request', async () => {
    const [one, two] = [await connect(), await connect()];
    const withoutTime = async (client: typeof one) => ({ ...(await client.complete(request, never)), latencyMs: 0 });
    expect(await withoutTime(one)).toEqual(await withoutTime(two));
    expect(one.fingerprint).toBe(two.fingerprint);
  });

  it('hands back a whole answer with a valid distribution', async () => {
    const completion = await (await connect()).complete(request, never);
    expect(completion.text).not.toBe('');
    expect(completion.latencyMs).toBeGreaterThanOrEqual(0);
    expect(completion.usage.inputTokens).toBeGreaterThan(0);
    expect(completion.tokens?.map(({ token }) => token).join('')).toBe(completion.text);
    for (const { alternatives, logprob } of completion.tokens ?? []) {
      expect(logprob).toBeLessThanOrEqual(0);
      expect(alternatives.length).toBeLessThanOrEqual(request.topLogprobs);
      expect(alternatives.map((a) => a.logprob)).toEqual(alternatives.map((a) => a.logprob).sort((a, b) => b - a));
      expect(alternatives.reduce((sum, a) => sum + Math.exp(a.logprob), 0)).toBeLessThanOrEqual(1.000001);
    }
    expect(structuredClone(completion)).toEqual(completion);
  });

  it('gives no log-probabilities where none are wanted', async () => {
    expect((await (await connect()).complete({ ...request, topLogprobs: 0 }, never)).tokens).toBeUndefined();
  });

  it('keeps to known capabilities and does not probe again', async () => {
    const capabilities = { topLogprobs: 3, rejected: ['seed'] };
    const client = await connect({ capabilities });
    expect(client.probe([])).toEqual({ found: capabilities });
    const { tokens = [] } = await client.complete(request, never);
    expect(Math.max(...tokens.map(({ alternatives }) => alternatives.length))).toBe(3);
  });

  it('rejects with the abort and with nothing else', async () => {
    const client = await connect();
    const aborted = AbortSignal.abort();
    const error: unknown = await client.complete(request, aborted).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(isAbortError(error)).toBe(true);
  });

  it('finds out what its model accepts by questions that follow from the replies alone', async () => {
    const client = await connect();
    const replies: ProbeReply[] = [];
    for (let step = client.probe(replies); !('found' in step); step = client.probe(replies)) {
      expect(client.probe([...replies]), 'asked once more').toEqual(step);
      replies.push({ completion: await client.complete(step.request, never, { accepts: step.accepts }) });
      expect(replies.length).toBeLessThan(5);
    }
    const step = client.probe(replies);
    expect('found' in step && step.found.topLogprobs).toBeGreaterThan(0);
  });

  it('has a fingerprint without a secret, and another one for another model', async () => {
    const { fingerprint } = await connect();
    expect(fingerprint).not.toContain(secret);
    const changed = Object.fromEntries(secretsOf(provider.fields).map((name) => [name, 'another-secret']));
    const same = await provider.connect({ ...optionsFor(provider), ...changed }, tools);
    expect(same.fingerprint).toBe(fingerprint);
    const other = await provider.connect({ ...optionsFor(provider), model: 'small' }, tools);
    expect(other.fingerprint).not.toBe(fingerprint);
  });

  it('lists its models and tests the connection', async () => {
    const models = await provider.listModels(optionsFor(provider), never);
    const report = await provider.test(optionsFor(provider), tools, never);
    expect(models.length).toBeGreaterThan(0);
    expect(report).toMatchObject({ ok: true, models, listed: true });
    expect(report.calls).toBeLessThanOrEqual(1);
  });
});
