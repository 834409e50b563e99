import { describe, expect, it } from 'vitest';
import type { Completion, CompletionRequest, ModelClient } from '#core/completion.ts';
import { defaultsOf } from '#core/fields.ts';
import { renderMessages } from '#core/prompt.ts';
import type { AnswerKey } from '#core/provider.ts';
import type { Clock } from '#lib/clock.ts';
import { systemClock } from '#lib/clock.ts';
import { metrics } from '#metrics/index.ts';
import { simulated } from '#providers/simulated.ts';
import { amountsKey, messagesKey, readingKey } from '../support/sample-tasks.ts';

const never = new AbortController().signal;
const tasks = { letter: readingKey(), label: messagesKey(), number: amountsKey() };
type Kind = keyof typeof tasks;
const kinds = Object.keys(tasks) as Kind[];
const metricFor = { letter: metrics['choice-letter'], label: metrics.label, number: metrics.number };

const connect = (key: AnswerKey, seed = 1, clock: Clock = systemClock): Promise<ModelClient> =>
  simulated.connect({ ...defaultsOf(simulated.fields), seed }, { clock, answerKey: key });
const asked = (key: AnswerKey, prompt: string, index = 0): CompletionRequest => {
  const example = key.examples[index];
  if (!example) throw new Error('no such row');
  return {
    messages: renderMessages(key.task.template, prompt, example),
    maxTokens: 40,
    temperature: 0,
    seed: 1,
    topLogprobs: 20,
  };
};

async function measure(kind: Kind, prompt: string, seed = 1): Promise<{ accuracy: number; crossEntropy: number }> {
  const key = tasks[kind];
  const client = await connect(key, seed);
  let right = 0;
  let entropy = 0;
  for (const [index, example] of key.examples.entries()) {
    const completion = await client.complete(asked(key, prompt, index), never);
    const score = metricFor[kind].score(example, completion, key.task.answer);
    if (score.type === 'scored') right += score.value;
    const surprise = metrics['cross-entropy'].score(example, completion, key.task.answer);
    if (surprise.type === 'scored') entropy += surprise.value;
  }
  return { accuracy: right / key.examples.length, crossEntropy: entropy / key.examples.length };
}
const worlds = Array.from({ length: 8 }, (_, index) => index + 1);
const over = async (kind: Kind, prompt: string): Promise<readonly number[]> =>
  Promise.all(worlds.map(async (world) => (await measure(kind, prompt, world)).accuracy));
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const gibberish = 'Purple seven ladder, the soup unhappens by Thursday, please and never.';
const prompts: Readonly<Record<Kind, { mediocre: string; plain: string; good: string }>> = {
  letter: {
    mediocre: 'Here is a text with a question after it. Say what you think about it.',
    plain: 'Read the passage and answer the question after it with the letter of an option.',
    good: 'You are a careful reader. Read the passage closely, compare the options with each other, rely on what the text says rather than on what sounds likely, and write only the letter (A, B, C or D) of the best one.',
  },
  label: {
    mediocre: 'What do you make of this text? Describe its mood and topic.',
    plain: 'Choose the one label that fits the message and reply with that label.',
    good: 'You are a careful colleague. Read the customer’s message, compare it with each label, go by the main purpose rather than the tone, and reply only with the one label that fits best: account, delivery, feedback, payment, product question, return.',
  },
  number: {
    mediocre: 'Tell the story again in your own words and comment on the numbers in it.',
    plain: 'Find the amount that has to be paid and write it as a number.',
    good: 'You are a careful bookkeeper. Read the letter closely. If there are several amounts, compare them and take the one that is still to be paid in the end rather than the largest one. Write only this amount as a number in digits, nothing else.',
  },
};

describe.each(kinds)('the simulated model as evaluation model: %s', (kind) => {
  it('gets nothing right with gibberish', async () => {
    expect(Math.max(...(await over(kind, gibberish)))).toBe(0);
  });

  it('gets little right with a mediocre prompt and most with a good one', async () => {
    expect(median(await over(kind, prompts[kind].mediocre))).toBeLessThanOrEqual(0.4);
    const good = await over(kind, prompts[kind].good);
    expect(good.filter((accuracy) => accuracy >= 0.85).length).toBeGreaterThanOrEqual(5);
    expect(median(good)).toBeGreaterThan(median(await over(kind, prompts[kind].plain)));
  });

  it('is less surprised by the right answers as prompts get better', async () => {
    const entropies = async (prompt: string): Promise<number> =>
      median(await Promise.all(worlds.map(async (world) => (await measure(kind, prompt, world)).crossEntropy)));
    const { mediocre, plain, good } = prompts[kind];
    const [worst, middle, best] = [await entropies(mediocre), await entropies(plain), await entropies(good)];
    expect(best).toBeLessThan(middle);
    expect(middle).toBeLessThan(worst);
    expect(best).toBeLessThan(0.6);
  });
});

