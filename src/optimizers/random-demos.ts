import type { Fields, Values } from '#core/fields.ts';
import { defineOptimizer, type OptimizerContext, type Procedure } from '#core/optimizer.ts';
import { instructionOf, type Candidate } from '#core/prompt.ts';
import { counted } from '#lib/counted.ts';
import { planAllRows, searchAllRows, type RoundResult } from './parts/all-rows.ts';
import { commonFields } from './parts/common-fields.ts';
import { drawFilled, labelledRows, ownAnswers, withOthers } from './parts/demonstrations.ts';
import { finalCells } from './parts/plan.ts';
import { raceToAllRows, raceCells } from './parts/race.ts';
import { roundsField } from './parts/rounds.ts';
import { Workbench } from './parts/workbench.ts';

/** A race of fewer sets is none. */
const fewestSets = 3;

/** As many sets as these calls hold, up to the wanted number. */
function setsWithin(calls: number, wanted: number, rows: number): number {
  let sets = wanted;
  while (sets > fewestSets && raceCells(sets, rows) > calls) sets -= 1;
  return sets;
}

const fields = {
  sets: {
    type: 'number',
    label: 'Demonstration sets a round',
    help: 'At most so many different sets of worked examples are raced against each other; fewer where the budget holds no more.',
    min: 3,
    max: 32,
    step: 1,
    default: 12,
  },
  mostDemonstrations: {
    type: 'number',
    label: 'Most examples in a set',
    help: 'Each set shows one to so many rows. More examples make every call longer.',
    min: 1,
    max: 16,
    step: 1,
    default: 4,
  },
  spread: {
    type: 'flag',
    label: 'Show different right answers first',
    help: 'A set of one label alone pulls all answers towards it. The original draws the rows blindly.',
    default: true,
    advanced: true,
  },
  fill: {
    type: 'flag',
    label: 'Fill up with labelled rows',
    help: 'Where the model got too few rows right, rows are shown with the answers of the data.',
    default: true,
    advanced: true,
  },
  ...roundsField,
  finalists: commonFields.finalists,
} as const satisfies Fields;
type Options = Values<typeof fields>;

/**
 * Random search over demonstrations (the BootstrapFewShot line of DSPy): rows that the model got right are shown to it as worked
 * examples, with its own answers, and random sets of them are raced. Repaired: the sets race on shared rows instead of a full pass each,
 * and the rows that a set shows are no measure of it.
 */
export const randomDemos = defineOptimizer({
  id: 'random-demos',
  version: 7,
  label: 'Random demonstrations',
  description:
    'Puts worked examples from your rows below the best prompt and keeps the set that helps most. Needs no generator model; each call gets longer.',
  fields,
  plan(values, sizes, calls) {
    const { train, validation, seeds } = sizes;
    const held = setsWithin(
      calls - seeds * train - finalCells(values.finalists, validation, calls),
      values.sets,
      train,
    );
    const cells = raceCells(held, train);
    return planAllRows(values, sizes, calls, {
      cells,
      texts: 0,
      prompts: held,
      words: `${cells} for a race of ${held} sets`,
    });
  },
  *run(context, values) {
    const bench = new Workbench(context, { ...values, maxPromptLength: Infinity, temperature: 0 });
    return yield* searchAllRows(bench, {
      rounds: values.rounds,
      least: raceCells(fewestSets, context.train.length),
      source: 'No new set of examples was found',
      round: (round) => raceSets(bench, context, values, round),
    });
  },
});

function* raceSets(
  bench: Workbench,
  { random, train }: OptimizerContext,
  { sets, mostDemonstrations, spread, fill }: Options,
  round: number,
): Procedure<RoundResult> {
  const chance = random.fork(`round ${round}`);
  const best = bench.fullyAsked()[0] ?? bench.bestSeed();
  const instruction = bench.candidates().find(({ prompt }) => prompt === instructionOf(best)) ?? best;
  const own = ownAnswers(bench, [instruction, best]);
  const labelled = labelledRows(bench);
  yield* bench.announce({
    type: 'round-started',
    round,
    good: [instruction.id],
    bad: [],
    examples: own.map(({ example }) => example.id),
  });
  const runners: Candidate[] = [];
  const wanted = setsWithin(bench.callsLeft, sets, train.length);
  for (let tries = 0; runners.length < wanted && tries < 3 * wanted; tries++) {
    const draw = chance.fork(`set ${tries}`);
    // one row must stay for the set to be measured on
    const count = Math.min(train.length - 1, 1 + draw.integer(mostDemonstrations));
    const shown = drawFilled(own, labelled, count, draw, { spread, fill });
    if (shown.length === 0) continue;
    const why = `${counted(shown.length, 'worked example')}, drawn at random.`;
    const made = yield* bench.introduce(
      round,
      withOthers(bench, instruction, shown, { round, operator: 'demonstrations', why }),
    );
    if (made) runners.push(made);
  }
  if (runners.length === 0) return { proposed: 0, note: 'No new set of examples could be drawn.' };
  const rows = chance.fork('rows').shuffle(train.map(({ id }) => id));
  const order = yield* raceToAllRows(bench, round, runners, rows, { last: 1, reference: bench.bestSeed() });
  if (order === 'exhausted') return 'exhausted';
  for (const candidate of order) {
    const gain = bench.book.accuracyDifference(candidate.id, best.id);
    const accepted = bench.fullyAsked()[0]?.id === candidate.id;
    yield* bench.announce({
      type: 'proposal-judged',
      round,
      candidate: candidate.id,
      accepted,
      reason: `On the ${gain?.n ?? 0} rows that neither shows it is right ${oftenness(gain?.value ?? 0)} the best prompt so far${accepted ? ': the best now' : ''}.`,
    });
  }
  const first = bench.fullyAsked()[0];
  return {
    proposed: runners.length,
    note:
      first && first.id !== best.id
        ? 'A new best prompt.'
        : `None of ${runners.length} sets was better than the best so far.`,
  };
}

const oftenness = (gain: number): string =>
  gain > 0 ? 'more often than' : gain < 0 ? 'less often than' : 'as often as';
