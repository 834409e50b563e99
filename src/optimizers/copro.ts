import type { Fields, Values } from '#core/fields.ts';
import { defineOptimizer, type OptimizerContext, type Procedure } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import metaPrompt from './meta-prompts/copro.txt?raw';
import { planAllRows, searchAllRows, type RoundResult } from './parts/all-rows.ts';
import { commonFields } from './parts/common-fields.ts';
import { asked } from './parts/fill-meta-prompt.ts';
import { frameOf } from './parts/frame.ts';
import { ideas } from './parts/ideas.ts';
import { finalCells } from './parts/plan.ts';
import type { Draft } from './parts/proposals.ts';
import { raceToAllRows, raceCells } from './parts/race.ts';
import { instructionBlock, recordsBlock, wrongRows } from './parts/records.ts';
import { roundsField } from './parts/rounds.ts';
import { Workbench } from './parts/workbench.ts';

const shownMistakes = 3;
/** With fewer, a round is no choice. */
const narrowest = 2;

const fields = {
  breadth: {
    type: 'number',
    label: 'New instructions a round',
    help: 'At most; fewer where the budget holds no more. The paper takes 10.',
    min: 2,
    max: 30,
    step: 1,
    default: 6,
  },
  attempts: {
    type: 'number',
    label: 'Earlier attempts shown',
    help: 'The best so far with their scores, the best one last.',
    min: 1,
    max: 30,
    step: 1,
    default: 10,
    advanced: true,
  },
  race: {
    type: 'flag',
    label: 'Race the new instructions',
    help: 'The worse half drops out after a few shared rows. The paper tries each on every row.',
    default: true,
    advanced: true,
  },
  mistakes: {
    type: 'flag',
    label: 'Show wrong answers of the best',
    help: 'The paper shows scores alone.',
    default: true,
    advanced: true,
  },
  nudge: {
    type: 'flag',
    label: 'Ask each time for something else',
    help: 'One idea for each instruction. The paper asks the same question many times, which many models answer alike.',
    default: true,
    advanced: true,
  },
  ...roundsField,
  ...commonFields,
  temperature: { ...commonFields.temperature, default: 1.4 },
} as const satisfies Fields;
type Options = Values<typeof fields>;

const cellsFor = (breadth: number, rows: number, race: boolean): number =>
  race ? raceCells(breadth, rows) : breadth * rows;

/** As many instructions as these calls hold, up to the wanted number. */
function breadthWithin(calls: number, { breadth, race }: Options, rows: number): number {
  let held = breadth;
  while (held > narrowest && held + cellsFor(held, rows, race) > calls) held -= 1;
  return held;
}

/**
 * COPRO: many instructions at once, at a high temperature; then many more after a look at the best attempts and their scores, the best
 * one last. Repaired: each is a call of its own (not every provider returns several texts), they race on shared rows, wrong answers of
 * the best are shown, nothing is scored twice, and the winner is chosen on unseen rows.
 */
export const copro = defineOptimizer({
  id: 'copro',
  version: 8,
  label: 'COPRO (2023)',
  description:
    'Writes many instructions at once and learns from the list of the best attempts. Simple and quick; choose it for a first look with a small budget.',
  fields,
  plan(values, sizes, calls) {
    const { train, validation, seeds } = sizes;
    const texts = breadthWithin(calls - seeds * train - finalCells(values.finalists, validation, calls), values, train);
    const cells = cellsFor(texts, train, values.race);
    const words = `${texts} new instructions and ${cells} answers for them`;
    return planAllRows(values, sizes, calls, { cells, texts, words });
  },
  *run(context, values) {
    const bench = new Workbench(context, values);
    return yield* searchAllRows(bench, {
      rounds: values.rounds,
      least: narrowest + cellsFor(narrowest, context.train.length, values.race),
      round: (round) => oneRound(bench, context, values, round),
    });
  },
});

function* oneRound(
  bench: Workbench,
  { random, train }: OptimizerContext,
  values: Options,
  round: number,
): Procedure<RoundResult> {
  const chance = random.fork(`round ${round}`);
  const known = bench.fullyAsked();
  const best = known[0] ?? bench.bestSeed();
  // the first round is asked for variants of the best starting prompt alone, as there are no attempts yet
  const attempts = round === 1 ? [best] : known.slice(0, values.attempts).reverse();
  const wrong = values.mistakes ? chance.fork('mistakes').sample(wrongRows(bench, best), shownMistakes) : [];
  yield* bench.announce({
    type: 'round-started',
    round,
    good: attempts.map(({ id }) => id),
    bad: [],
    examples: wrong,
  });
  const start = chance.fork('ideas').integer(ideas.length);
  const breadth = breadthWithin(bench.callsLeft, values, train.length);
  const drafts = Array.from({ length: breadth }, (_, index): Draft => {
    const messages = asked(metaPrompt, {
      ...frameOf(bench),
      attempts: attemptsBlock(bench, attempts),
      mistakes:
        wrong.length === 0 ? '' : `Wrong answers that the best one led to:\n${recordsBlock(bench, best, wrong)}`,
      idea: values.nudge ? (ideas[(start + index) % ideas.length] ?? '') : '',
    });
    const why = round === 1 ? 'A variant of the best starting prompt.' : 'Written after the best attempts so far.';
    // shown the best one last, and written from it above all
    return { messages, operator: 'attempts', parents: attempts.map(({ id }) => id).reverse(), why };
  });
  const made = yield* bench.propose(round, drafts);
  if (made === 'exhausted') return 'exhausted';
  if (made.length === 0) return { proposed: 0, note: 'The generator wrote no usable prompt.' };
  const rows = chance.fork('rows').shuffle(train.map(({ id }) => id));
  const order = yield* raceToAllRows(bench, round, made, rows, {
    last: values.race ? 1 : made.length,
    reference: bench.bestSeed(),
  });
  if (order === 'exhausted') return 'exhausted';
  for (const { id } of order) {
    const accepted = bench.fullyAsked()[0]?.id === id;
    const reason = accepted ? 'The best on all rows so far.' : 'Tried on all rows, and not the best.';
    yield* bench.announce({ type: 'proposal-judged', round, candidate: id, accepted, reason });
  }
  const isNew = bench.fullyAsked()[0]?.id !== best.id;
  return {
    proposed: made.length,
    note: isNew ? 'A new best prompt.' : `None of ${made.length} instructions was better than the best so far.`,
  };
}

const attemptsBlock = (bench: Workbench, attempts: readonly Candidate[]): string =>
  [
    attempts.length === 1 ? 'The present instruction:' : 'Instructions that were tried, from worse to better:',
    ...attempts.map((candidate) => instructionBlock(bench, candidate)),
  ].join('\n\n');
