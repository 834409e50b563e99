import { describe, expect, it } from 'vitest';
import { candidateId } from '#core/id.ts';
import type { Candidate } from '#core/prompt.ts';
import type { RunReport } from '#core/report.ts';
import { createRandom } from '#lib/random.ts';
import { outcomeOfProposal, outcomeWords } from '#ui/run/proposal-words.ts';
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
    const run = begun().writes(1, 0, merged.prompt).cameOf(0, proposed(merged));
    const fate = () => roundsOf(run.report)[0]?.proposals[0]?.fate;
    expect(fate()).toMatchObject({ operator: 'merge', why: 'Both.', parents: [first.id] });
    expect(fate()).not.toHaveProperty('judgement');
    run.fact({ type: 'proposal-judged', round: 1, candidate: one.id, accepted: false, reason: 'Behind on 5 rows.' });
    expect(fate()).toMatchObject({ judgement: { accepted: false, reason: 'Behind on 5 rows.' } });
  });

  it('names a parent once, also where an older run has it twice', () => {
    const twice = { ...one, origin: { type: 'proposal', round: 1, parents: [first.id, first.id] } } as const;
    const run = begun().writes(1, 0, twice.prompt).cameOf(0, proposed(twice));
    expect(roundsOf(run.report)[0]?.proposals[0]?.fate).toMatchObject({ parents: [first.id] });
  });

  it('takes the last word where the search changed its mind', () => {
    const run = begun().writes(1, 0, one.prompt).cameOf(0, proposed(one));
    for (const accepted of [false, true])
      run.fact({ type: 'proposal-judged', round: 1, candidate: one.id, accepted, reason: String(accepted) });
    expect(roundsOf(run.report)[0]?.proposals[0]?.fate).toMatchObject({ judgement: { accepted: true } });
  });
});

