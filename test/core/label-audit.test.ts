import { describe, expect, it } from 'vitest';
import type { ExampleResult } from '#core/evaluation.ts';
import type { ExampleId } from '#core/id.ts';
import type { Score } from '#core/score.ts';
import { labelAudit } from '#core/label-audit.ts';
import { summarize } from '#core/evaluation.ts';

const [doubtful, easy, hard] = ['doubtful', 'easy', 'hard'] as ExampleId[];
const known = (value: number, bound: 'exact' | 'at-least' = 'exact'): Score => ({ type: 'scored', value, bound });
const unknown: Score = { type: 'unscored', reason: 'no-logprobs' };

const answer = (
  outcome: Exclude<ExampleResult, { type: 'failed' }>['outcome'],
  read = 'no',
  crossEntropy: Score = unknown,
): ExampleResult => ({
  ...{ type: 'answered', outcome, answer: `The answer is ${read}`, read, crossEntropy, latencyMs: 1, attempts: 1 },
  usage: { inputTokens: 1, outputTokens: 1 },
  call: 'c' as never,
});

/** A prompt's results on the train rows. */
function prompt(rows: Readonly<Record<string, ExampleResult>>): Parameters<typeof labelAudit>[0][number] {
  const train = new Map(Object.entries(rows).map(([id, result]) => [id as ExampleId, result]));
  const none = new Map<ExampleId, ExampleResult>();
  const summary = (results: ReadonlyMap<ExampleId, ExampleResult>) => summarize(results.values());
  return {
    results: { train, validation: none, test: none },
    summaries: { train: summary(train), validation: summary(none), test: summary(none) },
  };
}
const prompts = (n: number, rows: (index: number) => Readonly<Record<string, ExampleResult>>) =>
  Array.from({ length: n }, (_, index) => prompt({ [String(easy)]: answer('right', 'yes'), ...rows(index) }));

describe('the label audit', () => {
  it('lists a row that six prompts got wrong, with what they answered', () => {
    const found = labelAudit(prompts(6, (i) => ({ [String(doubtful)]: answer('wrong', i < 4 ? 'no' : 'maybe') })));
    expect(found).toEqual([
      {
        example: doubtful,
        split: 'train',
        prompts: 6,
        answers: [
          { answer: 'no', times: 4 },
          { answer: 'maybe', times: 2 },
        ],
      },
    ]);
  });

  it.each([
    ['five prompts only', prompts(5, () => ({ doubtful: answer('wrong') }))],
    ['one of seven right', prompts(7, (i) => ({ doubtful: answer(i === 3 ? 'right' : 'wrong') }))],
    [
      'the right answer likely to one',
      prompts(6, (i) => ({ doubtful: answer('wrong', 'no', known(i === 2 ? 1 : 5)) })),
    ],
    ['nothing that could be read', prompts(6, () => ({ doubtful: answer('unparsable') }))],
    [
      'nothing answered',
      prompts(6, () => ({ doubtful: { type: 'failed', code: 'row-too-long', message: '', attempts: 1 } })),
    ],
    ['prompts that get nothing right', Array.from({ length: 6 }, () => prompt({ doubtful: answer('wrong') }))],
  ])('lists no row with %s', (_, candidates) => {
    expect(labelAudit(candidates)).toEqual([]);
  });

  it('takes a bound for what it is: known to be unlikely, or not known', () => {
    const bounded = (value: number) =>
      labelAudit(prompts(6, () => ({ doubtful: answer('wrong', 'no', known(value, 'at-least')) })));
    expect(bounded(4)[0]?.probability).toBeCloseTo(Math.exp(-4), 9);
    expect(bounded(1)).toMatchObject([{ example: doubtful }]);
    expect(bounded(1)[0]).not.toHaveProperty('probability');
  });

  it.each([1, 4, 5])('goes by right and wrong alone where cross entropies are estimated from %i draws', (draws) => {
    // as the engine estimates it where no draw is right
    const floor: Score = { type: 'scored', value: -Math.log(0.5 / (draws + 1)), bound: 'estimated' };
    const [found, ...others] = labelAudit(prompts(6, () => ({ doubtful: answer('wrong', 'no', floor) })));
    expect(found).toMatchObject({ example: doubtful, prompts: 6 });
    expect(found).not.toHaveProperty('probability');
    expect(others).toEqual([]);
    expect(labelAudit(prompts(7, (i) => ({ doubtful: answer(i === 3 ? 'right' : 'wrong', 'no', floor) })))).toEqual([]);
  });

  it('begins with the row on whose answer the prompts agree', () => {
    const found = labelAudit(
      prompts(8, (i) => ({
        [String(hard)]: answer('wrong', `guess ${i}`),
        [String(doubtful)]: answer('wrong', 'no'),
      })),
    );
    expect(found.map(({ example }) => example)).toEqual([doubtful, hard]);
  });
});
