import type { Fields, Values } from '#core/fields.ts';
import { defineOptimizer, type OptimizerContext, type Procedure } from '#core/optimizer.ts';
import { instructionOf, type Candidate } from '#core/prompt.ts';
import type { Random } from '#lib/random.ts';
import { counted } from '#lib/counted.ts';
import critiquePrompt from './meta-prompts/promptwizard-critique.txt?raw';
import expertPrompt from './meta-prompts/promptwizard-expert.txt?raw';
import mutatePrompt from './meta-prompts/promptwizard-mutate.txt?raw';
import refinePrompt from './meta-prompts/promptwizard-refine.txt?raw';
import { planAllRows, searchAllRows, type RoundResult } from './parts/all-rows.ts';
import { saidIn } from './parts/check-proposal.ts';
import { commonFields } from './parts/common-fields.ts';
import { drawFilled, labelledRows, withOthers } from './parts/demonstrations.ts';
import { asked } from './parts/fill-meta-prompt.ts';
import { frameOf } from './parts/frame.ts';
import type { Draft } from './parts/proposals.ts';
import { raceToAllRows, raceCells } from './parts/race.ts';
import { instructionBlock, recordsBlock, wrongRows } from './parts/records.ts';
import { roundsField } from './parts/rounds.ts';
import { Workbench } from './parts/workbench.ts';

const shownMistakes = 4;
/** Refined, with hard examples, with an expert in front. */
const polishes = 3;
/** Single questions that decide about a prompt where the paper is followed: after so many right ones, or so many in all, it is enough. */
const enoughRight = 3;
const enoughQuestions = 6;

/** Ways of thinking that the generator writes variants by. */
const styles = [
  'How can the task be split into smaller steps?',
  'What would an expert look at first?',
  'What is the simplest way to come to a right answer?',
  'What could be mistaken for the right answer, and how is it told apart?',
  'What is really asked for, behind the words?',
  'Which answers can be ruled out, and by what?',
  'What would a critical reader check before answering?',
  'Which evidence in the input decides the answer?',
  'How would one explain the task to a newcomer?',
  'What must the answer look like, and what must it not contain?',
];

const fields = {
  variants: {
    type: 'number',
    label: 'Variants a round',
    help: 'One for each of so many ways of thinking.',
    min: 2,
    max: 10,
    step: 1,
    default: 5,
  },
  mostDemonstrations: {
    type: 'number',
    label: 'Hard examples in a prompt',
    help: 'Rows that the best prompt gets wrong, shown with their right answers. 0: none.',
    min: 0,
    max: 16,
    step: 1,
    default: 3,
  },
  judge: {
    type: 'choice',
    label: 'How variants are judged',
    choices: [
      { value: 'race', label: 'A race on shared rows' },
      { value: 'single', label: 'A few single questions, other ones for each (the paper)' },
    ],
    default: 'race',
    advanced: true,
  },
  expert: {
    type: 'flag',
    label: 'Try an expert in front',
    help: 'One or two sentences that say who the model is.',
    default: true,
    advanced: true,
  },
  ...roundsField,
  ...commonFields,
} as const satisfies Fields;
type Options = Values<typeof fields>;

/**
 * PromptWizard: variants by ways of thinking in one round; in the next the best prompt is refined after a critique, gets hard examples,
 * and an expert in front. Repaired: variants and polishes race on shared rows instead of being judged on single questions, each polish has
 * to help by itself instead of being appended unseen, and the winner is chosen on unseen rows. Examples are rows of the data: none are
 * invented, and no reasoning is written for them, as the answer has to stand alone here.
 */
export const promptwizard = defineOptimizer({
  id: 'promptwizard',
  version: 8,
  label: 'PromptWizard (2024)',
  description:
    'Rewrites the prompt by different ways of thinking, then polishes the best one with a critique, hard examples and an expert in front. Choose it when a single plain prompt is all that you have.',
  fields,
  plan(values, sizes, calls) {
    const cells = cellsOf(values, sizes.train);
    const words = `${values.variants} variants and ${cells} answers for them`;
    return planAllRows(values, sizes, calls, { cells, texts: Math.max(values.variants, polishes), words });
  },
  *run(context, values) {
    const bench = new Workbench(context, values);
    return yield* searchAllRows(bench, {
      rounds: values.rounds,
      least: Math.max(values.variants, polishes) + cellsOf(values, context.train.length),
      round: (round) =>
        round % 2 === 1 ? mutate(bench, context, values, round) : polish(bench, context, values, round),
    });
  },
});

/** The most cells of a round. */
function cellsOf({ variants, judge }: Options, train: number): number {
  const single = variants * Math.min(train, enoughQuestions) + train;
  return Math.max(raceCells(polishes, train), judge === 'race' ? raceCells(variants, train) : single);
}

const bestOf = (bench: Workbench): Candidate => bench.fullyAsked()[0] ?? bench.bestSeed();

function* mutate(bench: Workbench, context: OptimizerContext, values: Options, round: number): Procedure<RoundResult> {
  const chance = context.random.fork(`round ${round}`);
  const base = bestOf(bench);
  yield* bench.announce({ type: 'round-started', round, good: [base.id], bad: [], examples: [] });
  const drafts = chance
    .fork('styles')
    .sample(styles, values.variants)
    .map((style): Draft => {
      const messages = asked(mutatePrompt, {
        ...frameOf(bench),
        instruction: instructionBlock(bench, base),
        style,
      });
      return {
        messages,
        operator: 'style',
        parents: [base.id],
        why: `Written with the question: ${style}`,
      };
    });
  const made = yield* bench.propose(round, drafts);
  if (made === 'exhausted') return 'exhausted';
  return yield* contest(bench, context, values, { round, base, made, written: made.length, chance });
}

