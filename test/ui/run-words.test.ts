import { describe, expect, it } from 'vitest';
import { notCompared } from '#core/optimizer.ts';
import { operators } from '#optimizers/pacer/operators.ts';
import { roundsOf } from '#ui/run/rounds.ts';
import { standingsOf } from '#core/standings.ts';
import { briefScoreWords } from '#ui/run/proposal-words.ts';
import { operatorWords, wayWords, whyWords } from '#ui/run/operator-words.ts';
import { listed, percent, signed } from '#ui/parts/format.ts';
import { stopAwaited, stopHelp, stopInstead, yetToTell } from '#ui/run/end-words.ts';
import { heldWords, useWords } from '#ui/run/part-words.ts';
import { moreRowsWords, verdictOf } from '#ui/run/verdict-words.ts';
import {
  clockWords,
  durationWords,
  entropyWords,
  examplesChange,
  judgementWords,
  originWords,
  promptName,
  reasonWords,
} from '#ui/run/words.ts';
import { finishedRun, HandMadeRun, proposal, start } from '../support/hand-made-run.ts';

const first = start('Say something.');
const other = proposal('Say yes or no.', 1, [first]);

/** A run whose two winners had so many of the twelve test rows right. */
const tested = (best: number, baseline: number) =>
  new HandMadeRun([first.prompt])
    .fact({ type: 'candidate-proposed', candidate: other, round: 1 })
    .add({ type: 'search-ended', best: other.id, baseline: first.id, reason: '', ended: 'finished' })
    .answers(other, 'test', best)
    .answers(first, 'test', baseline)
    .add({ type: 'run-ended', outcome: 'finished', reason: '' }).report;

it('a score in short has its rows and its interval', () => {
  const [tried, open] = new HandMadeRun([first.prompt, 'Another.']).answers(first, 'train', 8).report.candidates;
  const said = [tried, open].map((record) => record && briefScoreWords(record).replaceAll('\u00a0', ' '));
  expect(said).toEqual(['80.0 % of 10 rows right (49.0 % to 94.3 %)', 'not tried yet']);
});

