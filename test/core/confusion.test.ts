import { describe, expect, it } from 'vitest';
import type { Completion } from '#core/completion.ts';
import { confusionOf, overAnswered } from '#core/confusion.ts';
import { outcomeOf, type ExampleResult, type Outcome } from '#core/evaluation.ts';
import type { Example } from '#core/example.ts';
import type { ExampleId } from '#core/id.ts';
import { createRandom } from '#lib/random.ts';
import { metrics } from '#metrics/index.ts';

const result = (outcome: Outcome, read?: string): ExampleResult =>
  outcome === 'failed'
    ? { type: 'failed', code: 'row-too-long', message: '', attempts: 1 }
    : {
        ...{ type: 'answered', outcome, answer: read ?? '', crossEntropy: { type: 'unscored', reason: 'no-logprobs' } },
        ...(read === undefined ? {} : { read }),
        ...{ usage: { inputTokens: 1, outputTokens: 1 }, latencyMs: 1, attempts: 1, call: 'c' as never },
      };

/** Rows by their right answers and what came. */
function table(rows: readonly (readonly [targets: readonly string[], outcome: Outcome, read?: string])[], choices = 0) {
  const results = new Map<ExampleId, ExampleResult>();
  const examples = new Map<ExampleId, Example>();
  for (const [index, [targets, outcome, read]] of rows.entries()) {
    const id = `row ${index}` as ExampleId;
    results.set(id, result(outcome, read));
    const options = Array.from({ length: choices }, (_, i) => `option ${i}`);
    examples.set(id, { id, inputs: {}, targets, ...(choices > 0 ? { choices: options } : {}) });
  }
  return { results, examples };
}
const labels = { type: 'label', labels: ['Yes', 'no'] } as const;
const completion = (text: string): Completion => ({
  ...{ text, finishReason: 'stop', latencyMs: 1, usage: { inputTokens: 1, outputTokens: 1 } },
});

