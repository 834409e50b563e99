import { describe, expect, it } from 'vitest';
import { createRandom } from '#lib/random.ts';
import type { Completion, TokenLogprob } from '#core/completion.ts';
import type { Example } from '#core/example.ts';
import { exampleId } from '#core/id.ts';
import type { AnswerFormat } from '#core/task.ts';
import { crossEntropy, floorProbability } from '#metrics/cross-entropy.ts';

type Distribution = Readonly<Record<string, number>>;
const token = (distribution: Distribution, said?: string): TokenLogprob => {
  const alternatives = Object.entries(distribution).map(([text, p]) => ({ token: text, logprob: Math.log(p) }));
  const first = alternatives[0] ?? { token: said ?? '', logprob: 0 };
  return { ...(alternatives.find((other) => other.token === said) ?? first), alternatives };
};
const saying = (...tokens: TokenLogprob[]): Completion => ({
  text: tokens.map((one) => one.token).join(''),
  finishReason: 'stop',
  tokens,
  usage: { inputTokens: 1, outputTokens: tokens.length },
  latencyMs: 1,
});
const row = (...targets: string[]): Example => {
  const content = { inputs: { text: 'x' }, targets };
  return { id: exampleId(content), ...content };
};
const letter: AnswerFormat = { type: 'letter' };
const labels = (...names: string[]): AnswerFormat => ({ type: 'label', labels: names });
const score = (distribution: Distribution, example: Example, format: AnswerFormat) =>
  crossEntropy.score(example, saying(token(distribution)), format);
const nats = (p: number, bound: 'exact' | 'at-least' = 'exact') => ({
  type: 'scored',
  value: expect.closeTo(-Math.log(p), 9) as number,
  bound,
});

describe('the right answer among the listed tokens', () => {
  it('sums the ways to write it, and no others', () => {
    const found = score({ A: 0.5, B: 0.2, ' B': 0.1, b: 0.05, '(B': 0.05, Both: 0.04 }, row('B'), letter);
    expect(found).toEqual(nats(0.4));
  });

  it('counts marks of tokenizers as a space', () => {
    expect(score({ ĠB: 0.25, '▁B': 0.25, A: 0.5 }, row('B'), letter)).toEqual(nats(0.5));
  });

  it('counts the beginning of a label and the label with a mark behind it', () => {
    const format = labels('delivery', 'refund');
    expect(score({ del: 0.3, delivery: 0.2, 'delivery.': 0.1, ref: 0.4 }, row('delivery'), format)).toEqual(nats(0.6));
  });

  it('takes any accepted answer', () => {
    expect(score({ Paris: 0.3, Lutetia: 0.2, Rome: 0.5 }, row('Paris', 'Lutetia'), { type: 'text' })).toEqual(
      nats(0.5),
    );
  });

  it('reads amounts with and without their sign of currency', () => {
    const tokens = saying(token({ $: 0.9, ' 84': 0.1 }), token({ ' 84': 0.7, ' 85': 0.3 }));
    expect(crossEntropy.score(row('$84'), tokens, { type: 'number' })).toEqual(nats(0.7));
  });

  it('counts the sign of a label', () => {
    const format = labels('-1', '+1');
    expect(score({ '-': 0.7, '+': 0.3 }, row('-1'), format)).toEqual(nats(0.7));
    expect(score({ '-1': 0.7, '+1': 0.3 }, row('+1'), format)).toEqual(nats(0.3));
  });

  it('is zero and not minus zero when the model is certain, or rounds to more than that', () => {
    for (const logprob of [0, 1e-7])
      expect(
        crossEntropy.score(row('B'), saying({ token: 'B', logprob, alternatives: [{ token: 'B', logprob }] }), letter),
      ).toEqual({ type: 'scored', value: 0, bound: 'exact' });
  });

  it('counts a drawn token that is not among the listed ones', () => {
    const drawn = { token: 'B', logprob: Math.log(0.05), alternatives: token({ A: 0.6, C: 0.3 }).alternatives };
    expect(crossEntropy.score(row('B'), saying(drawn), letter)).toEqual(nats(0.05));
  });
});

describe('the right answer not among them', () => {
  it('costs at least what the list leaves over', () => {
    expect(score({ A: 0.6, C: 0.3 }, row('B'), letter)).toEqual(nats(0.1, 'at-least'));
  });

  it('is held at the floor of the origin', () => {
    expect(floorProbability).toBe(1e-4);
    expect(score({ A: 0.999999 }, row('B'), letter)).toEqual(nats(1e-4, 'at-least'));
    expect(score({ A: 1.2 }, row('B'), letter)).toEqual(nats(1e-4, 'at-least'));
  });

  it('listed with no probability is not listed', () => {
    const alternatives = [
      { token: 'A', logprob: Math.log(0.9) },
      { token: 'B', logprob: -9999 },
    ];
    const found = crossEntropy.score(row('B'), saying({ token: 'A', logprob: Math.log(0.9), alternatives }), letter);
    expect(found).toEqual(nats(0.1, 'at-least'));
  });
});

