import { outcomeOf } from '#core/evaluation.ts';
import type { Values } from '#core/fields.ts';
import type { ExampleId } from '#core/id.ts';
import { defineOptimizer, type Procedure } from '#core/optimizer.ts';
import { instructionOf, type Candidate } from '#core/prompt.ts';
import type { Random } from '#lib/random.ts';
import defaultMetaPrompt from './meta-prompts/opro.txt?raw';
import { byRounds, noteOf, roundsField } from './parts/by-rounds.ts';
import { commonFields } from './parts/common-fields.ts';
import { contest, contestCells } from './parts/contest.ts';
import { fillMetaPrompt, metaPromptField } from './parts/fill-meta-prompt.ts';
import { frameOf } from './parts/frame.ts';
import { rightWords } from './parts/measure.ts';
import { placedExample } from './parts/meta-prompt-blocks.ts';
import {
  affordable,
  planSampled,
  rowsField,
  rowsPerPrompt,
  sharedRows,
  type SampledSearch,
} from './parts/row-sample.ts';
import { standings, type Standing } from './parts/standings.ts';
import { Workbench } from './parts/workbench.ts';

const fields = {
  ...roundsField,
  proposals: {
    type: 'number',
    label: 'New prompts per round',
    help: 'All are written from the same history. The paper: 8.',
    min: 1,
    max: 32,
    step: 1,
    default: 4,
  },
  race: {
    type: 'flag',
    label: 'Race the new prompts',
    help: 'The rows double and the worse half leaves. The paper measures each prompt on all rows of its subset.',
    default: true,
  },
  exemplars: {
    type: 'choice',
    label: 'Inputs shown to the generator',
    help: 'The paper shows random ones by default.',
    choices: [
      { value: 'wrong', label: 'Those that the best prompt gets wrong' },
      { value: 'random', label: 'Random, as in the paper' },
    ],
    default: 'wrong',
  },
  shown: {
    type: 'number',
    label: 'How many prompts are shown',
    min: 1,
    max: 100,
    step: 1,
    default: 20,
    advanced: true,
  },
  shownExamples: {
    type: 'number',
    label: 'How many inputs are shown',
    min: 0,
    max: 30,
    step: 1,
    default: 3,
    advanced: true,
  },
  floor: {
    type: 'number',
    label: 'Least score that is shown',
    help: 'Prompts below it are left out of the history, unless all are below.',
    min: 0,
    max: 1,
    step: 0.05,
    default: 0.1,
    advanced: true,
  },
  ...rowsField,
  ...commonFields,
  metaPrompt: metaPromptField(defaultMetaPrompt),
} as const;
type Options = Values<typeof fields>;

const contestOf = ({ race }: Options) => ({ selection: race ? 'race' : 'all', pulls: 1 });
const costsOf = (values: Options, seeds: number): SampledSearch => ({
  ...values,
  start: (rows) => contestCells(seeds, rows, contestOf(values)),
  round: (rows) => contestCells(values.proposals, rows, contestOf(values)),
  generatorCalls: values.proposals,
});

