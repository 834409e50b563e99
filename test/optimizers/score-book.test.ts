import { describe, expect, it } from 'vitest';
import type { ExampleResult } from '#core/evaluation.ts';
import type { ExampleId } from '#core/id.ts';
import { contradicts, isMisread } from '#optimizers/parts/probability-check.ts';
import { gradeOf, ScoreBook } from '#optimizers/parts/score-book.ts';
import { answered, exampleOf, failedResult, startOf } from './by-hand.ts';

const rows = ['a', 'b', 'c', 'd', 'e', 'f'].map((text) => exampleOf(text));
const ids = rows.map(({ id }) => id);
const [first, second] = [startOf('Say what it is.'), startOf('Tell me.')];

function bookOf(results: Readonly<Record<string, readonly (ExampleResult | undefined)[]>>, weight = 0.2): ScoreBook {
  const book = new ScoreBook(weight);
  for (const candidate of [first, second])
    book.record([candidate], ids, (_, example) => results[candidate.prompt]?.[ids.indexOf(example)]);
  return book;
}
const right = answered('right', 0);
const wrong = answered('wrong', 50);

describe('the grade of a row', () => {
  it('is right or wrong, with a fifth for the probability of the right answer', () => {
    expect(gradeOf(answered('right', -Math.log(0.7)))).toBeCloseTo(0.8 + 0.2 * 0.7);
    expect(gradeOf(answered('wrong', -Math.log(0.3)))).toBeCloseTo(0.2 * 0.3);
    expect(gradeOf(answered('right', 1), 0)).toBe(1);
  });

  it('takes half of a bound, stays within 0 and 1, and is missing for a failed row', () => {
    const bounded = {
      ...answered('wrong', -Math.log(0.2)),
      crossEntropy: { type: 'scored', value: -Math.log(0.2), bound: 'at-least' },
    } as const;
    expect(gradeOf(bounded)).toBeCloseTo(0.2 * 0.1);
    expect(gradeOf(answered('right', 0))).toBe(1);
    expect(gradeOf(answered('wrong', 1e6))).toBeGreaterThan(0);
    expect(gradeOf(failedResult)).toBeUndefined();
  });

  it('is right or wrong alone without log-probabilities', () => {
    const plain = { ...answered('right', 0), crossEntropy: { type: 'unscored', reason: 'no-logprobs' } } as const;
    expect(gradeOf(plain)).toBe(1);
  });
});

describe('who is ahead on a few rows', () => {
  it('is told by the rows that both have: that hard rows failed for one prompt is no merit of it', () => {
    const book = bookOf({
      [first.prompt]: [right, right, wrong, wrong],
      [second.prompt]: [right, wrong, failedResult, undefined],
    });
    const four = ids.slice(0, 4);
    const lead = book.leads([first, second], four);
    expect(book.mean(second.id, four)?.value).toBeCloseTo(book.mean(first.id, four)?.value ?? 0);
    expect(lead(first)).toBe(0);
    expect(lead(second)).toBeCloseTo(-0.5);
    expect(book.accuracyDifference(second.id, first.id, four)).toEqual({ value: -0.5, n: 2 });
    expect(book.leads([first, second], ids.slice(4))(first)).toBe(-1);
  });
});

describe('a probability', () => {
  const atLeast = (result: ExampleResult, p: number): ExampleResult =>
    ({ ...result, crossEntropy: { type: 'scored', value: -Math.log(p), bound: 'at-least' } }) as ExampleResult;

  it('contradicts an answer that it cannot be that of', () => {
    expect(contradicts(answered('right', -Math.log(0.6)), 2)).toBe(false);
    expect(contradicts(answered('right', -Math.log(0.2)), 4)).toBe(false);
    expect(contradicts(answered('right', -Math.log(0.01)), 4)).toBe(true);
    expect(contradicts(atLeast(right, 0.01), 4)).toBe(true);
    expect(contradicts(answered('right', -Math.log(0.05)), 26)).toBe(false);
    expect(contradicts(answered('wrong', -Math.log(0.4)), 2)).toBe(false);
    expect(contradicts(answered('wrong', -Math.log(0.9)), 2)).toBe(true);
  });

  it('says nothing where it is a bound, an estimate, or missing', () => {
    expect(contradicts(atLeast(answered('wrong', 0), 0.9), 2)).toBeUndefined();
    expect(contradicts(answered('unparsable', 0.01), 2)).toBeUndefined();
    expect(contradicts(failedResult, 2)).toBeUndefined();
    const estimated = { ...right, crossEntropy: { type: 'scored', value: 9, bound: 'estimated' } } as const;
    expect(contradicts(estimated, 2)).toBeUndefined();
  });

  it('is misread where more than a fifth of the answers contradict it', () => {
    const aloud = answered('right', -Math.log(0.001));
    const results = (count: number) => new Map(ids.slice(0, 5).map((id, index) => [id, index < count ? aloud : right]));
    const byId = (id: ExampleId) => rows[ids.indexOf(id)] ?? exampleOf('none');
    const labels = { type: 'label', labels: ['praise', 'complaint'] } as const;
    expect([0, 1, 2, 5].map((count) => isMisread(results(count), labels, byId))).toEqual([false, false, true, true]);
    // a text that is right begins with a likely token as well; one that is wrong may begin as the right one does
    expect([1, 2].map((count) => isMisread(results(count), { type: 'text' }, byId))).toEqual([false, true]);
    const sharedStart = new Map(ids.map((id) => [id, answered('wrong', -Math.log(0.9))]));
    expect(isMisread(sharedStart, { type: 'text' }, byId)).toBe(false);
    expect(isMisread(new Map([...results(5)].slice(0, 3)), labels, byId)).toBe(true);
    expect(isMisread(new Map([...results(1)].slice(0, 3)), labels, byId)).toBe(false);
    expect(isMisread(new Map([...results(5)].slice(0, 2)), labels, byId)).toBe(false);
  });
});