describe('tokens that could begin a right and a wrong answer', () => {
  const format = labels('delivery', 'declined');
  it('are neither right nor wrong: the bound keeps their mass', () => {
    expect(score({ de: 0.9, re: 0.06 }, row('delivery'), format)).toEqual(nats(0.94, 'at-least'));
    expect(score({ de: 0.5, delivery: 0.3, declined: 0.2 }, row('delivery'), format)).toEqual(nats(0.8, 'at-least'));
  });

  it('are left out where they weigh nothing', () => {
    expect(score({ delivery: 0.9, declined: 0.09, d: 0.0001 }, row('delivery'), format)).toEqual(nats(0.9));
  });

  it('that are a whole label are that label, unless a longer one goes on behind it', () => {
    expect(score({ no: 0.7, not: 0.2, yes: 0.1 }, row('no'), labels('yes', 'no', 'not sure'))).toEqual(nats(0.7));
    expect(score({ no: 0.7, not: 0.2, yes: 0.1 }, row('not sure'), labels('yes', 'no', 'not sure'))).toEqual(nats(0.2));
    expect(score({ spam: 0.7, ham: 0.3 }, row('spam'), labels('spam', 'spam offer', 'ham'))).toEqual(
      nats(0.7, 'at-least'),
    );
  });
});

describe('the token that is looked at', () => {
  it('is the first with a letter or a digit in it', () => {
    const tokens = saying(token({ '**': 1 }), token({ '\n': 1 }), token({ '(': 1 }), token({ B: 0.4, A: 0.6 }, 'B'));
    expect(crossEntropy.score(row('B'), tokens, letter)).toEqual(nats(0.4));
  });

  it('is the first of all where none has one', () => {
    expect(crossEntropy.score(row('B'), saying(token({ '…': 0.8, B: 0.2 })), letter)).toEqual(nats(0.2));
  });

  it('must be there', () => {
    expect(crossEntropy.score(row('B'), saying(), letter)).toEqual({ type: 'unscored', reason: 'no-answer' });
    const { tokens: _, ...without } = saying(token({ B: 1 }));
    expect(crossEntropy.score(row('B'), without, letter)).toEqual({ type: 'unscored', reason: 'no-logprobs' });
  });
});

describe('any distribution', () => {
  const words = ['A', 'B', ' b', '(', 'de', 'delivery', 'declined', 'd', '\n', 'Ġ', '', '1', '-', '💬', 'é', ' the'];
  const odd = [-Infinity, NaN, 0, 0.5, -9999, Infinity];
  it('gives a number that is not negative', () => {
    const random = createRandom('distributions');
    for (let i = 0; i < 1000; i++) {
      const tokens = Array.from({ length: random.integer(4) }, () => {
        const alternatives = Array.from({ length: random.integer(8) }, () => ({
          token: random.pick(words),
          logprob: random.next() < 0.1 ? random.pick(odd) : -random.next() * 12,
        }));
        return { token: random.pick(words), logprob: -random.next(), alternatives };
      });
      const format = random.pick([letter, labels('delivery', 'declined'), { type: 'number' } as const]);
      const found = crossEntropy.score(row(random.pick(['B', 'delivery', '1', '?'])), saying(...tokens), format);
      if (found.type === 'unscored') continue;
      expect(Number.isFinite(found.value) && found.value >= 0, JSON.stringify(tokens)).toBe(true);
      if (found.bound === 'at-least') expect(found.value).toBeLessThanOrEqual(-Math.log(floorProbability) + 1e-9);
    }
  });

  it('never claims more surprise than the true model has', () => {
    const random = createRandom('truth');
    const format = labels('delivery', 'declined', 'other');
    for (let i = 0; i < 300; i++) {
      // the whole truth, of which the list shows the most probable few
      const weights = ['delivery', 'declined', 'other', 'del', 'dec', 'oth', 'x'].map(
        (text) => [text, random.next() ** 4 + 1e-6] as const,
      );
      const sum = weights.reduce((total, [, weight]) => total + weight, 0);
      const all = weights.map(([text, weight]) => [text, weight / sum] as const).sort((a, b) => b[1] - a[1]);
      const shown = Object.fromEntries(all.slice(0, 1 + random.integer(6)));
      const truth = all.reduce((p, [text, share]) => (text.startsWith('del') ? p + share : p), 0);
      const found = score(shown, row('delivery'), format);
      if (found.type === 'scored' && found.bound === 'at-least')
        expect(found.value).toBeLessThanOrEqual(-Math.log(truth) + 1e-9);
    }
  });
});
