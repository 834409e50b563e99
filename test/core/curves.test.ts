import { describe, expect, it } from 'vitest';
import { curveCsv, curves, curveTable, type CurveCandidate, type CurveOptions } from '#core/curves.ts';
import { summarize, type ExampleResult, type Summary } from '#core/evaluation.ts';
import type { CallKey } from '#core/id.ts';
import type { Score } from '#core/score.ts';

const noEntropy: Score = { type: 'unscored', reason: 'no-logprobs' };
const nats = (value: number, bound: 'exact' | 'at-least' | 'estimated' = 'exact'): Score => ({
  type: 'scored',
  value,
  bound,
});

function summaryOf(right: number, of: number, crossEntropy: Score = noEntropy): Summary {
  const results = Array.from({ length: of }, (_, i): ExampleResult => ({
    type: 'answered',
    outcome: i < right ? 'right' : 'wrong',
    answer: '',
    crossEntropy,
    usage: { inputTokens: 1, outputTokens: 1 },
    latencyMs: 1,
    attempts: 1,
    call: '' as CallKey,
  }));
  return summarize(results);
}

const candidate = (order: number, round: number, summary?: Summary, callsAfter = (order + 1) * 10): CurveCandidate => ({
  id: `c${order}`,
  label: `Prompt ${order}`,
  order,
  round,
  callsAfter,
  summary,
});