describe('the word for how a proposal ended', () => {
  const words = (run: HandMadeRun): readonly string[] => {
    const { report } = run;
    return roundsOf(report).flatMap(({ proposals, isOver }) =>
      proposals.flatMap(({ fate }) => {
        const end = outcomeOfProposal(fate, report, isOver);
        return end ? [`${outcomeWords(end)}${end.tone && `, ${end.tone}`}`] : [];
      }),
    );
  };
  const rung = (rows: number, candidates: readonly Candidate[], out: readonly Candidate[] = [], round = 1) =>
    ({
      type: 'race-rung',
      round,
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

  it('is what the archive says of one from before the first round: no proposal is judged there', () => {
    const made = ['One.', 'Two.', 'Three.', 'Four.'].map((prompt) => proposal(prompt, 0, []));
    const [kept, late, early, through] = made as [Candidate, Candidate, Candidate, Candidate];
    const run = new HandMadeRun([first.prompt]);
    for (const candidate of made) run.fact(proposed(candidate, 0)).answers(candidate, 'train', 2, 5);
    expect(words(run)).toEqual(['being tried', 'being tried', 'being tried', 'being tried']);
    run.fact(rung(5, made, [early], 0)).fact(rung(10, [kept, late, through], [late], 0));
    expect(words(run)).toEqual(['in the race', '✗ out after 10 rows', '✗ out after 5 rows', 'in the race']);
    // there was a place for one that a later rung had put out
    run.fact({ type: 'archive-changed', round: 0, residents: [kept.id, first.id, late.id] });
    const settled = ['✓ kept, good', '✓ kept, good', '✗ out after 5 rows', 'tried'];
    expect(words(run)).toEqual(settled);
    run
      .fact({ type: 'round-started', round: 1, good: [kept.id], bad: [], examples: [] })
      .fact({ type: 'archive-changed', round: 1, residents: [kept.id] });
    expect(words(run)).toEqual(settled);
  });

  it('is tried of one from before the first round where no archive was told, as soon as a round begins', () => {
    const made = proposal('One.', 0, []);
    const run = new HandMadeRun([first.prompt]).fact(proposed(made, 0)).answers(made, 'train', 2, 5);
    run.fact(rung(5, [first, made], [], 0));
    expect(words(run)).toEqual(['in the race']);
    run.fact({ type: 'round-started', round: 1, good: [first.id], bad: [], examples: [] });
    expect(words(run)).toEqual(['tried']);
  });

  it('says so where the run ended before a prompt was asked anything', () => {
    const run = begun().fact(proposed(one)).add({ type: 'run-ended', outcome: 'stopped', reason: '' });
    expect(words(run)).toEqual(['not tried']);
  });
});

describe('answers of the generator and what came of them', () => {
  const pairs = (run: HandMadeRun) =>
    roundsOf(run.report).flatMap(({ proposals }) =>
      proposals.map(({ kind, generation, fate }) => [kind, generation?.text, fate?.text]),
    );
  const rejected = { type: 'proposal-rejected', round: 1, text: 'No.', reason: 'talk', detail: '' } as const;

  it('stand in the order in which they were asked for, whatever their words and whenever their end was told', () => {
    const run = begun().writes(1, 0, one.prompt).writes(1, 1, 'I would rather not.').writes(1, 2, two.prompt);
    run.cameOf(2, proposed(one)).cameOf(0, rejected);
    expect(pairs(run)).toEqual([
      ['proposal', one.prompt, 'No.'],
      ['proposal', 'I would rather not.', undefined],
      ['proposal', two.prompt, one.prompt],
    ]);
  });

  it('are kept apart from a prompt that no generator wrote, though it holds the same words', () => {
    const prompt = `${one.prompt} (with rows)`;
    const demos = { instruction: one.prompt, examples: [] };
    const shown: Candidate = { ...one, id: candidateId(prompt), prompt, demos };
    const run = begun().writes(1, 0, one.prompt).fact(proposed(shown)).cameOf(0, proposed(one));
    expect(pairs(run)).toEqual([
      ['proposal', one.prompt, one.prompt],
      ['proposal', undefined, prompt],
    ]);
  });

  it('are each told with its own end where the same was asked for a second time', () => {
    const run = begun().writes(1, 0, 'No.').cameOf(0, rejected).writes(1, 0, one.prompt).cameOf(0, proposed(one));
    expect(pairs(run)).toEqual([
      ['proposal', 'No.', 'No.'],
      ['proposal', one.prompt, one.prompt],
    ]);
  });

  it('are notes where the search asked for words to build on, from the moment when they are there', () => {
    const run = begun().writes(1, 0, 'The prompt is too vague.', 'note').writes(1, 0, one.prompt);
    expect(pairs(run)).toEqual([
      ['note', 'The prompt is too vague.', undefined],
      ['proposal', one.prompt, undefined],
    ]);
  });

  it('of a run of an earlier version stand in the round that had begun, without a guess at their end', () => {
    const run = begun().writes(1, 0, one.prompt).fact(proposed(one));
    const entries = run.entries.map(({ event, ...entry }) => {
      if (event.type !== 'text-generated') return { ...entry, event };
      const { round: _, purpose: __, ...old } = event;
      return { ...entry, event: old };
    });
    run.entries.splice(0, Infinity, ...entries);
    expect(roundsOf(run.report)[0]?.round).toBe(1);
    expect(pairs(run)).toEqual([
      ['proposal', one.prompt, undefined],
      ['proposal', undefined, one.prompt],
    ]);
  });
});

it('what was written for a round before it was announced stands in that round, notes included', () => {
  const run = new HandMadeRun([first.prompt])
    .writes(1, 0, 'The rows are messages.', 'note')
    .writes(1, 0, one.prompt)
    .cameOf(0, proposed(one))
    .fact({ type: 'round-started', round: 1, good: [one.id], bad: [], examples: [] });
  const told = roundsOf(run.report).map(({ round, proposals }) => [round, proposals.map(({ kind }) => kind)]);
  expect(told).toEqual([[1, ['note', 'proposal']]]);
});

it('prompts that were written before the first round are a round of their own', () => {
  const run = new HandMadeRun([first.prompt]).writes(0, 0, one.prompt).cameOf(0, proposed(one, 0));
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

/** The same rounds, each looked up among all facts and texts of the run. */
function plainRounds({ facts, generations, candidates }: RunReport) {
  const isOfProposal = (type: string): boolean => type === 'candidate-proposed' || type === 'proposal-rejected';
  const all = new Set([...facts, ...generations].map(({ round }) => round));
  if (!facts.some(({ round, type }) => round === 0 && isOfProposal(type))) all.delete(0);
  return [...all]
    .sort((a, b) => b - a)
    .map((wanted) => {
      const own = facts.filter(({ round }) => round === wanted);
      const start = own.find((fact) => fact.type === 'round-started');
      const end = own.find((fact) => fact.type === 'round-finished');
      return {
        ...{ round: wanted, good: start?.good ?? [], bad: start?.bad ?? [], examples: start?.examples ?? [] },
        note: end?.note,
        // the first round says that what came before it is over, as the first archive does
        isOver:
          wanted > 0
            ? end !== undefined
            : facts.some(({ round, type }) => type === 'round-started' || (round === 0 && type === 'archive-changed')),
        fates: own.filter(({ type }) => isOfProposal(type)).length,
        texts: generations.filter(({ round }) => round === wanted).map(({ text }) => text),
        added: candidates
          .filter(({ round, candidate }) => round === wanted && candidate.origin.type === 'person')
          .map(({ candidate }) => candidate.id),
      };
    });
}

it.each([1, 2, 3, 4, 5])('the rounds of a run hold what was told of each, in whatever order it comes: %i', (seed) => {
  const random = createRandom(seed);
  const { report } = raceRun({ rounds: 6, seed, going: seed % 2 === 0 });
  const candidates = report.candidates.map((record) =>
    random.next() < 0.2
      ? { ...record, candidate: { ...record.candidate, origin: { type: 'person' as const } } }
      : record,
  );
  const mixed = { ...report, candidates, facts: random.shuffle(report.facts) };
  for (const told of [{ ...report, candidates }, mixed])
    expect(
      roundsOf(told).map(({ proposals, added, note, ...round }) => ({
        ...round,
        note,
        fates: proposals.filter(({ fate }) => fate).length,
        texts: proposals.flatMap(({ generation }) => generation?.text ?? []),
        added: added.map(({ id }) => id),
      })),
    ).toEqual(plainRounds(told));
});