/** OPRO (Yang et al. 2023): the history of scored prompts, in ascending order, is the whole memory of the search. */
export const opro = defineOptimizer({
  id: 'opro',
  version: 1,
  label: 'OPRO (2023)',
  description:
    'Shows the generator all prompts so far in the order of their scores and asks for one that scores higher. Choose it for a plain search with a strong generator.',
  fields,
  plan: (values, sizes, calls) =>
    planSampled(
      costsOf(values, sizes.seeds),
      sizes,
      calls,
      (rows) =>
        `${sizes.seeds} starting prompts on up to ${rows} rows, then ${values.proposals} new ones on up to ${rows} rows, then the finalists on ${sizes.validation} rows`,
    ),
  *run(context, values) {
    const bench = new Workbench(context, values);
    const sizes = { train: context.train.length, validation: context.validation.length };
    const rows = sharedRows(context, rowsPerPrompt(costsOf(values, context.seeds.length), sizes, context.calls));
    const choose = (ended: 'finished' | 'budget-spent', reason: string) =>
      bench.choose(
        ended,
        reason,
        standings(bench).map(({ candidate }) => candidate),
      );
    function* tryOut(round: number, candidates: readonly Candidate[]): Procedure<boolean> {
      const random = context.random.fork(`contest ${round}`);
      return (yield* contest(bench, candidates, { round, rows }, contestOf(values), random)).complete;
    }

    if (!(yield* tryOut(0, context.seeds)))
      return yield* choose('budget-spent', 'The budget ended with the starting prompts.');
    const end = yield* byRounds(bench, values.rounds, tryOut, function* (round) {
      const each = (count: number): number => count + contestCells(count, rows.length, contestOf(values));
      const count = affordable(values.proposals, bench.callsLeft, each);
      if (count === 0) return 'exhausted';
      const shown = shownOf(standings(bench), values);
      const examples = examplesFor(bench, shown, rows, values, context.random.fork(`examples ${round}`));
      yield* bench.announce({
        type: 'round-started',
        round,
        good: shown.map(({ candidate }) => candidate.id),
        bad: [],
        examples,
      });
      const draft = {
        messages: [{ role: 'user' as const, content: metaPrompt(bench, shown, examples, values) }],
        operator: 'history',
        parents: shown.map(({ candidate }) => candidate.id),
      };
      const made = yield* bench.propose(
        round,
        Array.from({ length: count }, () => draft),
        { again: true },
      );
      if (made === 'exhausted' || !(yield* tryOut(round, made))) return 'exhausted';
      const order = standings(bench);
      const next = shownOf(order, values);
      for (const candidate of made) {
        const joins = next.some((standing) => standing.candidate === candidate);
        yield* bench.announce({
          type: 'proposal-judged',
          round,
          candidate: candidate.id,
          accepted: joins,
          reason: `${rightWords(bench, candidate)}: ${joins ? 'joins the prompts that are shown' : 'not among the prompts that are shown'}.`,
        });
      }
      yield* bench.announce({ type: 'archive-changed', round, residents: next.map(({ candidate }) => candidate.id) });
      const best = order[0]?.candidate ?? bench.bestSeed();
      return { best, note: noteOf(made, best), drafts: count, usable: made.length };
    });
    return yield* choose(end.ended, end.reason);
  },
});

/** The best ones above the floor, best first; where all are below, the best all the same: a history has to begin somewhere. */
function shownOf(order: readonly Standing[], { shown, floor }: Options): readonly Standing[] {
  const above = order.filter(({ score }) => score >= floor);
  return (above.length > 0 ? above : order).slice(0, shown);
}

function examplesFor(
  { book }: Workbench,
  shown: readonly Standing[],
  rows: readonly ExampleId[],
  { exemplars, shownExamples }: Options,
  random: Random,
): readonly ExampleId[] {
  const mixed = random.shuffle(rows);
  const best = shown[0]?.candidate;
  if (exemplars === 'random' || !best) return mixed.slice(0, shownExamples);
  const isWrong = (id: ExampleId): boolean => {
    const result = book.result(best.id, id);
    return result !== undefined && !['right', 'failed'].includes(outcomeOf(result));
  };
  return [...mixed.filter(isWrong), ...mixed.filter((id) => !isWrong(id))].slice(0, shownExamples);
}

const metaPrompt = (
  bench: Workbench,
  shown: readonly Standing[],
  examples: readonly ExampleId[],
  { metaPrompt: text }: Options,
): string =>
  fillMetaPrompt(text, {
    ...frameOf(bench),
    history: [...shown]
      .reverse()
      .map(({ candidate, score }) => `Prompt: “${instructionOf(candidate)}”\nScore: ${Math.round(100 * score)} of 100`)
      .join('\n\n'),
    examples: examples.map((id) => placedExample(bench.example(id), bench.context.task)).join('\n\n') || '(none)',
  });
