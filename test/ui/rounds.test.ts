import { describe, expect, it } from 'vitest';
import { candidateId } from '#core/id.ts';
import type { Candidate } from '#core/prompt.ts';
import { optimizers } from '#optimizers/index.ts';
import { outcomeOfProposal, outcomeWords } from '#ui/run/proposal-words.ts';
import { roundsOf } from '#ui/run/rounds.ts';
import { driveByHand, makeWorld, writePrompt } from '../optimizers/by-hand.ts';
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

describe('the word for how a proposal ended', () => {
  const words = (run: HandMadeRun): readonly string[] => {
    const { report } = run;
    return roundsOf(report).flatMap(({ proposals, note }) =>
      proposals.flatMap(({ fate }) => {
        const end = outcomeOfProposal(fate, report, note !== undefined);
        return end ? [`${outcomeWords(end)}${end.tone && `, ${end.tone}`}`] : [];
      }),
    );
  };
  const rung = (rows: number, candidates: readonly Candidate[], out: readonly Candidate[] = []) =>
    ({
      type: 'race-rung',
      round: 1,
      rung: rows / 5,
      rows,
      standings: candidates.map(({ id }) => ({ candidate: id, score: 0.5, rows })),
      out: out.map(({ id }) => id),
    }) as const;

  it('praises nothing that merely passed the checks: it is in the race, out of it, or tried', () => {
    const run = begun().fact(proposed(one)).fact(proposed(two));
    expect(words(run)).toEqual(['being tried', 'being tried']);
    run
      .answers(one, 'train', 2, 5)
      .answers(two, 'train', 1, 5)
      .fact(rung(5, [one, two]));
    expect(words(run)).toEqual(['in the race', 'in the race']);
    run.answers(one, 'train', 4).fact(rung(10, [one, two], [two]));
    expect(words(run)).toEqual(['in the race', '✗ out after 10 rows']);
    run.fact({ type: 'round-finished', round: 1, best: one.id, note: 'Over.' });
    expect(words(run)).toEqual(['tried', '✗ out after 10 rows']);
    run.fact({ type: 'proposal-judged', round: 1, candidate: one.id, accepted: true, reason: 'Kept.' });
    expect(words(run)).toEqual(['✓ kept, good', '✗ out after 10 rows']);
  });

  it('says so where the run ended before a prompt was asked anything', () => {
    const run = begun().fact(proposed(one)).add({ type: 'run-ended', outcome: 'stopped', reason: '' });
    expect(words(run)).toEqual(['not tried']);
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

  it('are not those of a prompt that no generator was asked for', () => {
    const edited = { ...two, origin: { ...two.origin, operator: 'edit' } } as typeof two;
    const run = begun().fact(proposed(edited)).writes(1, 0, 'I am still thinking.');
    const pairs = roundsOf(run.report)[0]?.proposals.map(({ generation, fate }) => [generation?.text, fate?.text]);
    expect(pairs).toEqual([
      ['I am still thinking.', undefined],
      [undefined, two.prompt],
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

describe('what an answer of the generator was asked for as', () => {
  const kinds = (run: HandMadeRun) => roundsOf(run.report)[0]?.proposals.map(({ kind }) => kind);

  it('is not known of the newest answers until the search says what becomes of them', () => {
    const run = begun().writes(1, 0, one.prompt).fact(proposed(one));
    run.writes(1, 0, 'Too vague.').writes(1, 1, 'Too long.');
    expect(kinds(run)).toEqual(['proposal', 'unclear', 'unclear']);
    run.writes(1, 0, two.prompt);
    expect(kinds(run)).toEqual(['proposal', 'note', 'note', 'unclear']);
    run.fact(proposed(two));
    expect(kinds(run)).toEqual(['proposal', 'note', 'note', 'proposal']);
  });

  it('is a proposal where other answers to the same request are proposals', () => {
    const run = begun().writes(1, 0, one.prompt).writes(1, 1, 'Something else.').fact(proposed(one));
    run.fact({ type: 'round-finished', round: 1, best: one.id, note: '' });
    expect(kinds(run)).toEqual(['proposal', 'proposal']);
  });

  it('is not known where nothing was written, or where a prompt came of one of them that cannot be traced', () => {
    const end = { type: 'round-finished', round: 1, best: one.id, note: '' } as const;
    expect(kinds(begun().writes(1, 0, ' ').fact(end))).toEqual(['unclear']);
    const run = begun().writes(1, 0, 'Too vague.').writes(1, 0, 'In other words.').fact(proposed(two)).fact(end);
    expect(kinds(run)).toEqual(['unclear', 'unclear', 'proposal']);
  });

  it.each(['textgrad', 'protegi', 'promptwizard', 'simba', 'miprov2'] as const)('of %s', (id) => {
    const texts: string[] = [];
    const world = makeWorld(optimizers[id], {
      values: { rounds: 3 },
      write(job, count) {
        const given = writePrompt(job, count);
        texts.push(given.text);
        return given;
      },
    });
    const { asks } = driveByHand(world);
    const run = new HandMadeRun(world.context.seeds.map(({ prompt }) => prompt));
    const remarks = new Set<string>();
    for (const [step, ask] of asks.entries()) {
      if (ask.kind === 'announce') run.add({ type: 'search', step, fact: ask.fact });
      if (ask.kind !== 'generate') continue;
      for (const [job, { messages, maxTokens }] of ask.jobs.entries()) {
        const text = texts.shift() ?? '';
        if (maxTokens === 300) remarks.add(text); // a prompt is given more room
        const told = { usage: { inputTokens: 1, outputTokens: 1 }, latencyMs: 1, attempts: 1 };
        run.add({ type: 'text-generated', step, job, messages, output: { text, finish: 'stop' }, ...told });
      }
    }
    const told = roundsOf(run.report).flatMap(({ proposals }) => proposals);
    const notes = told.flatMap(({ kind, generation }) => (kind === 'note' ? [generation?.text] : []));
    expect(new Set(notes)).toEqual(remarks);
    expect(told.filter(({ kind }) => kind === 'unclear')).toEqual([]);
    expect(told.length).toBeGreaterThan(2);
  });
});

it('what was written for a round before it was announced stands in that round, notes included', () => {
  const run = new HandMadeRun([first.prompt])
    .writes(0, 0, 'The rows are messages.')
    .writes(0, 0, one.prompt)
    .fact(proposed(one))
    .fact({ type: 'round-started', round: 1, good: [one.id], bad: [], examples: [] });
  const told = roundsOf(run.report).map(({ round, proposals }) => [round, proposals.map(({ kind }) => kind)]);
  expect(told).toEqual([[1, ['note', 'proposal']]]);
});

it('prompts that were written before the first round are a round of their own', () => {
  const run = new HandMadeRun([first.prompt]).writes(0, 0, one.prompt).fact(proposed(one, 0));
  expect(roundsOf(run.report).map(({ round, proposals }) => [round, proposals.length])).toEqual([[0, 1]]);
});

it('a prompt of a person stands in the round that heard of it, with what the search decided', () => {
  const mine: Candidate = { id: candidateId('Mine.'), prompt: 'Mine.', origin: { type: 'person' } };
  const run = begun()
    .add({ type: 'input-given', input: { type: 'candidate', prompt: mine.prompt } })
    .add({ type: 'inputs-heard', step: 70, round: 2 })
    .fact({ type: 'round-started', round: 2, good: [first.id], bad: [], examples: [] });
  const added = () => roundsOf(run.report).map((round) => [round.round, round.added]);
  expect(added()).toEqual([
    [2, [{ id: mine.id }]],
    [1, []],
  ]);
  run.fact({ type: 'proposal-judged', round: 2, candidate: mine.id, accepted: false, reason: 'Behind on 5 rows.' });
  expect(added()[0]).toEqual([2, [{ id: mine.id, judgement: { accepted: false, reason: 'Behind on 5 rows.' } }]]);
});

it('no proposal of a whole run is lost, and each stands once', () => {
  const { report } = { report: raceRun({ rounds: 12 }).report };
  const shown = roundsOf(report).flatMap(({ proposals }) => proposals.flatMap(({ fate }) => fate ?? []));
  const told = report.facts.filter(({ type }) => type === 'candidate-proposed' || type === 'proposal-rejected');
  expect(shown).toHaveLength(told.length);
  const texts = roundsOf(report).flatMap(({ proposals }) => proposals.flatMap(({ generation }) => generation ?? []));
  expect(texts).toHaveLength(report.generations.length);
});