describe('curves', () => {
  it('of nothing are empty', () => {
    expect(curves([], 'rounds')).toEqual({
      axis: 'rounds',
      accuracy: { points: [], best: [] },
      crossEntropy: { points: [], best: [], estimated: false },
    });
    expect(curveTable([])).toEqual([]);
  });

  it('by calls: points carry the interval and its n, steps go up only', () => {
    const { accuracy, best, baseline } = curves(
      [
        candidate(0, 0, summaryOf(5, 10)),
        candidate(1, 1, summaryOf(4, 10)),
        candidate(2, 1, summaryOf(8, 10)),
        candidate(3, 2, summaryOf(7, 10)),
      ],
      'calls',
    );
    expect(accuracy.points.map(({ x, y, n }) => [x, y, n])).toEqual([
      [10, 0.5, 10],
      [20, 0.4, 10],
      [30, 0.8, 10],
      [40, 0.7, 10],
    ]);
    // Wilson's interval of 8 of 10
    expect(accuracy.points[2]?.lo).toBeCloseTo(0.4902, 4);
    expect(accuracy.points[2]?.hi).toBeCloseTo(0.9433, 4);
    expect(accuracy.best).toMatchObject([
      { x: 10, y: 0.5 },
      { x: 30, y: 0.8 },
      { x: 40, y: 0.8 },
    ]);
    expect(accuracy.best.map(({ id }) => id)).toEqual(['c0', 'c2', 'c2']);
    expect(accuracy.baseline).toBe(0.5);
    expect([best, baseline]).toEqual(['c2', 'c0']);
  });

  it('by rounds: candidates of one round stand side by side around its number', () => {
    const { accuracy } = curves(
      [0, 1, 2].map((order) => candidate(order, order === 0 ? 0 : 1, summaryOf(order, 10))),
      'rounds',
    );
    const [start, left, right] = accuracy.points.map(({ x }) => x);
    expect(start).toBe(0);
    expect((Number(left) + Number(right)) / 2).toBeCloseTo(1);
    expect(Number(right) - Number(left)).toBeCloseTo(0.16);
  });

  it('a crowded round does not run into its neighbours', () => {
    const many = Array.from({ length: 40 }, (_, order) => candidate(order, 3, summaryOf(1, 2)));
    const xs = curves(many, 'rounds').accuracy.points.map(({ x }) => x);
    expect(Math.min(...xs)).toBeGreaterThan(2.6);
    expect(Math.max(...xs)).toBeLessThan(3.4);
  });

  it('a tie goes to the lower cross entropy, else to the earlier one', () => {
    const even = [candidate(0, 0, summaryOf(5, 10)), candidate(1, 1, summaryOf(5, 10))];
    expect(curves(even, 'calls').best).toBe('c0');
    const surer = [candidate(0, 0, summaryOf(5, 10, nats(1))), candidate(1, 1, summaryOf(5, 10, nats(0.25)))];
    const { best, accuracy, crossEntropy } = curves(surer, 'calls');
    expect(best).toBe('c1');
    expect(accuracy.best.map(({ y }) => y)).toEqual([0.5, 0.5]);
    expect(crossEntropy.best.map(({ y }) => y)).toEqual([1, 0.25]);
  });

  it('the cross entropy line follows the most accurate candidate, even upwards', () => {
    const { crossEntropy } = curves(
      [candidate(0, 0, summaryOf(5, 10, nats(0.25))), candidate(1, 1, summaryOf(6, 10, nats(0.75, 'at-least')))],
      'calls',
    );
    expect(crossEntropy.best).toMatchObject([
      { x: 10, y: 0.25 },
      { x: 20, y: 0.75 },
    ]);
    expect(crossEntropy.points.map(({ bounded }) => bounded)).toEqual([false, true]);
    expect(crossEntropy.baseline).toBe(0.25);
  });

  it('what is missing is left out, not zero', () => {
    const failed = summarize([{ type: 'failed', code: 'row-too-long', message: '', attempts: 1 }]);
    const given = [candidate(0, 0), candidate(1, 0, failed), candidate(2, 1, summaryOf(3, 4))];
    const { accuracy, crossEntropy } = curves(given, 'calls');
    expect(accuracy.points.map(({ id }) => id)).toEqual(['c2']);
    expect(accuracy.best).toMatchObject([{ x: 30, y: 0.75 }]);
    expect(accuracy).not.toHaveProperty('baseline');
    expect(crossEntropy).toEqual({ points: [], best: [], estimated: false });
    expect(curveTable(given)[0]).toMatchObject({ asked: 0, accuracy: undefined, bestAccuracy: undefined });
  });

  it('the line breaks off where the new best has no cross entropy', () => {
    const { crossEntropy } = curves(
      [candidate(0, 0, summaryOf(5, 10, nats(0.25))), candidate(1, 1, summaryOf(6, 10))],
      'calls',
    );
    expect(crossEntropy.best).toMatchObject([
      { x: 10, y: 0.25 },
      { x: 20, y: undefined },
    ]);
  });

  it('a candidate that saw only a part of the examples is shown but never leads', () => {
    const given = [candidate(0, 0, summaryOf(6, 10)), candidate(1, 1, summaryOf(3, 3))];
    const { accuracy, best } = curves(given, 'calls');
    expect(accuracy.points.map(({ partial }) => partial)).toEqual([false, true]);
    expect(best).toBe('c0');
    expect(curves(given, 'calls', { fullSize: 20 }).best).toBeUndefined();
  });

  it('a candidate that shows some of the examples is whole without them', () => {
    const shows = { ...candidate(1, 1, summaryOf(7, 8)), shown: 2 };
    const { accuracy, best } = curves([candidate(0, 0, summaryOf(6, 10)), shows], 'calls');
    expect(accuracy.points.map(({ partial }) => partial)).toEqual([false, false]);
    expect(best).toBe('c1');
    expect(curveTable([shows])[0]?.partial).toBe(false);
  });

  it('measured and estimated cross entropies never share an axis', () => {
    const mixed = [
      candidate(0, 0, summaryOf(5, 10, nats(0.25))),
      candidate(1, 1, summaryOf(5, 10, nats(0.125, 'estimated'))),
    ];
    const both = curves(mixed, 'calls').crossEntropy;
    expect([both.estimated, both.points.map(({ id }) => id)]).toEqual([false, ['c0']]);
    const only = curves(mixed.slice(1), 'calls').crossEntropy;
    expect([only.estimated, only.points.map(({ id }) => id)]).toEqual([true, ['c1']]);
  });

  it('takes the baseline that is named, and does not depend on the order of what comes in', () => {
    const given = [0, 1, 2, 3].map((order) => candidate(order, order > 1 ? 1 : 0, summaryOf(order + 1, 10)));
    expect(curves(given, 'rounds').accuracy.baseline).toBe(0.2);
    expect(curves(given, 'rounds', { baseline: 'c0' }).accuracy.baseline).toBe(0.1);
    expect(curves([...given].reverse(), 'rounds')).toEqual(curves(given, 'rounds'));
  });

  it('sorts by calls where an earlier candidate was finished later', () => {
    const { accuracy } = curves(
      [candidate(0, 0, summaryOf(9, 10), 50), candidate(1, 0, summaryOf(5, 10), 20)],
      'calls',
    );
    expect(accuracy.points.map(({ x }) => x)).toEqual([20, 50]);
    expect(accuracy.best).toMatchObject([
      { x: 20, y: 0.5 },
      { x: 50, y: 0.9 },
    ]);
  });
});

