import type { ExampleId } from '#core/id.ts';
import { defineOptimizer, type Procedure } from '#core/optimizer.ts';
import { instructionOf, type Candidate } from '#core/prompt.ts';
import type { Random } from '#lib/random.ts';
import { fields, type OproValues } from './opro/fields.ts';
import { contest, contestCells } from './parts/contest.ts';
import { asked } from './parts/fill-meta-prompt.ts';
import { frameOf } from './parts/frame.ts';
import { placedExample } from './parts/meta-prompt-blocks.ts';
import type { Draft } from './parts/proposals.ts';
import { wrongRows } from './parts/records.ts';
import { byRounds, noteOf } from './parts/rounds.ts';
import { affordable, planSampled, sharedRows, type SampledSearch } from './parts/row-sample.ts';
import { standings, type Standing } from './parts/standings.ts';
import { announceVerdicts } from './parts/verdicts.ts';
import { Workbench } from './parts/workbench.ts';

const contestOf = ({ race }: OproValues) => ({ selection: race ? 'race' : 'all', pulls: 1 });
const costsOf = (values: OproValues, seeds: number): SampledSearch => ({
  ...values,
  start: (rows) => contestCells(seeds, rows, contestOf(values)),
  round: (rows) => contestCells(values.proposals, rows, contestOf(values)),
  generatorCalls: values.proposals,
  // its contests are among the new prompts alone, so that only those that are turned down save anything, written twice each
  short: (rows) => ({
    cells: contestCells(Math.ceil(values.proposals / 2), rows, contestOf(values)),
    texts: 2 * values.proposals,
  }),
  beyond: (rounds) => ({ texts: rounds * values.proposals }),
  words: (rows) =>
    `${seeds} starting prompts on up to ${rows} rows, then ${values.proposals} new ones on up to ${rows} rows`,
});

/** OPRO (Yang et al. 2023): the history of scored prompts, in ascending order, is the whole memory of the search. */
export const opro = defineOptimizer({
  id: 'opro',
  version: 9,
  label: 'OPRO (2023)',
  description:
    'Shows the generator all prompts so far in the order of their scores and asks for one that scores higher. Choose it for a plain search with a strong generator.',
  fields,
  plan: (values, sizes, calls) => planSampled(costsOf(values, sizes.seeds), sizes, calls),
  *run(context, values) {
    const bench = new Workbench(context, values);
    const rows = sharedRows(context, costsOf(values, context.seeds.length));
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
    const course = { rounds: values.rounds, rows, best: () => standings(bench)[0]?.candidate };
    const end = yield* byRounds(bench, course, tryOut, function* (round) {
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
        messages: metaPrompt(bench, shown, examples, values),
        operator: 'history',
        // the best one first: it is written from above all, and its worked examples are kept
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
      yield* announceVerdicts(
        bench,
        round,
        made,
        next.map(({ candidate }) => candidate),
        { kept: 'joins the prompts that are shown', dropped: 'not among the prompts that are shown' },
      );
      const best = order[0]?.candidate ?? bench.bestSeed();
      return { best, note: noteOf(made, best), drafts: count, usable: made.length };
    });
    return yield* choose(end.ended, end.reason);
  },
});

/** The best ones above the floor, best first; where all are below, the best all the same: a history has to begin somewhere. */
function shownOf(order: readonly Standing[], { shown, floor }: OproValues): readonly Standing[] {
  const above = order.filter(({ score }) => score >= floor);
  return (above.length > 0 ? above : order).slice(0, shown);
}

function examplesFor(
  bench: Workbench,
  shown: readonly Standing[],
  rows: readonly ExampleId[],
  { exemplars, shownExamples }: OproValues,
  random: Random,
): readonly ExampleId[] {
  const mixed = random.shuffle(rows);
  const best = shown[0]?.candidate;
  if (exemplars === 'random' || !best) return mixed.slice(0, shownExamples);
  const wrong = wrongRows(bench, best, mixed);
  return [...wrong, ...mixed.filter((id) => !wrong.includes(id))].slice(0, shownExamples);
}

const metaPrompt = (
  bench: Workbench,
  shown: readonly Standing[],
  examples: readonly ExampleId[],
  { metaPrompt: text }: OproValues,
): Draft['messages'] =>
  asked(text, {
    ...frameOf(bench),
    history: [...shown]
      .reverse()
      .map(({ candidate, score }) => `Prompt: “${instructionOf(candidate)}”\nScore: ${Math.round(100 * score)} of 100`)
      .join('\n\n'),
    examples: examples.map((id) => placedExample(bench.example(id), bench.context.task)).join('\n\n') || '(none)',
  });