describe('the verdict', () => {
  it('says better, worse or cannot tell, with rows and interval', () => {
    expect(verdictOf(tested(11, 4))).toEqual({
      tone: 'good',
      title: 'Better',
      sentence:
        '+58.3 points on 12 unseen rows, 95\u00a0% interval +19.9 to +80.7: 91.7\u00a0% right, where Start 1, the best starting prompt, has 33.3\u00a0%.',
    });
    expect(verdictOf(tested(2, 10)).title).toBe('Worse');
    expect(verdictOf(tested(5, 4))).toMatchObject({ title: 'Cannot tell', tone: 'warn' });
  });

  it('says that there was nothing to gain, where a starting prompt was right on every row', () => {
    const ended = (right: number, rows = 10): HandMadeRun =>
      new HandMadeRun([first.prompt])
        .answers(first, 'train', right, rows)
        .add({ type: 'search-ended', best: first.id, baseline: first.id, reason: 'Over.', ended: 'finished' })
        .add({ type: 'run-ended', outcome: 'finished', reason: 'Over.' });
    const run = ended(10);
    expect(verdictOf(run.report)).toMatchObject({ title: 'Nothing to gain', tone: 'good' });
    expect(verdictOf(run.report).sentence).toContain('no better one was looked for');
    // a mistake, or a row that nobody asked about, leaves something
    for (const other of [ended(9), ended(9, 9)]) expect(verdictOf(other.report).title).toBe('No better');
    // one that was made may have been the perfect one, and yet another have won on the validation rows
    run.fact({ type: 'candidate-proposed', candidate: other, round: 1 });
    expect(verdictOf(run.report).sentence).toBe(
      'a prompt gets every training row right, and none is better than the best of the starting prompts.',
    );
  });

  it('keeps tenths where whole points would hide the side of zero', () => {
    const { report } = finishedRun();
    const comparison = { value: 0.041, lo: 0.004, hi: 0.08, n: 400, verdict: 'better' } as const;
    expect(verdictOf({ ...report, comparison }).sentence).toBe(
      '+4.1 points on 400 unseen rows, 95\u00a0% interval +0.4 to +8.0.',
    );
  });

  it('does not call rows unseen that earlier runs had used', () => {
    const report = tested(11, 4);
    const after = (testSeen: number): string => verdictOf({ ...report, spec: { ...report.spec, testSeen } }).sentence;
    expect(after(1)).toContain('on 12 rows, some or all of which an earlier run had used, ');
    expect(after(3)).toContain('on 12 rows, some or all of which 3 earlier runs had used, ');
    // where nothing that they found was handed on, this run is blind to them
    const blind = { ...report, spec: { ...report.spec, testSeen: 3, sameStart: true } } as const;
    expect(verdictOf(blind).sentence).toContain('on 12 unseen rows, ');
  });

  it('of a run that was stopped among its test rows rests on evidence that holds at any time', () => {
    const stopped = (wins: number) => {
      const run = new HandMadeRun([first.prompt])
        .fact({ type: 'candidate-proposed', candidate: other, round: 1 })
        .add({ type: 'search-ended', best: other.id, baseline: first.id, reason: '', ended: 'finished' });
      run.answers(other, 'test', wins, wins).answers(first, 'test', 0, wins);
      return run.add({ type: 'run-ended', outcome: 'stopped', reason: 'Stopped by you.' }).report;
    };
    expect(verdictOf(stopped(6))).toMatchObject({ title: 'Cannot tell' });
    expect(verdictOf(stopped(6)).sentence).toMatch(/stopped among its test rows/);
    expect(verdictOf(stopped(8))).toMatchObject({ title: 'Better' });
  });

  it('says of no test that ended early what a whole one shows', () => {
    const asked = (rows: number, right: number) => {
      const run = new HandMadeRun([first.prompt])
        .fact({ type: 'candidate-proposed', candidate: other, round: 1 })
        .add({ type: 'search-ended', best: other.id, baseline: first.id, reason: '', ended: 'finished' });
      run.answers(other, 'test', right, rows).answers(first, 'test', 0, rows);
      return run.add({ type: 'run-ended', outcome: 'budget-spent', reason: 'The budget is spent.' }).report;
    };
    expect(verdictOf(asked(6, 6))).toMatchObject({ title: 'Cannot tell' });
    expect(moreRowsWords(asked(6, 6))).toBe(
      'Both prompts answered 6 of the 12 test rows. A comparison that ends early is judged more strictly than a whole one.',
    );
    expect(moreRowsWords(asked(12, 2))).toMatch(/^With 12 test rows mostly differences/);
  });

  it('needs no answer on rows that a starting prompt shows: they are never asked', () => {
    const of = (shown: boolean) => {
      const ids = new HandMadeRun([first.prompt]).spec.split.test.slice(6);
      const demos = [{ prompt: first.prompt, instruction: first.prompt, examples: ids }];
      const run = new HandMadeRun([first.prompt], shown ? { promptDemos: demos } : {})
        .fact({ type: 'candidate-proposed', candidate: other, round: 1 })
        .add({ type: 'search-ended', best: other.id, baseline: first.id, reason: '', ended: 'finished' });
      run.answers(other, 'test', 12).answers(first, 'test', 0, 6);
      return verdictOf(run.add({ type: 'run-ended', outcome: 'finished', reason: '' }).report).title;
    };
    expect([of(true), of(false)]).toEqual(['Better', 'Cannot tell']);
  });

  it('says how many rows would tell, where these could not', () => {
    expect(moreRowsWords(tested(11, 4))).toBeUndefined();
    const { report } = finishedRun();
    const comparison = { value: 0.05, lo: -0.05, hi: 0.15, n: 60, verdict: 'cannot-tell' } as const;
    expect(moreRowsWords({ ...report, comparison })).toMatch(
      /^With 60 test rows mostly differences of \d+ points and more show\. If .* about [\d,]+0 rows would tell\.$/,
    );
    expect(moreRowsWords({ ...report, comparison: { ...comparison, value: 0 } })).not.toMatch(/seems/);
  });

  it('claims nothing where nothing was compared', () => {
    const stopped = new HandMadeRun([first.prompt])
      .answers(first, 'train', 5)
      .add({ type: 'run-ended', outcome: 'stopped', reason: 'Stopped by you.' });
    expect(verdictOf(stopped.report).sentence).toContain('stopped before its sealed test rows were opened');
    const same = new HandMadeRun([first.prompt])
      .answers(first, 'train', 5)
      .add({ type: 'search-ended', best: first.id, baseline: first.id, reason: '', ended: 'finished' })
      .add({ type: 'run-ended', outcome: 'finished', reason: '' });
    expect(verdictOf(same.report).title).toBe('No better');
  });
});

