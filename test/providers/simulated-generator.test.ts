import { describe, expect, it } from 'vitest';
import type { Completion } from '#core/completion.ts';
import { defaultsOf } from '#core/fields.ts';
import { renderMessages } from '#core/prompt.ts';
import { systemClock } from '#lib/clock.ts';
import { metrics } from '#metrics/index.ts';
import { readBrief } from '#providers/simulated/brief.ts';
import { simulated } from '#providers/simulated.ts';
import { messagesKey } from '../support/sample-tasks.ts';

const never = new AbortController().signal;
const key = messagesKey();
const labels = 'account, delivery, feedback, payment, product question, return';
const client = simulated.connect(defaultsOf(simulated.fields), { clock: systemClock, answerKey: key });

const generate = async (content: string, seed: number, temperature = 1): Promise<Completion> =>
  (await client).complete(
    { messages: [{ role: 'user', content }], maxTokens: 400, temperature, seed, topLogprobs: 0 },
    never,
  );
const inTags = (text: string): string | undefined => /<prompt>([\s\S]+?)<\/prompt>/.exec(text)?.[1];

type Tried = { readonly prompt: string; readonly accuracy: number };
const metaPrompt = (tried: readonly Tried[]): string =>
  [
    `You improve prompts.\nThe task: ${key.task.description}\nThe only allowed answers are: ${labels}.`,
    'The answer must be exactly one of these and nothing else.',
    ...tried.map(({ prompt, accuracy }) => `Prompt: “${prompt}”\nResult: ${Math.round(accuracy * 100)} % were right.`),
    'Where is my parcel?\nRight answer: delivery\nAnswer of the model: payment (wrong)',
    'Write one new prompt that is better. Write only the prompt, between <prompt> and </prompt>.',
  ].join('\n\n');

async function accuracyOf(prompt: string): Promise<number> {
  const rows = key.examples.slice(0, 40);
  let right = 0;
  for (const example of rows) {
    const messages = renderMessages(key.task.template, prompt, example);
    const completion = await (
      await client
    ).complete({ messages, maxTokens: 24, temperature: 0, seed: 1, topLogprobs: 0 }, never);
    const score = metrics.label.score(example, completion, key.task.answer);
    if (score.type === 'scored') right += score.value;
  }
  return right / rows.length;
}

describe('the simulated model as generator', () => {
  it('reads the task, the allowed answers and the shown prompts with their scores out of a request', () => {
    const brief = readBrief(
      metaPrompt([
        { prompt: 'Say what this is.', accuracy: 0.1 },
        { prompt: 'Choose a label for it.', accuracy: 0.62 },
      ]),
      key,
    );
    expect(brief).toMatchObject({ task: key.task.description, tellsForm: true, showsRows: true, wantsTags: true });
    expect(brief.allowed).toEqual(labels.split(', '));
    expect(brief.shown).toEqual([
      { text: 'Say what this is.', score: 0.1 },
      { text: 'Choose a label for it.', score: 0.62 },
    ]);
  });

  it.each([
    ['tags with a score', 'Accuracy: 43 %\n<prompt>Choose the label that fits best.</prompt>', 0.43],
    ['an attribute', '<prompt score="0.43">Choose the label that fits best.</prompt>', 0.43],
    ['a count', 'Prompt: "Choose the label that fits best."\n13 of 30 answers were right', 13 / 30],
    ['lines under headings', '## Good prompts (accuracy 43 %)\n- Choose the label that fits best.', 0.43],
  ])('understands shown prompts in %s', (_, shown, score) => {
    expect(readBrief(`${shown}\n\nWrite a better prompt.`, key).shown).toEqual([
      { text: 'Choose the label that fits best.', score },
    ]);
  });

  it('knows nothing that the request does not say', async () => {
    const { text } = await generate('Write a new prompt.', 2, 0);
    for (const label of ['delivery', 'payment', 'product question']) expect(text).not.toContain(label);
    expect(text).not.toContain('<prompt>');
  });

  it('writes the same prompt for the same seed and others for other seeds', async () => {
    const request = metaPrompt([{ prompt: 'Say what this is.', accuracy: 0.1 }]);
    const texts = await Promise.all(
      Array.from({ length: 12 }, async (_, seed) => (await generate(request, seed)).text),
    );
    expect((await generate(request, 3)).text).toBe(texts[3]);
    expect(new Set(texts).size).toBeGreaterThan(8);
    expect(await generate(request, 1, 0)).toEqual(await generate(request, 2, 0));
  });

  it('goes wrong now and then, in the ways that real generators do', async () => {
    const request = metaPrompt([{ prompt: 'Say what this message is.', accuracy: 0.1 }]);
    const answers = await Promise.all(Array.from({ length: 200 }, async (_, seed) => generate(request, seed)));
    const good = answers.filter(({ text }) => {
      const prompt = inTags(text);
      return prompt !== undefined && !prompt.startsWith('"') && prompt !== 'Say what this message is.';
    });
    expect(good.length).toBeGreaterThan(160);
    expect(good.length).toBeLessThan(195);
    expect(answers.some(({ finishReason }) => finishReason === 'length')).toBe(true);
    expect(answers.some(({ text }) => text.startsWith('Here is the new prompt'))).toBe(true);
  });

  it('takes sentences of both where two prompts are to be merged', async () => {
    const [a, b] = [
      'You are a careful reader. Your whole reply is one single label.',
      'Compare the text with each label and take the closest one.',
    ];
    const request = (verb: string) =>
      `${verb} these two instructions.\nPrompt 1: “${a}”\nPrompt 2: “${b}”\nWrite it between <prompt> and </prompt>.`;
    const both = async (verb: string): Promise<number> => {
      const texts = await Promise.all(
        Array.from({ length: 60 }, async (_, seed) => (await generate(request(verb), seed)).text),
      );
      return texts.filter((text) => text.includes('reply is one') && text.includes('Compare the text')).length;
    };
    expect(await both('Merge')).toBeGreaterThan(2 * (await both('Look at')));
  });

  it('gives advice where advice is asked for', async () => {
    expect((await generate('Give reasons why this instruction fails: “Say it.”', 1)).text).toMatch(/allowed/);
  });

  it('climbs over ten rounds with a good meta prompt, and not in one step', async () => {
    const ends: number[] = [];
    const firsts: number[] = [];
    for (let seed = 1; seed <= 6; seed++) {
      const tried: Tried[] = [{ prompt: 'What do you make of this text? Describe its topic.', accuracy: 0.1 }];
      for (let round = 1; round <= 10; round++) {
        const best = [...tried].sort((a, b) => b.accuracy - a.accuracy).slice(0, 3);
        for (const job of [1, 2]) {
          const prompt = inTags((await generate(metaPrompt(best), seed * 1000 + round * 10 + job)).text);
          if (prompt !== undefined) tried.push({ prompt, accuracy: await accuracyOf(prompt) });
        }
        if (round === 1) firsts.push(Math.max(...tried.map(({ accuracy }) => accuracy)));
      }
      ends.push(Math.max(...tried.map(({ accuracy }) => accuracy)));
    }
    expect(ends.filter((accuracy) => accuracy >= 0.85).length).toBeGreaterThanOrEqual(4);
    expect(firsts.filter((accuracy) => accuracy < 0.85).length).toBeGreaterThanOrEqual(4);
  });
});