describe('the simulated model', () => {
  const key = tasks.letter;

  it('lets looks deceive: near-identical prompts differ widely, and few of the good ones are duds', async () => {
    const endings = [
      '.',
      '!',
      ' .',
      ' Thank you.',
      ' Please.',
      '\nGo.',
      ' (As always.)',
      ' Now.',
      '…',
      ' Right?',
      ' Ok.',
      ' Go on.',
    ];
    const reached = await Promise.all(
      endings.map(async (ending) => (await measure('letter', prompts.letter.good + ending)).accuracy),
    );
    expect(Math.max(...reached) - Math.min(...reached)).toBeGreaterThan(0.4);
    expect(median(reached)).toBeGreaterThan(0.85);
    expect(reached.filter((accuracy) => accuracy < 0.6).length).toBeLessThanOrEqual(6);
  });

  it('answers temperature zero without regard to the seed, and other temperatures by the seed', async () => {
    const client = await connect(key);
    const ask = async (temperature: number, seed: number): Promise<Completion> =>
      client.complete({ ...asked(key, prompts.letter.plain), temperature, seed }, never);
    expect(await ask(0, 1)).toEqual(await ask(0, 2));
    expect(await ask(1.5, 3)).toEqual(await ask(1.5, 3));
    const drawn = await Promise.all(worlds.map(async (seed) => (await ask(1.5, seed)).text));
    expect(new Set(drawn).size).toBeGreaterThan(1);
  });

  it('writes a first token that belongs to its distribution, the likeliest one at temperature zero', async () => {
    const client = await connect(key);
    for (const prompt of [gibberish, prompts.letter.mediocre, prompts.letter.plain, prompts.letter.good])
      for (let index = 0; index < 20; index++) {
        const { text, tokens = [] } = await client.complete(asked(key, prompt, index), never);
        const [first] = tokens;
        expect(tokens.map(({ token }) => token).join('')).toBe(text);
        expect(first?.alternatives).toHaveLength(20);
        expect(first?.alternatives[0]).toEqual({ token: first?.token, logprob: first?.logprob });
        const mass = (first?.alternatives ?? []).reduce((sum, { logprob }) => sum + Math.exp(logprob), 0);
        expect(mass).toBeGreaterThan(0.9);
        expect(mass).toBeLessThan(1);
      }
  });

  it('ends at the upper bound of the length and at a stop text', async () => {
    const client = await connect(key);
    const request = asked(key, gibberish);
    const cut = await client.complete({ ...request, maxTokens: 3 }, never);
    expect(cut).toMatchObject({ finishReason: 'length', usage: { outputTokens: 3 } });
    const whole = await client.complete(request, never);
    const stopped = await client.complete({ ...request, stop: [' '] }, never);
    expect(stopped.text).toBe(whole.text.split(' ')[0]);
  });

  it('takes its time from the clock that it is handed', async () => {
    const slept: number[] = [];
    const clock: Clock = { ...systemClock, sleep: (delayMs) => Promise.resolve(void slept.push(delayMs)) };
    const client = await simulated.connect(
      { ...defaultsOf(simulated.fields), latencyMs: 30_000 },
      { clock, answerKey: key },
    );
    expect((await client.complete(asked(key, gibberish), never)).latencyMs).toBe(30_000);
    expect(slept).toEqual([30_000]);
  });

  it('finds a row by its inputs when the request is not made from the template', async () => {
    const client = await connect(key);
    const [example] = key.examples;
    const content = `${example?.inputs['passage']}\n---\n${example?.inputs['question']}\nAnswer the question about the passage: only the letter, A, B, C or D.`;
    const { text } = await client.complete({ ...asked(key, ''), messages: [{ role: 'user', content }] }, never);
    expect(text).toMatch(/^ ?[A-Da-d]$/);
  });

  it('is polite about everything else', async () => {
    const client = await simulated.connect(defaultsOf(simulated.fields), { clock: systemClock });
    const { text } = await client.complete({ ...asked(key, ''), messages: [{ role: 'user', content: 'Hi!' }] }, never);
    expect(text).toContain('simulated');
  });

  it('has another fingerprint for other rows, another world and another model', async () => {
    const names = await Promise.all([connect(key), connect(tasks.label), connect(key, 2)]);
    expect(new Set(names.map(({ fingerprint }) => fingerprint)).size).toBe(3);
  });
});