describe('the verdict of a comparison of what a person has', () => {
  const optimizer = { id: 'compare', version: 5, values: {} };
  const second = start('Another.');
  const compared = (rights: number, over: Parameters<typeof finishedRun>[0] = {}) =>
    new HandMadeRun([first.prompt, second.prompt], { optimizer, ...over })
      .answers(first, 'train', 5)
      .answers(second, 'train', 5)
      .answers(second, 'validation', 8)
      .answers(first, 'validation', rights)
      .answers(second, 'test', 9)
      .add({ type: 'search-ended', best: second.id, baseline: second.id, reason: '', ended: 'finished' })
      .add({ type: 'run-ended', outcome: 'finished', reason: '' }).report;

  it('names the best prompt, what is known of it, and how sure that is', () => {
    expect(verdictOf(compared(0))).toEqual({
      tone: 'good',
      title: 'Start 2 is the best of your 2',
      sentence:
        '75.0\u00a0% right on 12 unseen rows, 95\u00a0% interval 46.8\u00a0% to 91.1\u00a0%. Against Start 1, the next best: +100.0 points on 8 shared rows, 95\u00a0% interval +35.1 to +100.0.',
    });
    expect(verdictOf(compared(7))).toMatchObject({ tone: '', title: 'Start 2 did best of your 2' });
    // rows that earlier runs used, and handed on what they had found, are not unseen
    const used = verdictOf(compared(0, { testSeen: 1 })).sentence;
    expect(used).toContain('on 12 test rows');
    expect(verdictOf(compared(0, { testSeen: 1, sameStart: true })).sentence).toContain('on 12 unseen rows');
    expect(verdictOf(compared(7)).sentence).toContain('too little to be sure which of the two is better');
  });

  it('and of a small trial: that it decides nothing', () => {
    const { spec } = finishedRun();
    const trial = { trialOf: { split: spec.split, budget: spec.budget } };
    expect(verdictOf(compared(0, trial))).toMatchObject({ tone: 'warn', title: 'Cannot tell' });
    const same = new HandMadeRun([first.prompt], trial)
      .answers(first, 'train', 5)
      .add({ type: 'search-ended', best: first.id, baseline: first.id, reason: '', ended: 'finished' })
      .add({ type: 'run-ended', outcome: 'finished', reason: '' });
    expect(verdictOf(same.report).title).toBe('Cannot tell');
    expect(verdictOf(same.report).sentence).toContain('too few to say that none can');
  });
});

describe('what the end of a run will bring', () => {
  const { spec } = finishedRun();
  const { train, validation } = spec.split;
  const split = { train, validation, test: [] };

  it('is a test on rows that nobody has seen, where there are such', () => {
    expect(yetToTell(spec)).toBe('whether it is really better is told at the end, on rows that nobody has seen');
    expect([stopHelp(spec), stopInstead(spec), stopAwaited(spec, 2), stopAwaited(spec, 0)]).toEqual([
      'With the test at the end',
      'to have the test, stop after this round',
      'The run ends with the test when round 2 is done.',
      'The run ends with the test when round one would begin.',
    ]);
  });

  it('is no test where no rows were set aside for one', () => {
    const unsealed = { ...spec, split };
    expect(yetToTell(unsealed)).toBe('no rows were set aside to tell whether it is really better');
    expect([stopHelp(unsealed), stopInstead(unsealed), stopAwaited(unsealed, 2)]).toEqual([
      'Then the best prompt is chosen',
      'to have the best prompt chosen, stop after this round',
      'The run ends when round 2 is done.',
    ]);
    const trial = { ...unsealed, trialOf: { split: spec.split, budget: spec.budget } };
    expect(yetToTell(trial)).toBe('a small trial has too few rows to tell whether it is really better');
  });

  it('is a test on rows that earlier runs had used, where they handed on what they found', () => {
    const seen = { ...spec, testSeen: 1 };
    expect(yetToTell(seen)).toMatch(/told at the end, on rows some or all of which earlier runs had used$/);
    expect(yetToTell({ ...seen, sameStart: true })).toMatch(/on rows that nobody has seen$/);
  });

  it('is a score, and no verdict, where only the prompts that are there are compared', () => {
    const compares = { ...spec, optimizer: { id: 'compare', version: 6, values: {} } };
    expect(yetToTell(compares)).toBe('how good it is is told at the end, on rows that nobody has seen');
  });
});