describe('the book', () => {
  it('sets the probabilities of one prompt aside, in every comparison with it and in no other', () => {
    const third = startOf('What is it?');
    const book = bookOf({
      [first.prompt]: [answered('right', 9), wrong],
      [second.prompt]: [answered('right', 1), wrong],
    });
    book.record([third], ids.slice(0, 2), () => answered('right', 0.5));
    const before = book.difference(second.id, third.id);
    expect(book.difference(first.id, second.id)?.value).toBeLessThan(0);
    book.setProbabilitiesAside(first.id);
    expect(book.gradesOf(first.id)).toEqual(
      new Map([
        [ids[0], 1],
        [ids[1], 0],
      ]),
    );
    expect(book.difference(first.id, second.id)).toEqual({ value: 0, n: 2 });
    expect(book.difference(third.id, first.id)).toEqual({ value: 0.5, n: 2 });
    expect(book.leads([first, second, third], ids.slice(0, 2))(first)).toBe(0);
    expect(book.difference(second.id, third.id)).toEqual(before);
    // what comes later, and in another book, is graded alike
    book.record([first], ids.slice(2, 3), () => answered('right', 9));
    expect([...book.gradesOf(first.id).values()].at(-1)).toBe(1);
    const other = book.blank();
    other.record([first, second], ids.slice(0, 1), () => answered('right', 9));
    expect(other.difference(first.id, second.id)).toEqual({ value: 0, n: 1 });
    expect(other.isMisread(second.id)).toBe(false);
  });

  it('set aside for one decide nothing between it and its equals', () => {
    const results = { [first.prompt]: [answered('right', 0.1), wrong], [second.prompt]: [answered('right', 2), wrong] };
    const book = bookOf(results);
    expect(book.best([first, second])).toBe(first);
    book.setProbabilitiesAside(first.id);
    expect(book.best([first, second])).toBe(second); // the shorter one
  });

  it('decides between equals by the probabilities, and without a weight by the length alone', () => {
    const results = { [first.prompt]: [answered('right', 0.1), wrong], [second.prompt]: [answered('right', 2), wrong] };
    expect(bookOf(results).best([first, second])).toBe(first);
    expect(bookOf(results, 0).best([first, second])).toBe(second);
  });

  it('compares on the rows that both answered, and on no others', () => {
    const book = bookOf({
      [first.prompt]: [right, right, wrong, failedResult, undefined, right],
      [second.prompt]: [wrong, right, wrong, right, right, undefined],
    });
    expect(book.difference(first.id, second.id)).toEqual({ value: expect.closeTo(1 / 3) as number, n: 3 });
    expect(book.mean(first.id)?.n).toBe(4);
    expect(book.accuracy(first.id)).toEqual({ value: 0.75, n: 4 });
    expect(book.rows(first.id)).toEqual([ids[0], ids[1], ids[2], ids[5]]);
  });

  it('turns the sign when the two change places', () => {
    const book = bookOf({ [first.prompt]: [right, wrong, right], [second.prompt]: [wrong, wrong, right] });
    expect(book.difference(first.id, second.id)?.value).toBeCloseTo(
      -(book.difference(second.id, first.id)?.value ?? 0),
    );
  });

  it('draws the estimate of a little-known candidate towards its reference', () => {
    const few = bookOf({ [first.prompt]: [wrong], [second.prompt]: [right, wrong, wrong, wrong, wrong, wrong] });
    const level = few.mean(second.id)?.value ?? 0;
    expect(few.estimate(first.id, second.id)).toBeLessThan(level);
    expect(few.estimate(first.id, second.id)).toBeGreaterThan(level - 1 / 8);
    expect(few.estimate(second.id, second.id)).toBe(level);
    expect(few.estimate(startOf('Never asked.').id, second.id)).toBe(level);
  });

  it('knows nothing of who was never asked', () => {
    const book = new ScoreBook();
    expect(book.mean(first.id)).toBeUndefined();
    expect(book.accuracy(first.id)).toBeUndefined();
    expect(book.difference(first.id, second.id)).toBeUndefined();
    expect(book.rows(first.id)).toEqual([]);
  });

  it('adds up anew when results come in', () => {
    const book = new ScoreBook();
    book.record([first], ids.slice(0, 2), () => right);
    expect(book.scored(first).summary.n).toBe(2);
    book.record([first], ids.slice(2), () => wrong);
    expect(book.scored(first).summary).toMatchObject({ n: 6, right: 2 });
  });
});