describe('the confusion matrix', () => {
  it('counts what was read for each right answer, apart from what could not be read and what failed', () => {
    const { results, examples } = table([
      [['Yes'], 'right', 'yes'],
      [['Yes'], 'right', 'Yes'],
      [['Yes'], 'wrong', 'no'],
      [['Yes'], 'unparsable'],
      [['no'], 'wrong', 'Yes'],
      [['no'], 'cut-off'],
      [['no'], 'refused'],
      [['no'], 'failed'],
      [['no'], 'wrong', 'perhaps'],
    ]);
    const found = confusionOf(results, examples, labels);
    expect(found?.classes).toEqual(['Yes', 'no']);
    expect(found?.hasOther).toBe(true);
    expect(found?.rows).toMatchObject([
      { label: 'Yes', counts: [2, 1], other: 0, unreadable: 1, failed: 0, n: 4, recall: { value: 0.5 } },
      { label: 'no', counts: [1, 0], other: 1, unreadable: 2, failed: 1, n: 4, recall: { value: 0 } },
    ]);
  });

  it('has the letters of the rows', () => {
    const { results, examples } = table(
      [
        [['B'], 'right', 'B'],
        [['D'], 'wrong', 'A'],
      ],
      4,
    );
    const found = confusionOf(results, examples, { type: 'letter' });
    expect(found?.classes).toEqual(['A', 'B', 'C', 'D']);
    expect(found?.rows[3]?.counts).toEqual([1, 0, 0, 0]);
    expect(found?.rows[0]).not.toHaveProperty('recall');
  });

  it('counts a row with several right answers under the one that was given', () => {
    const { results, examples } = table([
      [['Yes', 'no'], 'right', 'no'],
      [['Yes', 'no'], 'unparsable'],
    ]);
    expect(confusionOf(results, examples, labels)?.rows).toMatchObject([
      { counts: [0, 0], unreadable: 1 },
      { counts: [0, 1], unreadable: 0 },
    ]);
  });

  it('calls right what the metric calls right, however it was read', () => {
    const { results, examples } = table([
      [['Yes'], 'right', 'y e s'],
      [['Yes'], 'wrong', 'yes'],
    ]);
    expect(confusionOf(results, examples, labels)?.rows[0]).toMatchObject({ counts: [1, 0], other: 1 });
  });

  it('knows a label that the metric read without its underscores, where it can be no other', () => {
    const cards = { type: 'label', labels: ['card_arrival', 'card_payment', 'a_b', 'ab_'] } as const;
    const { results, examples } = table([
      [['card_arrival'], 'wrong', 'cardpayment'],
      [['card_arrival'], 'wrong', '__ab'],
    ]);
    expect(confusionOf(results, examples, cards)?.rows[0]).toMatchObject({ counts: [0, 1, 0, 0], other: 1 });
  });

  it.each(['label', 'exact', 'strict', 'contains'] as const)('has the right answers on its diagonal by “%s”', (id) => {
    const random = createRandom(`confusion by ${id}`);
    const format = { type: 'label', labels: ['card_arrival', 'Card payment', 'no', 'not now'] } as const;
    const ways = [(label: string) => label, (label: string) => label.toUpperCase(), (label: string) => `**${label}**.`];
    const rows = Array.from({ length: 200 }, () => {
      const [target, label] = [random.pick(format.labels), random.pick([...format.labels, 'something'])];
      const example = { id: 'row' as ExampleId, inputs: {}, targets: [target] };
      const text = random.pick(ways)(label);
      const score = metrics[id].score(example, completion(text), format);
      if (score.type !== 'scored') return [[target], 'unparsable'] as const;
      const outcome = score.value === 1 ? ('right' as const) : ('wrong' as const);
      return score.read === undefined ? ([[target], outcome] as const) : ([[target], outcome, score.read] as const);
    });
    const { results, examples } = table(rows);
    const found = confusionOf(results, examples, format)?.rows ?? [];
    const right = rows.filter(([, outcome]) => outcome === 'right').length;
    expect(right).toBeGreaterThan(10);
    expect(found.reduce((sum, { counts }, place) => sum + (counts[place] ?? 0), 0)).toBe(right);
    for (const [place, label] of format.labels.entries()) {
      const ofLabel = rows.filter(([[target], outcome]) => target === label && outcome === 'right').length;
      expect(found[place]?.counts[place]).toBe(ofLabel);
    }
  });

  it('is there for labels and letters only, and for rows that are still known', () => {
    const { results, examples } = table([[['5'], 'right', '5']]);
    expect(confusionOf(results, examples, { type: 'number' })).toBeUndefined();
    expect(confusionOf(results, examples, { type: 'text' })).toBeUndefined();
    expect(confusionOf(results, new Map(), labels)).toBeUndefined();
  });

  it('adds up to all rows, and to the right ones along the diagonal', () => {
    const random = createRandom('confusion');
    const kinds = ['right', 'wrong', 'unparsable', 'refused', 'cut-off', 'failed'] as const;
    for (let i = 0; i < 50; i++) {
      const { results, examples } = table(
        Array.from({ length: 40 }, () => {
          const target = random.pick(labels.labels);
          const outcome = random.pick(kinds);
          const read =
            outcome === 'right' ? target : outcome === 'wrong' ? (target === 'no' ? 'Yes' : 'no') : undefined;
          return read === undefined ? ([[target], outcome] as const) : ([[target], outcome, read] as const);
        }),
      );
      const rows = confusionOf(results, examples, labels)?.rows ?? [];
      expect(rows.reduce((sum, { n, failed }) => sum + n + failed, 0)).toBe(40);
      const right = [...results.values()].filter((one) => outcomeOf(one) === 'right').length;
      expect(rows.reduce((sum, { counts }, place) => sum + (counts[place] ?? 0), 0)).toBe(right);
    }
  });
});

describe('a label that is answered too often', () => {
  /** 40 rows, 12 of them “Yes”; so many of the others were answered “Yes” too. */
  const withTooMany = (tooMany: number, rows = 40) => {
    const { results, examples } = table(
      Array.from({ length: rows }, (_, row) =>
        row < 0.3 * rows
          ? ([['Yes'], 'right', 'Yes'] as const)
          : row < 0.3 * rows + tooMany
            ? ([['no'], 'wrong', 'Yes'] as const)
            : ([['no'], 'right', 'no'] as const),
      ),
    );
    const found = confusionOf(results, examples, labels);
    return found && overAnswered(found);
  };

  it('is named with how often it was answered and how often it was right', () => {
    expect(withTooMany(14)).toEqual({ label: 'Yes', answered: 26, right: 12, n: 40 });
  });

  it('is none where it is half as often again at the most, or where there are few answers', () => {
    expect(withTooMany(6)).toBeUndefined();
    expect(withTooMany(0)).toBeUndefined();
    expect(withTooMany(7, 10)).toBeUndefined();
  });
});