describe('what a part of the rows was for', () => {
  const said = (run: HandMadeRun) => {
    const { report } = run;
    const [best] = report.candidates;
    if (!best) throw new Error('a run has candidates');
    return (['validation', 'test'] as const).map((split) => useWords(report, best, split));
  };
  const begun = () => new HandMadeRun([first.prompt]).answers(first, 'train', 5);

  it('is what became of it', () => {
    expect(said(begun())).toEqual(['kept for the final comparison', 'sealed until the end']);
    const stopped = begun().add({ type: 'run-ended', outcome: 'stopped', reason: '' });
    expect(said(stopped)).toEqual(['kept for a final comparison, which was not made', 'still sealed']);
    expect(said(finishedRun())).toEqual(['weighed most in the choice of the winner', 'sealed until the end']);
  });

  it('is no part in the choice where the finalists were not compared on all of their rows', () => {
    const met = () => begun().answers(first, 'validation', 3, 5);
    const end = { type: 'search-ended', best: first.id, baseline: first.id, ended: 'budget-spent' } as const;
    const over = { type: 'run-ended', outcome: 'budget-spent', reason: '' } as const;
    expect(said(met())[0]).toBe('asked about for the final comparison');
    expect(said(met().add({ ...over, outcome: 'stopped' }))[0]).toBe('asked about in part; had no say');
    const spent = met()
      .add({ ...end, reason: `Over. ${notCompared}` })
      .add(over);
    expect(said(spent)[0]).toBe('asked about in part; had no say');
    expect(heldWords(spent.report)).toBe('');
    expect(said(met().add({ ...end, reason: 'Over.' }))[0]).toBe('weighed most in the choice of the winner');
  });

  it('says where the budget held a part of the validation rows only', () => {
    const run = begun()
      .answers(first, 'validation', 3, 5)
      .add({ type: 'search-ended', best: first.id, baseline: first.id, reason: '', ended: 'finished' })
      .add({ type: 'run-ended', outcome: 'finished', reason: '' });
    expect(heldWords(run.report)).toBe(
      'Of the 8 validation rows the final comparison took 5, as many as the budget held.',
    );
    expect(heldWords(finishedRun().report)).toBe('');
  });
});

it.each([
  [0.00001, '<0.1 %'],
  [1 / 240, '0.4 %'],
  [0, '0.0 %'],
  [0.9996, '>99.9 %'],
  [1, '100.0 %'],
])('a share of %d is %s', (share, words) => {
  expect(percent(share).replaceAll('\u00a0', ' ')).toBe(words);
});

it('names in a row have commas, and one “and”', () => {
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listed)).toEqual(['', 'a', 'a and b', 'a, b and c']);
});

it('a difference of nothing has no sign', () => {
  expect([signed(0), signed(-0.01), signed(0.06), signed(-2)]).toEqual(['0.0', '0.0', '+0.1', '\u22122.0']);
  expect(percent(1 / 240, 0)).toBe('<1\u00a0%');
  expect(percent(199 / 200, 0)).toBe('>99\u00a0%');
});

describe('the rounds', () => {
  it('pair each answer of the generator with what became of it', () => {
    const [round] = roundsOf(finishedRun().report);
    expect(round?.proposals.map(({ fate }) => fate?.type)).toEqual(['accepted', 'rejected']);
    expect(round?.note).toBe('A new best prompt.');
  });

  it('leave an answer without an end where the search has not said yet what came of it', () => {
    const run = new HandMadeRun([first.prompt])
      .fact({ type: 'round-started', round: 1, good: [first.id], bad: [], examples: [] })
      .writes(1, 0, 'Nothing of use.')
      .writes(1, 1, `<prompt>${other.prompt}</prompt>`)
      .cameOf(1, { type: 'candidate-proposed', candidate: other, round: 1 });
    const [round] = roundsOf(run.report);
    expect(round?.proposals.map(({ fate }) => fate?.type)).toEqual([undefined, 'accepted']);
    expect(round).not.toHaveProperty('note');
  });
});

describe('the standings', () => {
  it('put the winner first, then the finalists, and those that are not through last', () => {
    const run = finishedRun();
    const late = proposal('Only half tried.', 2, [first]);
    run.fact({ type: 'candidate-proposed', candidate: late, round: 2 }).answers(late, 'train', 4, 4);
    const rows = standingsOf(run.report);
    expect(rows.map(({ record }) => promptName(record))).toEqual(['Prompt 3', 'Start 1', 'Start 2', 'Prompt 4']);
    expect(rows.map(({ partial }) => partial)).toEqual([false, false, false, true]);
  });
});