describe('curves of a search that names its leaders', () => {
  // the first two were raced on 6 of 20 rows, the third went on to 10, the fourth was turned down after 4 lucky ones
  const raced = [
    candidate(0, 0, summaryOf(3, 6), 6),
    candidate(1, 0, summaryOf(2, 6), 12),
    candidate(2, 1, summaryOf(7, 10, nats(0.5)), 30),
    candidate(3, 1, summaryOf(4, 4), 34),
  ];
  const leaders = [
    { id: 'c0', round: 0, calls: 12 },
    { id: 'c2', round: 1, calls: 34 },
  ];
  const options = { fullSize: 20, leaders };

  it('the line follows whom the search led with at that time, not the luckiest small sample', () => {
    const { accuracy, best } = curves(raced, 'calls', options);
    expect(best).toBe('c2');
    expect(accuracy.best).toMatchObject([
      { x: 12, y: 0.5 },
      { x: 34, y: 0.7 },
    ]);
    expect(accuracy.points.every(({ partial }) => partial)).toBe(true);
    expect(curves(raced, 'calls', { fullSize: 20 }).best).toBeUndefined();
  });

  it('by rounds the line meets the point of a leader that is new, and one that took over later begins at its round', () => {
    const at = (id: string): number | undefined =>
      curves(raced, 'rounds', options).accuracy.points.find((p) => p.id === id)?.x;
    expect(
      curves(raced, 'rounds', options)
        .accuracy.best.slice(0, 2)
        .map(({ x }) => x),
    ).toEqual([at('c0'), at('c2')]);
    const late = curves(raced, 'rounds', { ...options, leaders: [...leaders, { id: 'c1', round: 4, calls: 90 }] });
    expect(late.accuracy.best.map(({ x, y }) => [x, y]).at(-1)).toEqual([4, 2 / 6]);
  });

  it('time never goes back, though the points of one round stand in another order than the changes of the lead', () => {
    const swapped = [...leaders.slice(0, 1), { id: 'c3', round: 1, calls: 34 }, { id: 'c2', round: 1, calls: 36 }];
    const xs = curves(raced, 'rounds', { fullSize: 20, leaders: swapped }).accuracy.best.map(({ x }) => x);
    expect([...xs].sort((a, b) => a - b)).toEqual(xs);
  });

  it('the table tells who took the lead, and the best at the end of each round', () => {
    expect(curveTable(raced, options).map((row) => [row.improved, row.bestAccuracy, row.bestCrossEntropy])).toEqual([
      [true, 0.5, undefined],
      [false, 0.5, undefined],
      [true, 0.7, 0.5],
      [false, 0.7, 0.5],
    ]);
  });

  it('before the search names one, the best is found by score, and stays on the line afterwards', () => {
    const whole = [
      candidate(0, 0, summaryOf(10, 20), 20),
      candidate(1, 0, summaryOf(8, 20), 40),
      candidate(2, 3, summaryOf(12, 20), 77),
    ];
    const late = { fullSize: 20, leaders: [{ id: 'c2', round: 3, calls: 77 }] };
    const steps = (given: typeof whole, options: CurveOptions): readonly unknown[] =>
      curves(given, 'calls', options).accuracy.best.map(({ x, y }) => [x, y]);
    expect(steps(whole, late)).toEqual([
      [20, 0.5],
      [77, 0.6],
    ]);
    expect(steps(whole.slice(0, 2), { fullSize: 20 })).toEqual([
      [20, 0.5],
      [40, 0.5],
    ]);
    expect(curves(whole, 'rounds', late).accuracy.best[0]).toMatchObject({ id: 'c0', y: 0.5 });
    expect(curveTable(whole, late).map((row) => [row.improved, row.bestAccuracy])).toEqual([
      [true, 0.5],
      [false, 0.5],
      [true, 0.6],
    ]);
  });

  it('a leader of whom nothing is known is passed over', () => {
    const unknown = { ...options, leaders: [{ id: 'elsewhere', round: 0, calls: 1 }, ...leaders] };
    expect(curves(raced, 'calls', unknown)).toEqual(curves(raced, 'calls', options));
  });
});

describe('the table twin', () => {
  const rows = curveTable([
    candidate(0, 0, summaryOf(5, 10, nats(1, 'at-least'))),
    candidate(1, 1, summaryOf(4, 10, nats(0.5))),
    candidate(2, 1, summaryOf(8, 10, nats(0.25))),
  ]);

  it('has the numbers of the curves', () => {
    expect(rows.map((row) => [row.right, row.n, row.improved, row.bestAccuracy, row.bestCrossEntropy])).toEqual([
      [5, 10, true, 0.5, 1],
      [4, 10, false, 0.5, 1],
      [8, 10, true, 0.8, 0.25],
    ]);
    expect(rows[0]?.crossEntropy).toMatchObject({ bounded: 10, n: 10 });
  });

  it('becomes a file with one named column each and nothing for what is unknown', () => {
    const names = curveCsv.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const line = Object.fromEntries(curveCsv.map(({ name, value }) => [name, rows[0] && value(rows[0])]));
    expect(line).toMatchObject({ candidate: 'c0', right: 5, accuracy: 0.5, cross_entropy_bounded: 10, partial: false });
    const [empty] = curveTable([candidate(0, 0)]);
    expect(empty && curveCsv.find(({ name }) => name === 'accuracy')?.value(empty)).toBeUndefined();
  });
});
