import type { Values } from '#core/fields.ts';
import { defineOptimizer } from '#core/optimizer.ts';
import type { Candidate } from '#core/prompt.ts';
import defaultMetaPrompt from './meta-prompts/ape.txt?raw';
import { aboutTask, tellTaskField } from './parts/about-task.ts';
import { commonFields } from './parts/common-fields.ts';
import { contest, contestCells, contestField, shortContestCells } from './parts/contest.ts';
import { asked, metaPromptField } from './parts/fill-meta-prompt.ts';
import { pairBlock } from './parts/meta-prompt-blocks.ts';
import { paraphrase, paraphraseField } from './parts/paraphrase.ts';
import type { Draft } from './parts/proposals.ts';
import { byRounds, noteOf, roundsField } from './parts/rounds.ts';
import { affordable, planSampled, rowsField, sharedRows, type SampledSearch } from './parts/row-sample.ts';
import { announceVerdicts, notAmong } from './parts/verdicts.ts';
import { Workbench } from './parts/workbench.ts';

const fields = {
  ...roundsField,
  proposals: {
    type: 'number',
    label: 'New prompts per round',
    help: 'The paper writes 50 at once and stops.',
    min: 1,
    max: 64,
    step: 1,
    default: 6,
  },
  pairs: {
    type: 'number',
    label: 'Rows shown at a time',
    help: 'Each new prompt is guessed from other rows, shown with their right answers.',
    min: 1,
    max: 30,
    step: 1,
    default: 5,
  },
  resample: {
    type: 'flag',
    label: 'Vary the best prompts',
    help: 'Every other round writes the best prompts in other words instead of guessing anew, which the paper has as an extension.',
    default: true,
    advanced: true,
  },
  ...tellTaskField,
  ...contestField,
  ...rowsField,
  ...commonFields,
  metaPrompt: metaPromptField(defaultMetaPrompt),
  ...paraphraseField,
} as const;
type Options = Values<typeof fields>;

/** Prompts of before that new ones have to beat. */
const keptOf = ({ finalists }: Options): number => Math.max(2, finalists);

const costsOf = (values: Options, seeds: number): SampledSearch => ({
  ...values,
  start: (rows) => contestCells(seeds, rows, values),
  round: (rows) => contestCells(values.proposals + keptOf(values), rows, values),
  generatorCalls: values.proposals,
  short: (rows) => ({ cells: shortContestCells(values.proposals, rows, values), texts: values.proposals }),
  beyond: (rounds) => ({ texts: rounds * values.proposals }),
  words: (rows) =>
    `${seeds} starting prompts on up to ${rows} rows, then ${values.proposals} new ones against the best of before on up to ${rows} rows`,
});

/** APE (Zhou et al. 2022): instructions are guessed from inputs and outputs, so that no good starting prompt is needed. */
export const ape = defineOptimizer({
  id: 'ape',
  version: 9,
  label: 'APE (2022)',
  description:
    'Guesses the instruction from rows and their right answers. Choose it when you have good rows and no good prompt to begin with.',
  fields,
  plan: (values, sizes, calls) => planSampled(costsOf(values, sizes.seeds), sizes, calls),
  *run(context, values) {
    const bench = new Workbench(context, values);
    const rows = sharedRows(context, costsOf(values, context.seeds.length));
    let order: readonly Candidate[] = [];
    /** The best of before meet the new ones. */
    function* meet(round: number, fresh: readonly Candidate[]) {
      const pool = [...order.slice(0, keptOf(values)), ...fresh];
      const told = yield* contest(bench, pool, { round, rows }, values, context.random.fork(`contest ${round}`));
      order = [...told.order, ...order.filter((candidate) => !pool.includes(candidate))];
      return told.complete;
    }
    if (!(yield* meet(0, context.seeds)))
      return yield* bench.choose('budget-spent', 'The budget ended with the starting prompts.', order);

    const course = { rounds: values.rounds, rows, best: () => order[0] };
    const end = yield* byRounds(bench, course, meet, function* (round) {
      const kept = order.slice(0, keptOf(values));
      const each = (count: number): number => count + contestCells(count + kept.length, rows.length, values);
      const count = affordable(values.proposals, bench.callsLeft, each);
      if (count === 0) return 'exhausted';
      const random = context.random.fork(`round ${round}`);
      const about = aboutTask(bench, values.tellTask);
      const isGuess = round % 2 === 1 || !values.resample;
      const drawn = Array.from({ length: isGuess ? count : 0 }, () => random.sample(context.train, values.pairs));
      yield* bench.announce({
        type: 'round-started',
        round,
        good: isGuess ? [] : kept.map(({ id }) => id),
        bad: [],
        examples: [...new Set(drawn.flat().map(({ id }) => id))],
      });
      const guesses = drawn.map((examples): Draft => {
        const pairs = examples.map((example) => pairBlock(example, context.task)).join('\n\n');
        return { messages: asked(values.metaPrompt, { ...about, pairs }), operator: 'induction', parents: [] };
      });
      const variations = Array.from({ length: isGuess ? 0 : count }, (_, place) => kept[place % kept.length]).flatMap(
        (best) => (best ? [paraphrase(best, values.paraphrasePrompt, about)] : []),
      );
      const made = yield* bench.propose(round, [...guesses, ...variations], { again: true });
      if (made === 'exhausted' || !(yield* meet(round, made))) return 'exhausted';
      const best = order[0] ?? bench.bestSeed();
      const words = { kept: 'among the best so far', dropped: notAmong };
      yield* announceVerdicts(bench, round, made, order.slice(0, keptOf(values)), words);
      return { best, note: noteOf(made, best), drafts: count, usable: made.length };
    });
    return yield* bench.choose(end.ended, end.reason, order);
  },
});