describe('words for numbers', () => {
  it('mark a cross entropy that is only bounded or estimated, and leave out a spread of one', () => {
    const entropy = { value: 0.5, lo: 0.4, hi: 0.6, n: 10, bounded: 0, estimated: false };
    expect(entropyWords(entropy)).toBe('0.50\u00a0±\u00a00.10');
    expect(entropyWords({ ...entropy, bounded: 2 })).toBe('≥\u00a00.50\u00a0±\u00a00.10');
    expect(entropyWords({ ...entropy, estimated: true, n: 1 })).toBe('≈\u00a00.50');
    // downwards the interval ends at zero, and is no measure of the spread
    expect(entropyWords({ ...entropy, value: 0.31, lo: 0, hi: 0.99 })).toBe('0.31\u00a0±\u00a00.68');
    expect(entropyWords(undefined)).toBe('–');
  });

  it('tell times as a person would', () => {
    expect([4_000, 31_000, 100_000, 6_000_000].map(durationWords)).toEqual([
      'a few seconds',
      'about 30 seconds',
      'about 2 minutes',
      'about 1.5 hours',
    ]);
    expect([42_000, 185_000, 4_800_000].map(clockWords)).toEqual(['42 s', '3 min 05 s', '1 h 20 min']);
  });
});

describe('what is said of a prompt', () => {
  it('says where a starting prompt came from', () => {
    expect(originWords({ type: 'start' })).toBe('One of your starting prompts.');
    expect(originWords({ type: 'start', made: true })).toContain('made from your task');
    expect(originWords({ type: 'person' })).toContain('Written by a person');
  });

  it('knows every way of PACER by a name of its own, and shows an unknown one as it is', () => {
    const names = Object.keys(operators).map(operatorWords);
    expect(new Set(names).size).toBe(names.length);
    for (const [index, id] of Object.keys(operators).entries()) expect(names[index]?.toLowerCase()).not.toBe(id);
    expect(operatorWords('hill-climbing')).toBe('Hill climbing');
  });

  it('does not say the way and the same once more', () => {
    const shows = { operator: 'demos', why: 'Shows 3 worked examples.' };
    expect([wayWords(shows), whyWords(shows)]).toEqual(['Shows 3 worked examples', '']);
    const learnt = { operator: 'reflect', why: 'Names the labels.' };
    expect([wayWords(learnt), whyWords(learnt)]).toEqual(['Learn from mistakes', 'Names the labels.']);
    const saying = (why: string): string => whyWords({ operator: 'reflect', why });
    expect(['prompt>', 'Label:', '</prompt>'].map(saying)).toEqual(['', '', '']);
    expect(['Names the labels.</prompt>', '标签更清楚'].map(saying)).toEqual(['Names the labels.', '标签更清楚']);
    expect(saying('Asks for <answer> tags.')).toBe('Asks for <answer> tags.');
    expect([wayWords({}), whyWords({})]).toEqual(['', '']);
  });

  it('says kept or dropped once, beside a badge and without one', () => {
    const kept = { accepted: true, reason: 'Kept to build on: +3.0 points.' };
    expect(judgementWords(kept)).toBe(kept.reason);
    expect(reasonWords(kept.reason)).toBe('to build on: +3.0 points.');
    expect(judgementWords({ accepted: false, reason: 'Others are better.' })).toBe('Dropped: Others are better.');
    expect(judgementWords({ accepted: false, reason: 'Not decided: no calls.' })).toBe('Not decided: no calls.');
    expect(reasonWords('The new best.')).toBe('The new best.');
  });

  it('says what became of the worked examples', () => {
    expect(examplesChange([], [])).toBe('');
    expect(examplesChange([], ['a', 'b'])).toBe('Below it now: 2 worked examples.');
    expect(examplesChange(['a'], [])).toBe('Without the 1 worked example that stood below it.');
    expect(examplesChange(['a', 'b'], ['a', 'b'])).toBe('The same 2 worked examples below it.');
    expect(examplesChange(['a', 'b'], ['b', 'a'])).toBe('The same 2 worked examples below it, in another order.');
    expect(examplesChange(['a', 'b'], ['b', 'c', 'd'])).toBe(
      '3 worked examples below it: 1 from before, 2 new, 1 gone.',
    );
  });
});