function* polish(bench: Workbench, context: OptimizerContext, values: Options, round: number): Procedure<RoundResult> {
  const chance = context.random.fork(`round ${round}`);
  const base = bestOf(bench);
  const labelled = labelledRows(bench);
  const wrong = chance.fork('mistakes').shuffle(wrongRows(bench, base));
  const shown =
    wrong.length > 0 ? wrong.slice(0, shownMistakes) : chance.sample(bench.book.rows(base.id), shownMistakes);
  yield* bench.announce({ type: 'round-started', round, good: [base.id], bad: [], examples: shown });
  const instruction = instructionOf(base);
  const frame = frameOf(bench);
  const records = recordsBlock(bench, base, shown);
  const critique = yield* bench.write(round, [asked(critiquePrompt, { ...frame, instruction, records })]);
  if (critique === 'exhausted') return 'exhausted';
  const said = critique[0] ? saidIn(critique[0]) : '';
  const refined = { ...frame, instruction: instructionBlock(bench, base), critique: said };
  const drafts: readonly Draft[] = [
    ...(said === ''
      ? []
      : [
          {
            messages: asked(refinePrompt, refined),
            operator: 'refine',
            parents: [base.id],
            why: `Refined after this critique: ${said.slice(0, 300)}`,
          },
        ]),
    ...(values.expert
      ? [
          {
            messages: asked(expertPrompt, { ...frameOf(bench, { isPiece: true }), instruction }),
            operator: 'expert',
            parents: [base.id],
            why: 'With an expert in front.',
            compose: (expert: string) => (instruction.includes(expert) ? instruction : `${expert}\n\n${instruction}`),
          },
        ]
      : []),
  ];
  const seen = new Set(bench.candidates().map(instructionOf));
  const written = drafts.length === 0 ? [] : yield* bench.propose(round, drafts);
  if (written === 'exhausted') return 'exhausted';
  // an old instruction below which other examples stand is another prompt, but no help of the generator
  const fresh = written.filter((candidate) => !seen.has(instructionOf(candidate))).length;
  const hard = labelled.filter(({ example }) => wrong.includes(example.id));
  const count = Math.min(values.mostDemonstrations, context.train.length - 1);
  const examples = drawFilled(hard, labelled, count, chance.fork('examples'), { spread: true, fill: true });
  const why = `With ${counted(examples.length, 'worked example')}, rows that it got wrong first.`;
  const withHard =
    examples.length === 0
      ? undefined
      : yield* bench.introduce(round, withOthers(bench, base, examples, { round, operator: 'hard examples', why }));
  const made = withHard ? [...written, withHard] : written;
  const race: Options = { ...values, judge: 'race' };
  return yield* contest(bench, context, race, { round, base, made, written: fresh, chance });
}

/** The new prompts among each other, and the best of them against the base on all rows. */
function* contest(
  bench: Workbench,
  { train }: OptimizerContext,
  { judge }: Options,
  {
    round,
    base,
    made,
    written,
    chance,
  }: {
    readonly round: number;
    readonly base: Candidate;
    readonly made: readonly Candidate[];
    readonly written: number;
    readonly chance: Random;
  },
): Procedure<RoundResult> {
  if (made.length === 0) return { proposed: 0, note: 'The generator wrote no usable prompt.' };
  const rows = chance.fork('rows').shuffle(train.map(({ id }) => id));
  const order =
    judge === 'race'
      ? yield* raceToAllRows(bench, round, made, rows, { last: 1, reference: bench.bestSeed() })
      : yield* singleQuestions(bench, made, chance.fork('questions'));
  if (order === 'exhausted') return 'exhausted';
  const [first] = order;
  if (!first || !(yield* bench.evaluate([first], rows))) return 'exhausted';
  const accepted = bestOf(bench).id === first.id;
  const reason = accepted
    ? 'The best of this round, and better than the best before on all rows.'
    : 'The best of this round, but no better than the best before on all rows.';
  yield* bench.announce({ type: 'proposal-judged', round, candidate: first.id, accepted, reason });
  const isNew = bestOf(bench).id !== base.id;
  return { proposed: written, note: isNew ? 'A new best prompt.' : 'No new prompt was better than the best so far.' };
}

/** One question after the other, other ones for each prompt, until one is wrong or enough are right; ties by length. */
function* singleQuestions(
  bench: Workbench,
  made: readonly Candidate[],
  random: Random,
): Procedure<readonly Candidate[] | 'exhausted'> {
  const scores = new Map<Candidate, number>();
  for (const candidate of made) {
    const shown = candidate.demos?.examples ?? [];
    const open = bench.context.train.filter(({ id }) => !shown.includes(id));
    const questions = random.sample(open, enoughQuestions).map(({ id }) => id);
    let [right, tried] = [0, 0];
    for (const question of questions) {
      if (!(yield* bench.evaluate([candidate], [question]))) return 'exhausted';
      const result = bench.book.result(candidate.id, question);
      if (result?.type === 'failed') continue;
      tried += 1;
      if (result?.type === 'answered' && result.outcome === 'right') right += 1;
      else break;
      if (right >= enoughRight) break;
    }
    scores.set(candidate, right / Math.max(1, tried));
  }
  return [...made].sort((a, b) => (scores.get(b) ?? 0) - (scores.get(a) ?? 0) || a.prompt.length - b.prompt.length);
}
