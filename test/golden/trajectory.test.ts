import { describe, expect, it } from 'vitest';
import { hashOf } from '#lib/hash.ts';
import type { Ask, Optimizer } from '#core/optimizer.ts';
import { optimizers } from '#optimizers/index.ts';
import { driveByHand, fittingResultOf, makeWorld, resultOf, writePrompt, type World } from '../optimizers/by-hand.ts';

/**
 * The whole way of each optimizer through a small fixed world: its requests and its outcome. A difference means that an old run would
 * be replayed differently: raise the optimizer's `version`, and write a new file with
 *
 *     npx vitest run --project unit test/golden -u
 *
 * The meta prompt is a fixed one where it is an option, and the words of messages are left out where it is none, so that words can be
 * polished without a new file.
 */
const metaPrompt = 'Task: {{task}}\nGood:\n{{good prompts}}\nBad:\n{{bad prompts}}\nExamples:\n{{examples}}\n{{rules}}';

const digest = (value: unknown): string => hashOf(JSON.parse(JSON.stringify(value)) as never).slice(0, 16);

function brief(ask: Ask, isFixed: boolean): unknown {
  if (ask.kind === 'announce') {
    // which text it came of follows from the requests
    const fact = 'from' in ask.fact ? { ...ask.fact, from: undefined } : ask.fact;
    return { announce: fact.type, fact: digest(fact) };
  }
  if (ask.kind === 'listen') return { listen: ask.round };
  if (ask.kind === 'generate')
    return {
      generate: ask.jobs.map(({ messages, ...job }) => ({ ...job, messages: isFixed ? digest(messages) : messages.length })),
      keep: ask.keep,
    };
  const { candidates, examples, split, keep } = ask;
  return { evaluate: candidates.map(({ id }) => id), split, examples: examples.length, which: digest(examples), keep };
}

describe.each(Object.entries(optimizers) as [string, Optimizer][])('%s', (id, optimizer) => {
  const isFixed = Object.hasOwn(optimizer.fields, 'metaPrompt');
  const write: World['write'] = isFixed ? writePrompt : (job, count) => writePrompt({ ...job, messages: [] }, count);
  const result = id === 'pacer' ? fittingResultOf : resultOf; // it sets probabilities aside that do not fit
  const values = isFixed ? { metaPrompt } : {};
  const named = { optimizer: id, version: optimizer.version };
  const file = (part: string): string => `${id}.${optimizer.version}${part}.json`;

  it('goes the way it went before', async () => {
    const { asks, outcome } = driveByHand(makeWorld(optimizer, { values: { rounds: 4, ...values }, write, result }));
    const requests = asks.map((ask) => brief(ask, isFixed));
    const trail = { ...named, requests, outcome };
    await expect(`${JSON.stringify(trail, null, 2)}\n`).toMatchFileSnapshot(file(''));
  });

  it('goes the way it went before with other seeds and a long budget', async () => {
    const runs = [2, 3, 4].map((seed) => {
      const { asks, outcome } = driveByHand(makeWorld(optimizer, { seed, values, write, result, context: { calls: 1500 } }));
      return { seed, requests: asks.length, trail: digest(asks.map((ask) => brief(ask, isFixed))), outcome };
    });
    await expect(`${JSON.stringify({ ...named, runs }, null, 2)}\n`).toMatchFileSnapshot(file('.seeds'));
  });
});
