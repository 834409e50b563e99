import { describe, expect, it } from 'vitest';
import { candidateId } from '#core/id.ts';
import type { Candidate } from '#core/prompt.ts';
import { roundsOf } from '#ui/run/rounds.ts';
import { HandMadeRun, proposal, start } from '../support/hand-made-run.ts';
import { raceRun } from '../support/race-run.ts';

const first = start('Say something.');
const [one, two] = [proposal('Say yes or no.', 1, [first]), proposal('Answer with one word.', 1, [first])];
const begun = (): HandMadeRun =>
  new HandMadeRun([first.prompt])
    .answers(first, 'train', 5)
    .fact({ type: 'round-started', round: 1, good: [first.id], bad: [], examples: [] });
const proposed = (candidate: Candidate, round = 1) => ({ type: 'candidate-proposed', candidate, round }) as const;

describe('what became of a proposal', () => {
  it('holds the way it was written in, its parents, and the decision of the search with the reason', () => {
    const merged = {
      ...one,
      origin: { type: 'proposal', round: 1, parents: [first.id], operator: 'merge', why: 'Both.' },
    } as const;
    const run = begun().writes(1, 0, merged.prompt).fact(proposed(merged));
    const fate = () => roundsOf(run.report)[0]?.proposals[0]?.fate;
    expect(fate()).toMatchObject({ operator: 'merge', why: 'Both.', parents: [first.id] });
    expect(fate()).not.toHaveProperty('judgement');
    run.fact({ type: 'proposal-judged', round: 1, candidate: one.id, accepted: false, reason: 'Behind on 5 rows.' });
    expect(fate()).toMatchObject({ judgement: { accepted: false, reason: 'Behind on 5 rows.' } });
  });

  it('takes the last word where the search changed its mind', () => {
    const run = begun().writes(1, 0, one.prompt).fact(proposed(one));
    for (const accepted of [false, true])
      run.fact({ type: 'proposal-judged', round: 1, candidate: one.id, accepted, reason: String(accepted) });
    expect(roundsOf(run.report)[0]?.proposals[0]?.fate).toMatchObject({ judgement: { accepted: true } });
  });
});

describe('answers of the generator and what came of them', () => {
  it('are kept apart from a prompt that no generator wrote', () => {
    const prompt = `${first.prompt} (with rows)`;
    const shown: Candidate = {
      ...{
        id: candidateId(prompt),
        prompt,
        origin: { type: 'proposal', round: 1, parents: [first.id], operator: 'demos' },
      },
      demos: { instruction: first.prompt, examples: [] },
    };
    const run = begun()
      .writes(1, 0, 'I would rather not.')
      .writes(1, 1, `<prompt>${one.prompt}</prompt>`)
      .fact({ type: 'proposal-rejected', round: 1, text: 'I would rather not.', reason: 'talk', detail: '' })
      .fact(proposed(shown))
      .fact(proposed(one));
    const pairs = roundsOf(run.report)[0]?.proposals.map(({ generation, fate }) => [generation?.text, fate?.text]);
    expect(pairs).toEqual([
      ['I would rather not.', 'I would rather not.'],
      [`<prompt>${one.prompt}</prompt>`, one.prompt],
      [undefined, prompt],
    ]);
  });

  it('belong together in their order where the text was written in another form', () => {
    const run = begun()
      .writes(1, 0, JSON.stringify({ prompt: 'Say\nyes.' }))
      .writes(1, 1, two.prompt)
      .fact(proposed(proposal('Say\nyes.', 1, [first])))
      .fact(proposed(two));
    const pairs = roundsOf(run.report)[0]?.proposals.map(({ generation, fate }) => [generation?.job, fate?.text]);
    expect(pairs).toEqual([
      [0, 'Say\nyes.'],
      [1, two.prompt],
    ]);
  });

  it('that were no prompts, such as a critique, stand alone', () => {
    const run = begun().writes(1, 0, 'The prompt is too vague.').writes(1, 0, one.prompt).fact(proposed(one));
    const pairs = roundsOf(run.report)[0]?.proposals.map(({ generation, fate }) => [generation?.text, fate?.text]);
    expect(pairs).toEqual([
      ['The prompt is too vague.', undefined],
      [one.prompt, one.prompt],
    ]);
  });
});

it('prompts that were written before the first round are a round of their own', () => {
  const run = new HandMadeRun([first.prompt]).writes(0, 0, one.prompt).fact(proposed(one, 0));
  expect(roundsOf(run.report).map(({ round, proposals }) => [round, proposals.length])).toEqual([[0, 1]]);
});

it('no proposal of a whole run is lost, and each stands once', () => {
  const { report } = { report: raceRun({ rounds: 12 }).report };
  const shown = roundsOf(report).flatMap(({ proposals }) => proposals.flatMap(({ fate }) => fate ?? []));
  const told = report.facts.filter(({ type }) => type === 'candidate-proposed' || type === 'proposal-rejected');
  expect(shown).toHaveLength(told.length);
  const texts = roundsOf(report).flatMap(({ proposals }) => proposals.flatMap(({ generation }) => generation ?? []));
  expect(texts).toHaveLength(report.generations.length);
});
